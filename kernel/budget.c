/* SPDX-License-Identifier: MIT */
#include "budget.h"

#include "arch.h"
#include "thread.h"

void budget_init(struct budget *budget, unsigned priority)
{
    list_init(&budget->node);
    budget->timer.is_budget = true;
    budget->place = BUDGET_IDLE;
    budget->priority = budget->normal = (uint8_t)priority;
    budget->spare = IRIS_PRIORITY_NONE;
    budget_set(budget, BUDGET_QUANTUM_US, 0, 0);
}

/* Its first period begins now. */
void budget_set(struct budget *budget, uint32_t quantum_us, uint32_t period_us, uint64_t now)
{
    budget->quantum = arch_ns_to_cycles(quantum_us * 1000ull);
    budget->period = arch_ns_to_cycles(period_us * 1000ull);
    budget->next = now + budget->period;
    budget->left = (int64_t)budget->quantum;
}

/* Has the next period begun? Compared by difference: the counter may wrap. */
static bool is_over(const struct budget *budget, uint64_t now)
{
    return (int64_t)(now - budget->next) >= 0;
}

/*
 * A new quantum, less what the last was overrun by, so that a timer that fires late gives nothing
 * away; but never less than half. Periods follow each other without a gap, so that guarantees do
 * not drift, unless a whole one was missed.
 */
void budget_replenish(struct budget *budget, uint64_t now)
{
    int64_t quantum = (int64_t)budget->quantum, overrun = min(budget->left, 0);

    if (!is_over(budget, now))
        return;
    budget->next += budget->period;
    if (is_over(budget, now))
        budget->next = now + budget->period;
    budget->left = quantum + max(overrun, -quantum / 2);
}

void budget_charge(struct budget *budget, uint64_t now, uint64_t spent)
{
    uint64_t after = 0; /* of it, in the new period */

    budget->used += spent;
    if (budget_is_limited(budget) && is_over(budget, now))
        after = min(spent, now - budget->next);
    budget->left -= (int64_t)(spent - after);
    if (budget_is_limited(budget))
        budget_replenish(budget, now);
    budget->left -= (int64_t)after;
}

struct thread *budget_home(struct budget *budget)
{
    return container_of(budget, struct thread, budget);
}
