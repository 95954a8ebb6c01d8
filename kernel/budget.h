/* SPDX-License-Identifier: MIT */
/*
 * A budget: the right to run. Each thread has a home budget; a call lends the caller's chain's
 * budget to the server. Where a budget is:
 *   READY     in sched's queue of its priority (the running budget too, at the head)
 *   PARKED    in thread->parked of the blocked thread where its chain ends, or in sched's limbo:
 *             its chain may be runnable again and sched looks at it soon
 *   DEPLETED  nowhere until `timer` fires: its period's quantum is used up
 *   IDLE      nowhere: its thread is new or being destroyed
 *
 * Without a period the quantum is its turn among those of the same priority. With one it is both
 * guarantee and limit: so much of each period. Once that is used up, `timer` is armed for the next
 * period, and until then the budget is DEPLETED or, if it has a spare priority, goes on at that,
 * with the quantum as its turn.
 */
#ifndef BUDGET_H
#define BUDGET_H

#include "object.h"
#include "time.h"

enum budget_place { BUDGET_IDLE, BUDGET_READY, BUDGET_PARKED, BUDGET_DEPLETED };

struct budget {
    struct list node;
    struct timer timer;     /* armed: depleted; the next period begins */
    struct entry scheduler; /* portal: told when it is depleted, and of its end */
    uint8_t place;          /* enum budget_place */
    uint8_t priority;       /* 0 lowest .. 63: where it stands now */
    uint8_t normal;         /* while not depleted */
    uint8_t spare;          /* while depleted; IRIS_PRIORITY_NONE: it does not run */
    uint32_t depletions;    /* counted */
    uint64_t quantum;       /* TSC cycles */
    uint64_t period;        /* TSC cycles; 0: none */
    uint64_t next;          /* TSC when the next period begins */
    int64_t left;           /* of the quantum, cycles; negative: overrun */
    uint64_t used;          /* cycles accounted; up to now: sched_used() */
};

#define BUDGET_QUANTUM_US 10000
#define BUDGET_QUANTUM_LEAST_US 100
#define BUDGET_PERIOD_MOST_US 10000000

void budget_init(struct budget *budget, unsigned priority);
void budget_set(struct budget *budget, uint32_t quantum_us, uint32_t period_us, uint64_t now);
/* It ran for `spent` cycles until `now`; its next period may have begun meanwhile. */
void budget_charge(struct budget *budget, uint64_t now, uint64_t spent);
void budget_replenish(struct budget *budget, uint64_t now);
struct thread *budget_home(struct budget *budget);

/* Its time is limited at the moment: by its period, and not by others' turns. */
static inline bool budget_is_limited(const struct budget *budget)
{
    return budget->period && !budget->timer.armed;
}

#endif
