/* SPDX-License-Identifier: MIT */
#include "resident.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <iris/layout.h>

#define STACK_BYTES (16 * 1024)

/* Program header of an ELF32 file (ELF specification, figure 2-1). */
struct segment {
    uint32_t type, offset, address, physical, file_size, size, flags, align;
};
#define SEGMENT_LOAD 1
#define SEGMENT_WRITE 2

extern const uint8_t __ehdr_start[]; /* from the linker: this program's ELF header, in memory */

/* Contents stay as they are, even if another thread changes them meanwhile. */
static void touch(uint32_t from, uint32_t to, bool write)
{
    for (uint32_t at = from; at < to; at = (at & -(uint32_t)IRIS_PAGE_SIZE) + IRIS_PAGE_SIZE) {
        char *byte = (char *)at;
        if (write)
            __atomic_fetch_or(byte, 0, __ATOMIC_RELAXED);
        else
            (void)*(volatile char *)byte;
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

__attribute__((noinline)) void iris_resident_stack(uint32_t bytes)
{
    volatile char *room = __builtin_alloca(bytes);

    for (int at = (int)bytes - 1; at >= 0; at -= IRIS_PAGE_SIZE) /* downwards, as stacks grow */
        room[at] = (char)at;
    (void)room[0];
}

void iris_resident(uint32_t heap_bytes)
{
    touch_segments();
    iris_resident_stack(STACK_BYTES);
    if (heap_bytes == 0)
        return;
    void *heap = malloc(heap_bytes);
    if (heap != NULL)
        touch((uint32_t)heap, (uint32_t)heap + heap_bytes, true);
    free(heap);
}
