/* SPDX-License-Identifier: MIT */
/*
 * A space: protection domain. One page; the shadow directory in it parallels the page directory:
 * for every page table a page of pointers to mapping records.
 */
#ifndef SPACE_H
#define SPACE_H

#include "map.h"
#include "object.h"

#define SPACE_PAGES (IRIS_WINDOW >> PAGE_SHIFT) /* below the window */
#define SPACE_TABLE 1024u                       /* pages that one page table maps */
#define SPACE_SHADOWS (SPACE_PAGES / SPACE_TABLE)

struct space {
    struct object object;
    struct space *parent;
    struct list sibling; /* in parent->children */
    struct list children;
    struct tree_node *threads;           /* thread.space_node */
    struct list ended;                   /* DEAD threads: thread.bound_node */
    struct list ports, portals;          /* owner_node */
    struct list slabs[OBJECT_CLASSES];   /* pages small objects are cut from, with free slots */
    struct list reap_node;               /* in the list of spaces that nobody is left to destroy */
    struct entry pager, exception, exit; /* portals */
    uint32_t page_directory;             /* physical */
    uint32_t *kernel_table; /* page table of the per-space kernel region (handles, I/O bitmap) */
    uint32_t *window_table; /* page table of the window (UTCBs, vDSO, data page) */
    uint32_t pages_limit, pages_used; /* kernel pages */
    uint32_t threads_count, handles, mappings, children_count;
    uint32_t handle_pages;
    uint32_t reap_cursor;
    uint8_t ceiling;
    struct mapping **shadow[SPACE_SHADOWS];
};
_Static_assert(sizeof(struct space) <= PAGE_SIZE, "a space is one page");

extern struct space *root_space;

struct space *space_new(struct space *parent, uint32_t pages, unsigned ceiling, int *error);
struct space *space_current(void);
/* object_destroy on a space: 0, SYS_RESTART, or SYS_GONE when the caller was inside. */
int space_destroy(struct space *space);
bool space_reap_step(void); /* some of what orphans left; true: more */

#endif
