/* SPDX-License-Identifier: MIT */
#ifndef T_MUTANTS_H
#define T_MUTANTS_H

#include "twin.h"

#define UTCB_FIRST (BARE_UTCB_FIRST + 1)
#define THREADS 4
#define MS 1000000ull

extern struct bare threads[THREADS];
extern struct rig rig; /* the main thread's port, or that of threads[0] */

/* Thread `i` runs a function; its UTCB slot is UTCB_FIRST + i. */
bool launch(unsigned i, void (*function)(void *), void *argument);
/* Priority of a thread, relative to what the program began with. */
void set_priority(uint32_t thread, int offset);
/* A new thread at such a priority runs a function. */
bool launch_at(unsigned i, int offset, void (*function)(void *), void *argument);
/* Threads and rig go; the main thread is bound to no port. */
void clean_up(void);

struct iris_thread_info thread_info(uint32_t utcb_slot);
/* Nanoseconds charged to a thread's budget. */
uint64_t time_of(uint32_t utcb_slot);
void spin(uint64_t nanoseconds);

void test_deadlines(void);
void test_disconnect(void);
void test_messages(void);
void test_over(void);
void test_memory(void);
void test_priority(void);
void test_helping(void);
void test_time(void);
void test_registers(void);

#endif
