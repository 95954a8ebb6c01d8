/* SPDX-License-Identifier: MIT */
#ifndef T_STATE_H
#define T_STATE_H

#include "twin.h"

#define UTCB_SUBJECT (BARE_UTCB_FIRST + 1) /* of the thread that is examined */
#define UTCB_SERVER (BARE_UTCB_FIRST + 2)
#define ALL_OF_IT (IRIS_STATE_WRITE & ~IRIS_STATE_PORT)

static inline int exchange(const struct bare *bare, uint32_t selector, struct iris_state *state)
{
    return (int)iris_thread_exchange_registers(bare->handle, selector, state);
}

/* Stops the thread where it is, reads it, destroys it, and makes another one that goes on in its
   place, in the same UTCB slot, bound to `port` (a handle; 0: none). `state` tells what was read.
 */
bool reborn(struct bare *bare, uint32_t space, uint32_t port, struct iris_state *state);

void test_refusals(void);           /* who may, and what may be written: attacks 23 and 24 */
void test_moments(unsigned rounds); /* reborn in each state */
void test_halting(void);            /* halted, resumed and cancelled in each state */
void test_processor(void);          /* FPU and SSE state, flags, self */
void test_faults(void);             /* faulting threads, and rows 32-34 */
void test_long_calls(void);         /* in the middle of a long call */

#endif
