/* SPDX-License-Identifier: MIT */
/* What pages contain at first: zeroes, a part of the boot archive, or both. */
#include "mem.h"

#include <string.h>

uint8_t *window_open(uint32_t frame, bool writable)
{
    int count = iris_memory_map(0, MEM_WINDOW, MEM_SLOT_PHYSICAL, frame * PAGE, 1,
                                writable ? IRIS_MAP_WRITE : 0);
    return count == 1 ? (uint8_t *)MEM_WINDOW : NULL;
}

void window_close(void) { iris_memory_unmap(0, MEM_WINDOW, 1, IRIS_UNMAP_OWN); }

uint32_t fill_from_frame(uint32_t source)
{
    uint32_t frame = frame_take();
    uint8_t *window = frame != 0 ? window_open(frame, true) : NULL;
    int mapped = window != NULL
                     ? iris_memory_map(0, MEM_WINDOW_SOURCE, MEM_SLOT_PHYSICAL, source * PAGE, 1, 0)
                     : 0;

    if (mapped == 1) {
        memcpy(window, (const uint8_t *)MEM_WINDOW_SOURCE, PAGE);
        iris_memory_unmap(0, MEM_WINDOW_SOURCE, 1, IRIS_UNMAP_OWN);
    }
    if (window != NULL)
        window_close();
    if (frame != 0 && mapped != 1)
        frame_free(frame);
    return mapped == 1 ? frame : 0;
}

uint32_t fill_from_archive(uint32_t offset, uint32_t size)
{
    uint32_t frame = frame_take();
    uint8_t *window = frame != 0 ? window_open(frame, true) : NULL;

    if (window == NULL) {
        if (frame != 0)
            frame_free(frame);
        return 0;
    }
    memcpy(window, (const uint8_t *)MEM_ARCHIVE + offset, size);
    memset(window + size, 0, PAGE - size);
    window_close();
    return frame;
}

uint32_t fill_page(const struct region *region, uint32_t index, uint32_t *flags)
{
    uint32_t start = index * PAGE;
    uint32_t left = region->file_size > start ? region->file_size - start : 0;

    *flags = GIVEN_OWN;
    if (left == 0)
        return frame_take_zeroed();
    if (left >= PAGE && !region->writable) {
        *flags = 0; /* nobody can change it: all clients share the archive's own frame */
        return archive.frame + (region->archive_offset + start) / PAGE;
    }
    return fill_from_archive(region->archive_offset + start, left < PAGE ? left : PAGE);
}
