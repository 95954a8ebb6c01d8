/* SPDX-License-Identifier: MIT */
/*
 * What the kernel's test programs share: slots, ports with their portals, messages with a pattern,
 * bare threads, and waiting for a state instead of for a time.
 */
#ifndef TESTS_KIT_H
#define TESTS_KIT_H

#include <stdbool.h>
#include <stdint.h>

#include <iris/calls.h>
#include <iris/ipc.h>
#include <iris/object.h>
#include <iris/startup.h>
#include <iris/state.h>
#include <iris/vdso.h>

#include "slots.h"
#include "test.h"
#include "thread.h"

/* ---- Slots, numbers, time ---- */

/* A free slot; ends the program if there is none, because then no test makes sense. */
uint32_t kit_slot(void);

/* argv[1] as a number, or what is usual. */
unsigned kit_rounds(int argc, char *argv[], unsigned usual);

/* A point in time for a deadline that only a hang would reach. */
uint64_t kit_soon(uint32_t milliseconds);
#define KIT_PATIENCE 20000u /* ms */

struct iris_space_info kit_space(uint32_t space);
/* Kernel pages the own space may still use. */
uint32_t kit_pages_left(void);
uint32_t kit_priority(void);

/* Id of the object behind a handle, 0 if the slot is empty; `type` may be NULL. */
uint32_t kit_object(uint32_t handle, uint32_t *type);

/* Lets others run until the thread with this UTCB slot of a space (0: the own) is in the state, or
   is gone (IRIS_THREAD_DEAD). False: it never was. */
bool kit_wait_state(uint32_t space, uint32_t utcb_slot, enum iris_thread_state state);
/* The same for a word that another thread sets. */
bool kit_wait_word(const volatile uint32_t *word, uint32_t value);

/* The kernel checks all its structures, as they are at this moment; `when` says what is going on.
 */
void kit_audit(const char *when);

/* xorshift32: the same numbers everywhere. */
uint32_t kit_random(uint32_t *state);

/* ---- A port, the server's portal to it, and one for a client ---- */

struct rig {
    uint32_t port, own, client; /* slots */
};

/* The client's copy may CALL, NOTIFY and be copied. */
bool rig_make(struct rig *rig, uint32_t badge, uint32_t mask);
void rig_free(struct rig *rig);

/* ---- Messages ---- */

uint32_t message_word(const struct iris_message *m, unsigned index);
void message_set(struct iris_message *m, unsigned index, uint32_t value);
/* `words` words that follow from the seed, each different. */
void message_fill(struct iris_message *m, uint32_t label, unsigned words, uint32_t seed);
/* How many of these words are wrong, each XORed with `mask`; the count of words counts too. */
unsigned message_wrong(const struct iris_message *m, unsigned words, uint32_t seed, uint32_t mask);
/* XORs all words of a message that came in and makes it an answer: label 0, same words. */
void message_answer(struct iris_message *m, uint32_t mask);

/* ---- Threads without library, in any space that maps this program's memory ---- */

#define BARE_STACK 4096

struct bare {
    struct iris_thread_block block __attribute__((aligned(IRIS_THREAD_BLOCK_ALIGN)));
    uint8_t stack[BARE_STACK] __attribute__((aligned(16)));
    uint32_t handle; /* of the thread; 0: not made */
    uint32_t utcb_slot;
};

#define BARE_UTCB_FIRST 256u /* the library takes UTCB slots from below */

/* thread_create with the next UTCB slot; not started. `space` 0: the own. */
int bare_create(struct bare *bare, uint32_t space, uint32_t utcb_slot);
int bare_start(struct bare *bare, void (*function)(void *), void *argument);
/* Both. */
int bare_run(struct bare *bare, uint32_t space, uint32_t utcb_slot, void (*function)(void *),
             void *argument);
/* Destroys the thread, if it still lives, and closes the handle. */
void bare_end(struct bare *bare);

#endif
