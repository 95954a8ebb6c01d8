/* SPDX-License-Identifier: MIT */
/*
 * A twin: a child space that shows this program's memory at the same addresses, but has a handle
 * table, threads and portals of its own. So a function of this program can run in another space, or
 * be sacrificed there: pager, exception portal and exit portal of the twin are this program's.
 *
 * What a twin's thread runs must not use the C library (its files and locks are this space's).
 */
#ifndef TESTS_TWIN_H
#define TESTS_TWIN_H

#include <stddef.h>

#include "kit.h"

#define TWIN_THREADS 4
#define TWIN_PAGES 32 /* kernel pages it gets: directory, tables, handles, threads, mappings */

/* How a thread of the twin ended. */
struct twin_end {
    bool hung;                         /* it did not, as long as patience lasted */
    uint32_t reason, code;             /* of IRIS_EVENT_EXIT */
    unsigned exceptions;               /* messages about them */
    struct iris_exception first, last; /* the first and the last of them */
};

struct twin {
    uint32_t space, port, pager, exception, exit; /* slots */
    unsigned served, refused;                     /* page faults */
    uint32_t patience;                            /* ms; 0: KIT_PATIENCE */
    /* Asked for each exception: true lets the thread try again. NULL: none does. */
    bool (*judge)(struct twin *twin, const struct iris_exception *exception);
    struct bare threads[TWIN_THREADS];
    uint32_t ids[TWIN_THREADS]; /* of threads whose end is waited for; 0: none */
};

/* `whole`: maps all of the program at once; otherwise page by page as faults come in, for which
   somebody has to be in twin_wait. */
bool twin_make(struct twin *twin, bool whole);
void twin_free(struct twin *twin);

/* Puts a copy of a handle into the twin's table. */
int twin_give(struct twin *twin, uint32_t handle, uint32_t slot, uint32_t rights);

int twin_start(struct twin *twin, unsigned thread, void (*function)(void *), void *argument);

/* In two steps: make the thread, then bare_start(&twin->threads[thread], ...). */
int twin_create(struct twin *twin, unsigned thread);

/* Serves page faults and exceptions until one of the twin's threads has ended. */
struct twin_end twin_wait(struct twin *twin);

/* Start, wait, and clean up after the thread. */
struct twin_end twin_run(struct twin *twin, void (*function)(void *), void *argument);

/* The program's own memory, first and one past the last byte. */
uint32_t twin_memory_begin(void);
uint32_t twin_memory_end(void);

#endif
