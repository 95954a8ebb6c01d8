/* SPDX-License-Identifier: MIT */
/*
 * What the log keeps: the first bytes for good (the boot), the latest in a ring. A cursor counts
 * bytes since the beginning. Portable: tests/host compiles it too.
 */
#ifndef LOG_STORE_H
#define LOG_STORE_H

#include <stdint.h>

#define STORE_BOOT 16384u
#define STORE_RING 32768u

void store_add(const char *bytes, uint32_t count);

/*
 * A run of bytes kept, at *cursor or, if that is gone, at the oldest after it, to which *cursor
 * then moves. Returns how many there are, 0 at the end.
 */
uint32_t store_at(uint32_t *cursor, const char **bytes);

#endif
