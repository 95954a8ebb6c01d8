/* SPDX-License-Identifier: MIT */
/*
 * Timers: deadlines of blocked threads, and replenishments of budgets. Times are ns since boot, as
 * the vDSO's clock gives them.
 */
#ifndef TIME_H
#define TIME_H

#include "tree.h"

/* In the TCB or in its budget. */
struct timer {
    struct tree_node node; /* ordered by the deadline, ns */
    bool armed;
    bool is_budget; /* fires at its budget, not at the thread that waits */
};

void time_insert(struct timer *timer, uint64_t deadline);
void time_remove(struct timer *timer);

static inline void time_cancel(struct timer *timer)
{
    if (timer->armed)
        time_remove(timer);
}

void time_expire(void);   /* fires the timers whose deadline has passed */
uint64_t time_next(void); /* TSC cycles until the first deadline; ~0: none */

#endif
