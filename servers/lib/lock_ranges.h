/* SPDX-License-Identifier: MIT */
/*
 * The locked bytes of whoever locks: ranges of files, split and joined as POSIX has it (fcntl).
 * Each has a fixed number of them, so nobody can use up another's. Portable; tests/host locks and
 * unlocks.
 */
#ifndef IRIS_LIB_LOCK_RANGES_H
#define IRIS_LIB_LOCK_RANGES_H

#include <stdbool.h>
#include <stdint.h>

#define LOCK_RANGES_MAX 32u

struct lock_range {
    const void *node; /* which file */
    uint32_t start, last;
    bool exclusive;
};

/* No two of the same file overlap, and those of one kind do not touch. */
struct lock_ranges {
    uint32_t count;
    struct lock_range range[LOCK_RANGES_MAX];
};

/* These bytes become locked that way, or not at all: 0; or -ENOLCK, and nothing has changed. To
   unlock a whole file always works. */
int lock_ranges_set(struct lock_ranges *ranges, const struct lock_range *wanted, bool locked);

/* The first of these ranges that another owner's wish cannot go with; NULL: there is none. */
const struct lock_range *lock_ranges_hinder(const struct lock_ranges *ranges,
                                            const struct lock_range *wanted);

/* Forgets all of a file. */
void lock_ranges_forget(struct lock_ranges *ranges, const void *node);

#endif
