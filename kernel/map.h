/* SPDX-License-Identifier: MIT */
/*
 * Mappings of user pages and how they derive from each other. A record per mapped page; its parent
 * is the mapping it was made from, NULL when made from physical memory (then the frame's list is
 * its sibling list). Unmapping a record unmaps everything below it first, leaf by leaf.
 *
 * What makes every step bounded: derivations are 31 deep at most, and of siblings the writable ones
 * come first, so the next leaf, and the next one to lose the right to write, are found by going
 * down along first children. Nobody can write through a mapping whose parent may not be written.
 */
#ifndef MAP_H
#define MAP_H

#include "kernel.h"

struct space;
struct word_node;

struct mapping {
    struct space *space;
    uint32_t page;  /* address >> 12, MAPPING_* flags above bit 24 */
    uint32_t frame; /* physical address >> 12 */
    struct mapping *parent;
    struct mapping *child;       /* first derived */
    struct mapping *next, *prev; /* siblings; the first one's prev is the last */
    struct word_node *sleepers;  /* threads that sleep on a word seen through it */
};

#define MAPPING_PAGE 0x000fffffu
#define MAPPING_WRITE 0x01000000u
#define MAPPING_REVOKING 0x02000000u /* being unmapped: nothing may derive from it */
#define MAPPING_UNCACHED 0x04000000u
#define MAPPING_DEPTH 0xf8000000u /* how many it derives from */
#define MAPPING_DEPTH_ONE 0x08000000u

/* The record of a user page, NULL: not mapped. */
struct mapping *map_find(const struct space *space, uint32_t page);
/* Where the next one can be: pages without a page table are passed by together. */
uint32_t map_next(const struct space *space, uint32_t page);
/* Makes a mapping; parent NULL: from physical memory. -EEXIST, -ENOMEM, -EINVAL (window),
   -EOVERFLOW (too deep). */
int map_add(struct space *space, uint32_t page, struct mapping *parent, uint32_t frame,
            uint32_t flags);
/* Frees one leaf below `mapping` or, when none is left and `own`, itself. True: nothing left. */
bool map_revoke_step(struct mapping *mapping, bool own);
/* One bounded step of freeing all mappings and page tables of a dying space. True: done. */
bool map_reap(struct space *space);

#endif
