/* SPDX-License-Identifier: MIT */
/* Deadlines of blocked threads. Times are ns since boot, as the vDSO's clock gives them. */
#ifndef TIME_H
#define TIME_H

#include "thread.h"

void time_arm(struct thread *thread, uint64_t deadline);
void time_disarm(struct thread *thread);
void time_expire(void);   /* ends the waits whose deadline has passed */
uint64_t time_next(void); /* TSC cycles until the first deadline; ~0: none */

#endif
