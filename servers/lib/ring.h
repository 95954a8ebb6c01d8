/* SPDX-License-Identifier: MIT */
/* A queue of bytes in an array whose size is a power of two. One thread may put while another
   takes: a byte is there before the count says so, and its place is free only when it has been
   read. */
#ifndef IRIS_LIB_RING_H
#define IRIS_LIB_RING_H

#include <stdbool.h>
#include <stdint.h>

struct ring {
    uint8_t *data;
    uint32_t size;
    uint32_t first, next; /* count for ever; the place is taken modulo size */
};

static inline uint32_t ring_used(const struct ring *ring)
{
    return __atomic_load_n(&ring->next, __ATOMIC_ACQUIRE) -
           __atomic_load_n(&ring->first, __ATOMIC_ACQUIRE);
}

static inline uint32_t ring_room(const struct ring *ring) { return ring->size - ring_used(ring); }

static inline void ring_put(struct ring *ring, uint8_t byte)
{
    ring->data[ring->next & (ring->size - 1)] = byte;
    __atomic_store_n(&ring->next, ring->next + 1, __ATOMIC_RELEASE);
}

static inline uint8_t ring_take(struct ring *ring)
{
    uint8_t byte = ring->data[ring->first & (ring->size - 1)];
    __atomic_store_n(&ring->first, ring->first + 1, __ATOMIC_RELEASE);
    return byte;
}

#endif
