/* SPDX-License-Identifier: MIT */
/*
 * A fake of frame.c and account.c for tests of what is built on pages: each page is a heap block of
 * its own with its struct page_frame in front, so AddressSanitizer sees use after free and
 * overruns.
 */
#ifndef KERNEL_PAGES_H
#define KERNEL_PAGES_H

#include "frame.h"
#include "point.h"
#include "space.h"

#include "kernel_test.h"

static unsigned pages_live;

/* Nobody waits for a thread to come to one. */
bool point_reached(enum iris_point point, const struct thread *thread)
{
    (void)point, (void)thread;
    return false;
}

struct page_frame *frame_of(const void *page)
{
    return (struct page_frame *)((uintptr_t)page & ~(uintptr_t)(PAGE_SIZE - 1)) - 1;
}

void *account_page(struct space *space)
{
    char *block;

    if (space->pages_used >= space->pages_limit)
        return NULL;
    if (posix_memalign((void **)&block, PAGE_SIZE, 2 * PAGE_SIZE))
        TEST_FAIL("the host has no memory");
    memset(block, 0, 2 * PAGE_SIZE);
    frame_of(block + PAGE_SIZE)->owner = space;
    space->pages_used++;
    pages_live++;
    return block + PAGE_SIZE;
}

/* Whoever takes a raw page must fill it: here it is full of rubbish. */
void *account_page_raw(struct space *space)
{
    char *page = account_page(space);

    return page ? memset(page, 0xa5, PAGE_SIZE) : NULL;
}

void account_page_free(void *page)
{
    if (!page)
        return;
    CHECK((uintptr_t)page % PAGE_SIZE == 0);
    CHECK(frame_of(page)->owner->pages_used > 0);
    frame_of(page)->owner->pages_used--;
    pages_live--;
    free((char *)page - PAGE_SIZE);
}

static inline void space_fake(struct space *space, uint32_t pages)
{
    memset(space, 0, sizeof(*space));
    object_init(&space->object, IRIS_TYPE_SPACE, NULL);
    for (unsigned i = 0; i < OBJECT_CLASSES; i++)
        list_init(&space->slabs[i]);
    space->pages_limit = pages;
}

#endif
