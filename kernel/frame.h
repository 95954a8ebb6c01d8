/* SPDX-License-Identifier: MIT */
/*
 * Physical memory. The kernel's pool is one range of the direct map, given out page by page and
 * charged to spaces; all other memory belongs to user space through the MEMORY object.
 */
#ifndef FRAME_H
#define FRAME_H

#include "kernel.h"

struct space;
struct mapping;

struct page_frame {
    union {
        struct mapping *root; /* user memory: first mapping made from the MEMORY object */
        struct space *owner;  /* kernel pool: whose account it is charged to */
    };
    uint32_t info; /* UTCB page: bitmap of taken slots */
};

struct boot_info; /* arch.h */

void frame_init(const struct boot_info *boot);
/* The list head for mappings of a frame; frames that are not memory share one. */
struct mapping **frame_root(uint32_t frame);
bool frame_is_user(uint32_t frame); /* may be mapped through the MEMORY object */
struct page_frame *frame_of(const void *kernel_page);
/* For building root: a frame of user memory that is no longer given out. */
uint32_t frame_take(void);
int frame_range(uint32_t index, struct iris_memory_range *range); /* -ENOENT past the end */

/* account.c: a zeroed page of the kernel's pool, charged to a space. NULL: its account is used up.
 */
void *account_page(struct space *space);
/* The same with whatever it contained: for those who fill all of it, and never for users. */
void *account_page_raw(struct space *space);
void account_page_free(void *page); /* NULL: none */
bool account_move(struct space *from, struct space *to, uint32_t pages);
/* Refuses the nth page from now on to a space (id) and its children, 0: none; returns how many the
   last order had left, or -EINVAL: not a debug build. */
int account_refuse(uint32_t space, uint32_t nth);
uint32_t account_pool_pages(void);
uint32_t account_pool_free(void);
void account_init(uint32_t first_frame, uint32_t pages);

#endif
