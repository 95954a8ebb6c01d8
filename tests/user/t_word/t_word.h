/* SPDX-License-Identifier: MIT */
#ifndef T_WORD_H
#define T_WORD_H

#include <iris/sync.h>

#include "twin.h"

#define MS 1000000ull
#define UTCB_FIRST (BARE_UTCB_FIRST + 1)
#define SLEEPERS 8
#define FAR 0x60000000u

/* A page of words that only these tests use. */
extern uint32_t page[IRIS_PAGE_SIZE / 4];

/* A thread that sleeps once on some words and notes what came of it. */
struct sleeper {
    struct bare *bare;
    struct iris_word words[IRIS_WORDS_WAIT_MAX];
    uint32_t count;
    uint64_t deadline;
    volatile int result;
    volatile uint32_t place; /* in the order of waking, from 1; 0: not yet */
};
extern struct sleeper sleepers[SLEEPERS];
extern volatile uint32_t awake; /* how many have woken */

int wait_words(const struct iris_word *words, uint32_t count, uint64_t deadline);
void sleep_once(void *sleeper); /* a thread's function */
/* Sleeper i, its thread not made yet. */
struct sleeper *prepare(unsigned i, const struct iris_word *words, uint32_t count,
                        uint64_t deadline);
/* Starts sleeper i of the own space on one word, and waits until it sleeps. */
bool launch(unsigned i, uint32_t *word);
bool launch_words(unsigned i, const struct iris_word *words, uint32_t count, uint64_t deadline);
bool is_asleep(unsigned i);
bool wait_awake(unsigned i); /* until its place is known */
void finish(void);           /* destroys all sleepers */

void check_arguments(void);
void check_sleep(void);
void check_order(void);
void check_spaces(void);
void check_unmap(void);
void check_ends(void);
void check_chain(void);
void check_rounds(unsigned rounds);
void check_locks(unsigned rounds);

#endif
