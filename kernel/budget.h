/* SPDX-License-Identifier: MIT */
/*
 * A budget: the right to run. Each thread has a home budget; a call lends the caller's chain's
 * budget to the server. Where a budget is:
 *   READY   in sched's queue of its priority (the running budget too, at the head)
 *   PARKED  in thread->parked of the blocked thread where its chain ends, or in sched's limbo: its
 *           chain may be runnable again and sched looks at it soon
 *   IDLE    nowhere: its thread is new or being destroyed
 */
#ifndef BUDGET_H
#define BUDGET_H

#include "kernel.h"

enum budget_place { BUDGET_IDLE, BUDGET_READY, BUDGET_PARKED };

struct budget {
    struct list node;
    uint8_t place;    /* enum budget_place */
    uint8_t priority; /* 0 lowest .. 63 */
    uint16_t reserved;
    uint32_t quantum_us;
    uint64_t quantum; /* TSC cycles */
    uint64_t left;    /* of the quantum, cycles */
    uint64_t used;    /* cycles in all */
};

#define BUDGET_QUANTUM_US 10000

void budget_init(struct budget *budget, unsigned priority);
void budget_set_quantum(struct budget *budget, uint32_t microseconds);
struct thread *budget_home(struct budget *budget);

#endif
