/* SPDX-License-Identifier: MIT */
/* Shared by the parts of t_sched: main stands above all threads that it lets loose. */
#ifndef T_SCHED_H
#define T_SCHED_H

#include <stddef.h>

#include "kit.h"

#define MS 1000000ull
#define US 1000ull
#define NONE IRIS_PRIORITY_NONE
enum { LOW = 8, MIDDLE = 10, HIGH = 12, TOP = 20 }; /* priorities; main's is TOP */

/* What iris_thread_schedule is told, times in ms. */
struct terms {
    uint32_t priority, quantum, period, spare, portal;
};
int terms_set(uint32_t thread, struct terms terms);

/* A thread with its terms, started. */
bool run_on(struct bare *bare, uint32_t utcb_slot, struct terms terms, void (*function)(void *),
            void *argument);

/* A thread of the own space, its time accounted until now. */
struct iris_thread_info look(uint32_t utcb_slot);

/* Sleeps until the thread is in that state; false: it never was. */
bool reaches(uint32_t utcb_slot, enum iris_thread_state state);

/* Main gives the processor away until then. */
void sleep_until(uint64_t deadline);
void sleep_for(uint64_t ns);

/* Counts in *argument, a volatile uint32_t, for ever. */
void spin(void *argument);

void test_limits(void);
void test_news(void);
void test_help(void);
void test_crowd(void);
void test_lend(void);
void test_hostile(void);
void test_domains(void);
/* Under icount only: the figures are exact there. */
void test_exact(void);

#endif
