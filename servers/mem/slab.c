/* SPDX-License-Identifier: MIT */
/*
 * Small records. A page holds records of one cache; a page whose last record is freed goes back to
 * the free frames, so that a client leaves nothing behind.
 */
#include "mem.h"

#include <string.h>

struct free_record {
    struct free_record *next;
};

struct slab_page {
    struct slab_page *next, *previous; /* in cache->partial */
    struct free_record *free;
    uint32_t used;
    uint32_t frame;
    uint32_t unused[3];
};
_Static_assert(sizeof(struct slab_page) == 32, "the head of a slab page");

static uint32_t pages_used[MEM_SLABS_PAGES / 32]; /* of mem's address space for slabs */

static uint32_t address_take(void)
{
    for (uint32_t i = 0; i < MEM_SLABS_PAGES / 32; i++) {
        if (pages_used[i] == UINT32_MAX)
            continue;
        uint32_t bit = (uint32_t)__builtin_ctz(~pages_used[i]);
        pages_used[i] |= 1u << bit;
        return MEM_SLABS + (i * 32 + bit) * PAGE;
    }
    return 0;
}

static void address_free(uint32_t address)
{
    uint32_t page = (address - MEM_SLABS) / PAGE;
    pages_used[page / 32] &= ~(1u << page % 32);
}

static struct slab_page *map_page(uint32_t frame)
{
    uint32_t address = address_take();

    if (address == 0)
        return NULL;
    if (iris_memory_map(0, address, MEM_SLOT_PHYSICAL, frame * PAGE, 1, IRIS_MAP_WRITE) == 1)
        return (struct slab_page *)address;
    address_free(address);
    return NULL;
}

static void link_partial(struct slab_cache *cache, struct slab_page *page)
{
    page->next = cache->partial;
    page->previous = NULL;
    if (page->next != NULL)
        page->next->previous = page;
    cache->partial = page;
}

static void unlink_partial(struct slab_cache *cache, struct slab_page *page)
{
    if (page->next != NULL)
        page->next->previous = page->previous;
    if (page->previous != NULL)
        page->previous->next = page->next;
    else
        cache->partial = page->next;
}

static void add_page(struct slab_cache *cache)
{
    uint32_t frame = frame_take();
    struct slab_page *page = frame != 0 ? map_page(frame) : NULL;

    if (page == NULL) {
        if (frame != 0)
            frame_free(frame);
        return;
    }
    *page = (struct slab_page){.frame = frame};
    uint8_t *record = (uint8_t *)(page + 1);
    for (; record + cache->size <= (uint8_t *)page + PAGE; record += cache->size) {
        struct free_record *free = (struct free_record *)record;
        free->next = page->free;
        page->free = free;
    }
    link_partial(cache, page);
}

static void drop_page(struct slab_cache *cache, struct slab_page *page)
{
    uint32_t frame = page->frame;

    unlink_partial(cache, page);
    iris_memory_unmap(0, (uint32_t)page, 1, IRIS_UNMAP_OWN);
    address_free((uint32_t)page);
    frame_free(frame);
}

void *slab_take(struct slab_cache *cache)
{
    if (cache->partial == NULL)
        add_page(cache);
    struct slab_page *page = cache->partial;
    if (page == NULL)
        return NULL;
    struct free_record *record = page->free;
    page->free = record->next;
    page->used++;
    if (page->free == NULL)
        unlink_partial(cache, page);
    return memset(record, 0, cache->size);
}

void slab_free(struct slab_cache *cache, void *data)
{
    struct slab_page *page = (struct slab_page *)((uint32_t)data & -PAGE);
    struct free_record *record = data;

    if (page->free == NULL)
        link_partial(cache, page);
    record->next = page->free;
    page->free = record;
    if (--page->used == 0)
        drop_page(cache, page);
}
