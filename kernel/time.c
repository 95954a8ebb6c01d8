/* SPDX-License-Identifier: MIT */
#include "time.h"

#include "arch.h"
#include "ipc.h"
#include "sched.h"

#define EXPIRE_STEP 16 /* timers fired in one interrupt; the rest in the next, at once */

static struct tree_node *timers; /* in the order of their deadlines */

void time_insert(struct timer *timer, uint64_t deadline)
{
    assert(!timer->armed);
    timer->armed = true;
    tree_insert(&timers, &timer->node, deadline);
    cpu.attention |= CPU_TIMER;
}

void time_remove(struct timer *timer)
{
    tree_remove(&timers, &timer->node);
    timer->armed = false;
}

void time_expire(void)
{
    uint64_t now = arch_now();

    for (unsigned i = 0; i < EXPIRE_STEP; i++) {
        struct tree_node *first = tree_find(timers, 0);
        if (!first || first->order > now)
            return;
        struct timer *timer = container_of(first, struct timer, node);
        time_remove(timer);
        if (timer->is_budget)
            sched_replenish(container_of(timer, struct budget, timer));
        else
            ipc_timeout(container_of(timer, struct thread, timer));
    }
}

uint64_t time_next(void)
{
    const struct tree_node *first = tree_find(timers, 0);

    if (!first)
        return ~0ull;
    uint64_t now = arch_now();
    return first->order > now ? arch_ns_to_cycles(first->order - now) : 0;
}
