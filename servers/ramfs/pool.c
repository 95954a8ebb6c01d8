/* SPDX-License-Identifier: MIT */
#include "pool.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <iris/layout.h>

struct chunk {
    uint8_t *at;
    uint32_t used;  /* bit i: page i is in use */
    uint32_t dirty; /* it was once */
};
_Static_assert(POOL_CHUNK_PAGES == 32, "one bit a page");

uint32_t pool_used, pool_most;

static struct {
    struct chunk *chunk; /* in order of address */
    uint32_t count, capacity;
    uint32_t lowest; /* no chunk below it has a free page */
} pool;

/* The index of the chunk that a page is in, or where one at that address would stand. */
static uint32_t position(const uint8_t *page)
{
    uint32_t low = 0, high = pool.count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (pool.chunk[middle].at + POOL_CHUNK_PAGES * IRIS_PAGE_SIZE <= page)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool make_room(void)
{
    if (pool.count < pool.capacity)
        return true;
    struct chunk *larger = realloc(pool.chunk, (pool.capacity + 64) * sizeof *larger);
    if (larger == NULL)
        return false;
    pool.chunk = larger;
    pool.capacity += 64;
    return true;
}

/* A new chunk, with all pages free; its index, or -1. */
static int add_chunk(void)
{
    uint8_t *at = make_room() ? pool_chunk_take() : NULL;

    if (at == NULL)
        return -1;
    uint32_t index = position(at);
    memmove(&pool.chunk[index + 1], &pool.chunk[index],
            (pool.count - index) * sizeof pool.chunk[0]);
    pool.chunk[index] = (struct chunk){.at = at};
    pool.count++;
    if (index < pool.lowest)
        pool.lowest = index;
    return (int)index;
}

static int find_chunk(void)
{
    while (pool.lowest < pool.count && pool.chunk[pool.lowest].used == UINT32_MAX)
        pool.lowest++;
    return pool.lowest < pool.count ? (int)pool.lowest : add_chunk();
}

void *pool_take(void)
{
    int index = pool_used < pool_most ? find_chunk() : -1;

    if (index < 0)
        return NULL;
    struct chunk *chunk = &pool.chunk[index];
    uint32_t page = (uint32_t)__builtin_ctz(~chunk->used), bit = 1u << page;
    uint8_t *at = chunk->at + page * IRIS_PAGE_SIZE;
    if (chunk->dirty & bit)
        memset(at, 0, IRIS_PAGE_SIZE);
    chunk->used |= bit;
    chunk->dirty |= bit;
    pool_used++;
    return at;
}

static void remove_chunk(uint32_t index)
{
    if (!pool_chunk_give(pool.chunk[index].at))
        return;
    pool.count--;
    memmove(&pool.chunk[index], &pool.chunk[index + 1],
            (pool.count - index) * sizeof pool.chunk[0]);
}

void pool_give(void *page)
{
    uint32_t index = position(page);
    struct chunk *chunk = &pool.chunk[index];

    chunk->used &= ~(1u << ((uint32_t)((uint8_t *)page - chunk->at) / IRIS_PAGE_SIZE));
    pool_used--;
    if (index < pool.lowest)
        pool.lowest = index;
    if (chunk->used == 0)
        remove_chunk(index);
}
