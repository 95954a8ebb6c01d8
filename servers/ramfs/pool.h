/* SPDX-License-Identifier: MIT */
/*
 * The file system's memory: pages in chunks of the memory service. A chunk without a used page goes
 * back, so the server has as much as there is in its files. Portable; tests/host takes and gives.
 */
#ifndef RAMFS_POOL_H
#define RAMFS_POOL_H

#include <stdbool.h>
#include <stdint.h>

#define POOL_CHUNK_PAGES 32u

/* A zeroed page; NULL: there are `pool_most` already, or the machine has no more. */
void *pool_take(void);
void pool_give(void *page);

extern uint32_t pool_used, pool_most; /* pages */

/* Where chunks come from: zeroed, page-aligned. */
void *pool_chunk_take(void);
bool pool_chunk_give(void *chunk); /* false: not possible now; it stays */

#endif
