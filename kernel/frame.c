/* SPDX-License-Identifier: MIT */
/* What physical memory there is and whose it is. */
#include "frame.h"

#include <iris/datapage.h>

#include "arch.h"

#define RANGES 64

static struct {
    struct page_frame *frames;               /* one for each frame below `count` */
    uint32_t count;                          /* of `frames`: one beyond the last frame of RAM */
    struct mapping *device_root;             /* mappings of frames beyond `count` */
    struct iris_memory_range ranges[RANGES]; /* ascending, memory only */
    unsigned range_count;
} memory;

static void range_add(uint64_t start, uint64_t end, enum iris_memory_kind kind, uint32_t length)
{
    if (start >= end)
        return;
    if (memory.range_count == RANGES)
        panic("memory map with more than %u ranges", RANGES);
    struct iris_memory_range *range = &memory.ranges[memory.range_count];
    range->index = memory.range_count++;
    range->frame = (uint32_t)(start >> PAGE_SHIFT);
    range->pages = (uint32_t)((end - start) >> PAGE_SHIFT);
    range->kind = kind;
    range->length = length;
}

/* Splits one range of RAM at what already lies in it. */
static void range_split(struct boot_range ram, const struct boot_info *boot)
{
    const struct boot_range used[] = {boot->kernel, boot->root, boot->archive};
    const enum iris_memory_kind kinds[] = {IRIS_MEMORY_KERNEL, IRIS_MEMORY_KERNEL,
                                           IRIS_MEMORY_ARCHIVE};
    uint64_t at = ram.start;

    while (at < ram.end) {
        int next = -1;
        for (unsigned i = 0; i < countof(used); i++)
            if (used[i].start >= at && used[i].start < ram.end && used[i].end > used[i].start &&
                (next < 0 || used[i].start < used[next].start))
                next = (int)i;
        if (next < 0)
            break;
        range_add(at, used[next].start, IRIS_MEMORY_FREE, 0);
        at = (used[next].end + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1);
        range_add(used[next].start, at, kinds[next], (uint32_t)(used[next].end - used[next].start));
    }
    range_add(at, ram.end, IRIS_MEMORY_FREE, 0);
}

/* The largest free range; the pool's must lie in the direct map. */
static struct iris_memory_range *range_largest(uint32_t frame_limit)
{
    struct iris_memory_range *best = NULL;
    uint32_t best_pages = 0;

    for (unsigned i = 0; i < memory.range_count; i++) {
        struct iris_memory_range *range = &memory.ranges[i];
        if (range->kind != IRIS_MEMORY_FREE || range->frame >= frame_limit)
            continue;
        uint32_t pages = min(range->pages, frame_limit - range->frame);
        if (pages > best_pages) {
            best_pages = pages;
            best = range;
        }
    }
    return best;
}

static uint32_t range_cut(struct iris_memory_range *range, uint32_t pages)
{
    uint32_t frame = range->frame;

    range->frame += pages;
    range->pages -= pages;
    return frame;
}

void frame_init(const struct boot_info *boot)
{
    uint32_t total = 0;

    for (unsigned i = 0; i < boot->memory_count; i++) {
        range_split(boot->memory[i], boot);
        total += (uint32_t)((boot->memory[i].end - boot->memory[i].start) >> PAGE_SHIFT);
        memory.count = (uint32_t)(boot->memory[i].end >> PAGE_SHIFT);
    }
    /* An eighth of memory, enough for a small system and not more than the direct map spares. */
    arch_data_page->memory_pages = total;
    uint32_t pool = min(max(total / 8, 768u), 24576u);
    uint32_t table = (memory.count * sizeof(struct page_frame) + PAGE_SIZE - 1) >> PAGE_SHIFT;
    struct iris_memory_range *range = range_largest(arch_direct_map_end >> PAGE_SHIFT);
    if (!range || range->pages < pool + table)
        panic("too little memory: %u KiB, Iris needs 14 MiB", total * 4);
    uint32_t first = range_cut(range, table + pool);
    memory.frames = arch_phys_to_virt(first << PAGE_SHIFT);
    memset(memory.frames, 0, memory.count * sizeof(struct page_frame));
    account_init(first + table, pool);
    klog("boot: memory %u KiB, kernel pool %u KiB ... ok\n", total * 4, pool * 4);
}

struct mapping **frame_root(uint32_t frame)
{
    return frame < memory.count ? &memory.frames[frame].root : &memory.device_root;
}

bool frame_is_user(uint32_t frame)
{
    if (frame >= memory.count)
        return true; /* device memory */
    for (unsigned i = 0; i < memory.range_count; i++) {
        const struct iris_memory_range *range = &memory.ranges[i];
        if (frame >= range->frame && frame - range->frame < range->pages)
            return range->kind != IRIS_MEMORY_KERNEL;
    }
    return frame < 0x100; /* in no range: a device's below 1 MiB, else taken by the kernel */
}

struct page_frame *frame_of(const void *page)
{
    return &memory.frames[arch_virt_to_phys(page) >> PAGE_SHIFT];
}

uint32_t frame_take(void)
{
    struct iris_memory_range *range = range_largest(~0u);
    if (!range)
        panic("no memory left for root");
    return range_cut(range, 1);
}

int frame_range(uint32_t index, struct iris_memory_range *range)
{
    if (index >= memory.range_count)
        return -ENOENT;
    *range = memory.ranges[index];
    return 0;
}
