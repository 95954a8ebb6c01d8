/* SPDX-License-Identifier: MIT */
/* Deadlines of blocked threads. Times are ns since boot, as the vDSO's clock gives them. */
#ifndef TIME_H
#define TIME_H

#include "thread.h"

void time_insert(struct thread *thread, uint64_t deadline);
void time_remove(struct thread *thread);

static inline void time_arm(struct thread *thread, uint64_t deadline)
{
    if (deadline != IRIS_DEADLINE_NONE)
        time_insert(thread, deadline);
}

static inline void time_disarm(struct thread *thread)
{
    if (thread->timed)
        time_remove(thread);
}

void time_expire(void);   /* ends the waits whose deadline has passed */
uint64_t time_next(void); /* TSC cycles until the first deadline; ~0: none */

#endif
