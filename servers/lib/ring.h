/* SPDX-License-Identifier: MIT */
/* A queue of bytes in an array whose size is a power of two. */
#ifndef IRIS_LIB_RING_H
#define IRIS_LIB_RING_H

#include <stdbool.h>
#include <stdint.h>

struct ring {
    uint8_t *data;
    uint32_t size;
    uint32_t first, next; /* count for ever; the place is taken modulo size */
};

static inline uint32_t ring_used(const struct ring *ring) { return ring->next - ring->first; }

static inline uint32_t ring_room(const struct ring *ring) { return ring->size - ring_used(ring); }

static inline void ring_put(struct ring *ring, uint8_t byte)
{
    ring->data[ring->next++ & (ring->size - 1)] = byte;
}

static inline uint8_t ring_take(struct ring *ring)
{
    return ring->data[ring->first++ & (ring->size - 1)];
}

#endif
