/* SPDX-License-Identifier: MIT */
/*
 * Small blocks of memory, of a few sizes each page by page, so that what was freed goes back: the
 * memory of a file system is as much as there is in it. Portable; tests/host takes and frees.
 */
#ifndef RAMFS_SLAB_H
#define RAMFS_SLAB_H

#include <stdint.h>

#define SLAB_MOST 1024u /* bytes of the largest block */

/* Zeroed; NULL: no memory, or too large. Pages are the pool's. */
void *slab_alloc(uint32_t size);
void slab_free(void *block);

#endif
