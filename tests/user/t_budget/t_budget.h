/* SPDX-License-Identifier: MIT */
#ifndef T_BUDGET_H
#define T_BUDGET_H

#include "twin.h"

#define UTCB_FIRST (BARE_UTCB_FIRST + 1)
#define MS 1000000ull

/* Works, as the clock tells, for some time. */
void burn(uint64_t ns);
/* The record of one thread, as it is now. `space` 0: the own. */
struct iris_thread_info look(uint32_t space, uint32_t utcb_slot);
/* Time its home budget has used up to now. */
uint64_t used(uint32_t space, uint32_t utcb_slot);

void test_chain(bool exact);   /* row 37: three spaces' worth of activations, one budget */
void test_whose(void);         /* "whose budget?": every case; rows 39, 41 */
void test_inversion(void);     /* attack 18 */
void test_counter(unsigned n); /* row 18 */
/* A chain that stays as it is until the program is killed, for `ps`. */
int hold_chain(void);

#endif
