/* SPDX-License-Identifier: MIT */
/*
 * Which slots of this program's handle table are in use. Every kernel call that makes a handle
 * names its slot; this keeps the account, for all threads of the program.
 */
#ifndef IRIS_LIB_SLOTS_H
#define IRIS_LIB_SLOTS_H

#include <stdint.h>

/* A free slot, now reserved, that a message can fill; or -ENOMEM. Slots below IRIS_SLOT_FREE are
   never given. */
int iris_slot_alloc(void);

/* Gives a slot back. Its handle must be closed or moved away already. */
void iris_slot_free(uint32_t slot);

/* Takes all slots below `first` out of use: once, at the start of a program that finds more slots
   filled than ordinary ones do (root: IRIS_SLOT_ROOT_FREE). */
void iris_slot_reserve_below(uint32_t first);

/* Takes one slot out of use that the program has found filled, until it is freed. */
void iris_slot_take(uint32_t slot);

/* Closes a handle and gives its slot back; 0 and well-known slots are only closed. */
void iris_handle_discard(uint32_t slot);

/* How many slots are reserved at the moment (tests look for leaks). */
unsigned iris_slots_used(void);

#endif
