/* SPDX-License-Identifier: MIT */
#ifndef SCALE_H
#define SCALE_H

#include <stddef.h>

#include "bench_clock.h"
#include "kit.h"

#define PAGE IRIS_PAGE_SIZE

/* ---- A farm: spaces that show this program's memory, full of threads that wait ---- */

#define FARM_SPACES 2u
#define FARM_THREADS 5120u /* in each */

/* More threads, until there are `count`: each runs function(argument), at our priority or, `below`,
   at the next lower one: then it is ready and does not run. False: it can't be. */
bool farm_grow(unsigned count, bool below, void (*function)(void *argument), void *argument);
void farm_free(void);
/* Puts a copy of a handle into the tables of the farm's spaces. */
bool farm_give(uint32_t handle, uint32_t slot, uint32_t rights);

bool farm_make(void);

/* A space that shows this program's memory, with that many kernel pages. */
bool space_make(uint32_t slot, uint32_t pages);

/* ---- What is measured, whatever is in existence ---- */

bool work_begin(void); /* the server and the other thread that are measured */
void work_measure(const char *kind, unsigned count);
void work_queue(uint32_t port, unsigned count); /* a server with so many queued callers */
void work_end(void);

#define REPORT(kind, count, work, value)                                                           \
    test_metric("scaling_cost", (value), "instructions", "kind=%s count=%u work=%s", (kind),       \
                (count), (work))

#endif
