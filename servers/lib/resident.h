/* SPDX-License-Identifier: MIT */
/* Bringing in all of a program's pages at its start. */
#ifndef IRIS_LIB_RESIDENT_H
#define IRIS_LIB_RESIDENT_H

#include <stdint.h>

/*
 * Programs are paged on demand. Those that are always there (servers, the shell) take what they
 * will need at once: their segments, 16 KiB of the main thread's stack, and heap_bytes for malloc.
 * So a server does not wait for a page in the middle of a request, and what it has does not change
 * with the first use of each corner of it: tests that compare the counts of `audit` would see a
 * leak.
 */
void iris_resident(uint32_t heap_bytes);

/* The same for so many bytes of the calling thread's stack, from where it stands. */
void iris_resident_stack(uint32_t bytes);

#endif
