/* SPDX-License-Identifier: MIT */
#include "store.h"

#include <stddef.h>
#include <string.h>

static struct {
    char boot[STORE_BOOT], ring[STORE_RING];
    uint32_t written; /* bytes ever; the first STORE_BOOT are in `boot` */
} store;

static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* Where byte number `cursor` is or will be, and how many bytes can follow it there. */
static char *place(uint32_t cursor, uint32_t *room)
{
    if (cursor < STORE_BOOT) {
        *room = STORE_BOOT - cursor;
        return &store.boot[cursor];
    }
    uint32_t at = (cursor - STORE_BOOT) % STORE_RING;
    *room = STORE_RING - at;
    return &store.ring[at];
}

void store_add(const char *bytes, uint32_t count)
{
    while (count > 0) {
        uint32_t room;
        char *to = place(store.written, &room);
        uint32_t part = smaller(count, room);
        memcpy(to, bytes, part);
        store.written += part;
        bytes += part;
        count -= part;
    }
}

/* The oldest byte of the ring; when it has lost some, the one after the first line's end. */
static uint32_t oldest_in_ring(void)
{
    if (store.written <= STORE_BOOT + STORE_RING)
        return STORE_BOOT;
    uint32_t oldest = store.written - STORE_RING, room;
    while (oldest < store.written && *place(oldest, &room) != '\n')
        oldest++;
    return oldest < store.written ? oldest + 1 : oldest;
}

uint32_t store_at(uint32_t *cursor, const char **bytes)
{
    uint32_t room;

    if (*cursor >= STORE_BOOT && *cursor < oldest_in_ring())
        *cursor = oldest_in_ring();
    if (*cursor >= store.written)
        return 0;
    *bytes = place(*cursor, &room);
    return smaller(room, store.written - *cursor);
}
