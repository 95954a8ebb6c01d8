/* SPDX-License-Identifier: MIT */
/*
 * Arenas: each client's records lie in pages of their own. A page that records of several clients
 * shared would stay as long as the last of them, so what one client costs would depend on who else
 * came and went. Pages are cut into units; a record takes a power of two of them, aligned to its
 * size, so records of all sizes share a page and leave no gaps that cannot be used again.
 */
#include "mem.h"

#include <string.h>

#define UNITS (PAGE / ARENA_UNIT)

struct arena_page {
    struct arena_page *next; /* of the same arena */
    void *owner;             /* in the first page, else NULL */
    uint32_t frame;
    uint32_t used[UNITS / 32]; /* one bit a unit; this head takes the first */
};
_Static_assert(sizeof(struct arena_page) <= ARENA_UNIT, "the head takes one unit");

static uint32_t pages_used[MEM_ARENAS_PAGES / 32]; /* of mem's address space for arenas */

static uint32_t page_index(const void *record) { return ((uint32_t)record - MEM_ARENAS) / PAGE; }

static struct arena_page *page_at(uint32_t index)
{
    return (struct arena_page *)(MEM_ARENAS + index * PAGE);
}

/* ---- Pages ---- */

/* The lowest free address: so page tables are few, and the same for the same clients. */
static struct arena_page *address_take(void)
{
    for (uint32_t i = 0; i < MEM_ARENAS_PAGES / 32; i++) {
        if (pages_used[i] == UINT32_MAX)
            continue;
        uint32_t bit = (uint32_t)__builtin_ctz(~pages_used[i]);
        pages_used[i] |= 1u << bit;
        return page_at(i * 32 + bit);
    }
    return NULL;
}

static void address_free(const struct arena_page *page)
{
    uint32_t index = page_index(page);
    pages_used[index / 32] &= ~(1u << index % 32);
}

static struct arena_page *map_page(uint32_t frame)
{
    struct arena_page *page = address_take();

    if (page == NULL)
        return NULL;
    if (iris_memory_map(0, (uint32_t)page, MEM_SLOT_PHYSICAL, frame * PAGE, 1, IRIS_MAP_WRITE) !=
        1) {
        address_free(page);
        return NULL;
    }
    *page = (struct arena_page){.frame = frame, .used = {1}};
    return page;
}

static struct arena_page *page_new(void)
{
    uint32_t frame = frame_take();
    struct arena_page *page = frame != 0 ? map_page(frame) : NULL;

    if (page == NULL && frame != 0)
        frame_free(frame);
    return page;
}

static void page_drop(struct arena_page *page)
{
    uint32_t frame = page->frame;

    iris_memory_unmap(0, (uint32_t)page, 1, IRIS_UNMAP_OWN);
    address_free(page);
    frame_free(frame);
}

static bool page_is_empty(const struct arena_page *page)
{
    uint32_t rest = page->used[0] & ~1u;

    for (uint32_t i = 1; i < UNITS / 32; i++)
        rest |= page->used[i];
    return rest == 0;
}

/* ---- Records ---- */

static uint32_t units_of(uint32_t size)
{
    uint32_t units = 1;

    while (units * ARENA_UNIT < size)
        units *= 2;
    return units;
}

static uint32_t mask_of(uint32_t at, uint32_t units) { return ((1u << units) - 1) << at % 32; }

/* NULL: the page has no room for so many units in a row. */
static void *cut_units(struct arena_page *page, uint32_t units)
{
    for (uint32_t at = 0; at < UNITS; at += units) {
        if (page->used[at / 32] & mask_of(at, units))
            continue;
        page->used[at / 32] |= mask_of(at, units);
        return memset((uint8_t *)page + at * ARENA_UNIT, 0, units * ARENA_UNIT);
    }
    return NULL;
}

void *arena_create(struct arena *arena, uint32_t size)
{
    struct arena_page *page = page_new();

    if (page == NULL)
        return NULL;
    *arena = (struct arena){.first = page, .pages = 1};
    page->owner = cut_units(page, units_of(size));
    return page->owner;
}

void *arena_take(struct arena *arena, uint32_t size, bool may_grow)
{
    uint32_t units = units_of(size);

    for (struct arena_page *page = arena->first; page != NULL; page = page->next) {
        void *record = cut_units(page, units);
        if (record != NULL)
            return record;
    }
    struct arena_page *page = may_grow ? page_new() : NULL;
    if (page == NULL)
        return NULL;
    page->next = arena->first->next; /* early in the list: this is the one that has room */
    arena->first->next = page;
    arena->pages++;
    return cut_units(page, units);
}

void arena_free(struct arena *arena, void *record, uint32_t size)
{
    struct arena_page *page = (struct arena_page *)((uint32_t)record & -PAGE);
    uint32_t at = (uint32_t)record % PAGE / ARENA_UNIT;

    page->used[at / 32] &= ~mask_of(at, units_of(size));
    if (page->owner != NULL || !page_is_empty(page))
        return;
    struct arena_page *before = arena->first;
    while (before->next != page)
        before = before->next;
    before->next = page->next;
    arena->pages--;
    page_drop(page);
}

void arena_destroy(struct arena *arena)
{
    for (struct arena_page *page = arena->first, *next; page != NULL; page = next) {
        next = page->next;
        page_drop(page);
    }
}

/* ---- Owners ---- */

uint32_t arena_number(const void *owner) { return page_index(owner); }

void *arena_owner(uint32_t number)
{
    if (number >= MEM_ARENAS_PAGES || !(pages_used[number / 32] >> number % 32 & 1))
        return NULL;
    return page_at(number)->owner;
}
