/* SPDX-License-Identifier: MIT */
#include "resident.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <iris/layout.h>

#define STACK_BYTES (16 * 1024) /* deepest use: completion and printf */
#define HEAP_BYTES (16 * 1024)  /* buffers of stdio, directories, argument blocks */

/* Program header of an ELF32 file (ELF specification, figure 2-1). */
struct segment {
    uint32_t type, offset, address, physical, file_size, size, flags, align;
};
#define SEGMENT_LOAD 1
#define SEGMENT_WRITE 2

extern const uint8_t __ehdr_start[]; /* from the linker: this program's ELF header, in memory */

static void touch(uint32_t from, uint32_t to, int write)
{
    for (uint32_t at = from & -(uint32_t)IRIS_PAGE_SIZE; at < to; at += IRIS_PAGE_SIZE) {
        volatile char *byte = (volatile char *)(at < from ? from : at);
        char value = *byte;
        if (write)
            *byte = value;
    }
}

static void touch_segments(void)
{
    uint32_t headers;
    uint16_t count;
    memcpy(&headers, __ehdr_start + 28, sizeof headers); /* e_phoff */
    memcpy(&count, __ehdr_start + 44, sizeof count);     /* e_phnum */
    const struct segment *segment = (const struct segment *)(__ehdr_start + headers);
    for (; count > 0; count--, segment++)
        if (segment->type == SEGMENT_LOAD)
            touch(segment->address, segment->address + segment->size,
                  segment->flags & SEGMENT_WRITE);
}

static __attribute__((noinline)) void touch_stack(void)
{
    volatile char room[STACK_BYTES];
    for (int at = STACK_BYTES - 1; at >= 0; at -= IRIS_PAGE_SIZE) /* downwards, as stacks grow */
        room[at] = (char)at;
    (void)room[0];
}

void resident_make(void)
{
    char *heap = malloc(HEAP_BYTES);
    touch_segments();
    touch_stack();
    if (heap != NULL)
        touch((uint32_t)heap, (uint32_t)heap + HEAP_BYTES, 1);
    free(heap);
}
