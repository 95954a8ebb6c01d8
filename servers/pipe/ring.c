/* SPDX-License-Identifier: MIT */
#include "ring.h"

#include "memory.h" /* generated from servers/mem/memory.idl */
#include "pipe.h"   /* generated from pipe.idl */

int ring_begin(struct ring *ring)
{
    uint32_t at = 0;
    int status = memory_allocate(IRIS_SLOT_MEMORY, PIPE_CAPACITY, MEMORY_WRITE, &at);

    if (status == 0)
        *ring = (struct ring){.bytes = (uint8_t *)at};
    return status;
}

void ring_end(struct ring *ring)
{
    memory_release(IRIS_SLOT_MEMORY, (uint32_t)ring->bytes, PIPE_CAPACITY);
    ring->bytes = 0;
}

uint32_t ring_used(const struct ring *ring) { return ring->next - ring->first; }

uint32_t ring_room(const struct ring *ring) { return PIPE_CAPACITY - ring_used(ring); }

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

int ring_show(const struct ring *ring, struct iris_buffer_ref data)
{
    uint32_t count = least(ring_used(ring), data.length), at = ring->first % PIPE_CAPACITY;
    uint32_t part = least(count, PIPE_CAPACITY - at);
    int status = iris_buffer_write(data, 0, ring->bytes + at, part);

    if (status == (int)part && part < count)
        status = iris_buffer_write(data, part, ring->bytes, count - part);
    return status < 0 ? status : (int)count;
}

void ring_take(struct ring *ring, uint32_t count) { ring->first += count; }

int ring_put(struct ring *ring, struct iris_buffer_ref data, uint32_t offset, uint32_t most)
{
    uint32_t count = least(ring_room(ring), most), done = 0;

    while (done < count) {
        uint32_t at = (ring->next + done) % PIPE_CAPACITY;
        uint32_t part = least(count - done, PIPE_CAPACITY - at);
        int status = iris_buffer_read(data, offset + done, ring->bytes + at, part);
        if (status <= 0)
            return status < 0 ? status : -EFAULT; /* shorter than it was said to be */
        done += (uint32_t)status;
    }
    ring->next += count;
    return (int)count;
}
