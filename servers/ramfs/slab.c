/* SPDX-License-Identifier: MIT */
#include "slab.h"

#include <stddef.h>
#include <string.h>

#include <iris/layout.h>

#include "pool.h"

struct block {
    struct block *next;
};

/* The head of a page; its blocks follow, as many as there is room for. */
struct page {
    struct page *next, *previous; /* among those of this size with a free block */
    struct block *free;
    uint16_t used, class;
};

/* Sizes divide what a page has behind its head with little left over. */
static const uint16_t sizes[] = {32, 64, 96, 160, 256, 496, 1024};
#define CLASSES (sizeof sizes / sizeof sizes[0])

static struct page *available[CLASSES];

static uint32_t class_of(uint32_t size)
{
    uint32_t class = 0;
    while (class < CLASSES && sizes[class] < size)
        class ++;
    return class;
}

static uint32_t capacity(uint32_t class)
{
    return (IRIS_PAGE_SIZE - (uint32_t)sizeof(struct page)) / sizes[class];
}

/* ---- Pages with something free ---- */

static void list_add(struct page *page)
{
    page->previous = NULL;
    page->next = available[page->class];
    if (page->next != NULL)
        page->next->previous = page;
    available[page->class] = page;
}

static void list_remove(struct page *page)
{
    if (page->next != NULL)
        page->next->previous = page->previous;
    if (page->previous != NULL)
        page->previous->next = page->next;
    else
        available[page->class] = page->next;
}

static struct page *page_make(uint32_t class)
{
    struct page *page = pool_take();

    if (page == NULL)
        return NULL;
    page->class = (uint16_t) class;
    uint8_t *at = (uint8_t *)(page + 1);
    for (uint32_t i = capacity(class); i-- > 0;) {
        struct block *block = (struct block *)(at + i * sizes[class]);
        block->next = page->free;
        page->free = block;
    }
    list_add(page);
    return page;
}

/* ---- Blocks ---- */

void *slab_alloc(uint32_t size)
{
    uint32_t class = class_of(size);

    if (class == CLASSES)
        return NULL;
    struct page *page = available[class] != NULL ? available[class] : page_make(class);
    if (page == NULL)
        return NULL;
    struct block *block = page->free;
    page->free = block->next;
    page->used++;
    if (page->free == NULL)
        list_remove(page);
    return memset(block, 0, sizes[class]);
}

void slab_free(void *freed)
{
    struct page *page = (struct page *)((uintptr_t)freed & ~(uintptr_t)(IRIS_PAGE_SIZE - 1));
    struct block *block = freed;

    if (block == NULL)
        return;
    if (page->free == NULL)
        list_add(page);
    block->next = page->free;
    page->free = block;
    if (--page->used > 0)
        return;
    list_remove(page);
    pool_give(page);
}
