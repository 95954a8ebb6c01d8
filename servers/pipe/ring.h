/* SPDX-License-Identifier: MIT */
/* The bytes in a pipe. Its memory comes with it and goes with it. */
#ifndef PIPE_RING_H
#define PIPE_RING_H

#include <stdint.h>

#include "server.h"

struct ring {
    uint8_t *bytes;
    uint32_t first, next; /* count for ever */
};

int ring_begin(struct ring *ring);
void ring_end(struct ring *ring);

uint32_t ring_used(const struct ring *ring);
uint32_t ring_room(const struct ring *ring);

/* Copies what there is into a client's buffer; ring_take then takes it out. How many bytes, or an
   error. */
int ring_show(const struct ring *ring, struct iris_buffer_ref data);
void ring_take(struct ring *ring, uint32_t count);

/* Puts `most` bytes of a client's buffer in, from `offset` on, if there is room for them, as many
   as there are. How many, or an error. */
int ring_put(struct ring *ring, struct iris_buffer_ref data, uint32_t offset, uint32_t most);

#endif
