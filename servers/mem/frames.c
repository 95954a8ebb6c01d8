/* SPDX-License-Identifier: MIT */
/*
 * Page frames. One bit for each frame of the free ranges, set: free. The bits of a range lie in the
 * range's own first free frames, which mem maps for itself.
 */
#include "mem.h"

#include <string.h>

#define RANGES_MAX 32
#define OWN_MAX 512 /* frames of mem itself */
#define FRAMES_PER_PAGE (PAGE * 8)
#define ZEROED_MAX 1024u /* the pool: 4 MiB, or a sixteenth of the machine's memory */
#define POOL_SHARE 16u

struct range {
    uint32_t first, frames;
    uint32_t *bits;
    uint32_t hint; /* no word before it has a free bit */
};

static struct {
    struct range range[RANGES_MAX];
    uint32_t ranges;
    uint32_t own[OWN_MAX]; /* frames mem runs on: free only in the kernel's eyes */
    uint32_t own_count;
    uint32_t zeroed[ZEROED_MAX + MEM_IDLE_PAGES];
    uint32_t zeroed_count;
    uint32_t pool;        /* frames to be kept zeroed */
    uint32_t in_work;     /* being zeroed */
    uint32_t total, free; /* `free` without `zeroed` and `in_work` */
} frames;

struct archive archive;

/* ---- Taking stock ---- */

/* Root loaded mem into frames of the free ranges; which, mem's own mappings tell. */
static int find_own(void)
{
    struct iris_mapping_info info[16];
    uint32_t cursor = 0;
    int count;

    while ((count = iris_space_inspect(IRIS_SLOT_SPACE, IRIS_INSPECT_MAPPINGS, cursor, info, 16)) >
           0) {
        for (int i = 0; i < count; i++) {
            if (frames.own_count == OWN_MAX)
                return -ENOMEM;
            frames.own[frames.own_count++] = info[i].frame;
        }
        cursor = info[count - 1].page + 1;
    }
    return count;
}

static bool is_own(uint32_t frame)
{
    for (uint32_t i = 0; i < frames.own_count; i++)
        if (frames.own[i] == frame)
            return true;
    return false;
}

static int map_archive(const struct iris_memory_range *range)
{
    uint32_t done = 0;

    archive = (struct archive){.frame = range->frame, .size = range->length};
    while (done < range->pages) {
        int count = iris_memory_map(0, MEM_ARCHIVE + done * PAGE, MEM_SLOT_PHYSICAL,
                                    (range->frame + done) * PAGE, range->pages - done, 0);
        if (count <= 0)
            return count < 0 ? count : -ENOMEM;
        done += (uint32_t)count;
    }
    return 0;
}

/* Maps frames of the range itself for its bits; they become mem's own. */
static int map_bits(struct range *range, uint32_t address)
{
    uint32_t frame = range->first, pages = (range->frames + FRAMES_PER_PAGE - 1) / FRAMES_PER_PAGE;

    range->bits = (uint32_t *)address;
    for (uint32_t i = 0; i < pages; i++, frame++) {
        while (is_own(frame))
            frame++;
        if (frame >= range->first + range->frames || frames.own_count == OWN_MAX)
            return -ENOMEM;
        int status = iris_memory_map(0, address + i * PAGE, MEM_SLOT_PHYSICAL, frame * PAGE, 1,
                                     IRIS_MAP_WRITE);
        if (status != 1)
            return status < 0 ? status : -ENOMEM;
        frames.own[frames.own_count++] = frame;
    }
    memset(range->bits, 0, pages * PAGE);
    return 0;
}

static void set_free(struct range *range)
{
    uint32_t whole = range->frames / 32;

    memset(range->bits, 0xff, whole * 4);
    if (range->frames % 32 != 0)
        range->bits[whole] = (1u << range->frames % 32) - 1;
    frames.free += range->frames;
    for (uint32_t i = 0; i < frames.own_count; i++) {
        uint32_t index = frames.own[i] - range->first;
        if (index < range->frames) {
            range->bits[index / 32] &= ~(1u << index % 32);
            frames.free--;
        }
    }
}

static int add_range(const struct iris_memory_range *found)
{
    static uint32_t address = MEM_BITMAP;

    if (frames.ranges == RANGES_MAX)
        return 0; /* such a scattered machine keeps some memory unused */
    struct range *range = &frames.range[frames.ranges];
    *range = (struct range){.first = found->frame, .frames = found->pages};
    int status = map_bits(range, address);
    if (status < 0)
        return status;
    address += (range->frames + FRAMES_PER_PAGE - 1) / FRAMES_PER_PAGE * PAGE;
    set_free(range);
    frames.ranges++;
    return 0;
}

int frames_start(void)
{
    struct iris_memory_range range;
    uint32_t cursor = 0;
    int status = find_own();

    while (status >= 0 && (status = iris_space_inspect(MEM_SLOT_PHYSICAL, IRIS_INSPECT_MEMORY,
                                                       cursor, &range, 1)) > 0) {
        cursor = range.index + 1;
        if (range.kind == IRIS_MEMORY_ARCHIVE)
            status = map_archive(&range);
        else if (range.kind == IRIS_MEMORY_FREE)
            status = add_range(&range);
    }
    frames.total = frames.free;
    frames.pool = frames.total / POOL_SHARE < ZEROED_MAX ? frames.total / POOL_SHARE : ZEROED_MAX;
    return status;
}

/* ---- Taking and freeing ---- */

/* Takes up to `most` neighbouring frames; returns how many. */
static uint32_t take_run(struct range *range, uint32_t most, uint32_t *first)
{
    uint32_t words = (range->frames + 31) / 32;

    while (range->hint < words && range->bits[range->hint] == 0)
        range->hint++;
    if (range->hint == words)
        return 0;
    uint32_t word = range->bits[range->hint], count = 0;
    uint32_t bit = (uint32_t)__builtin_ctz(word);
    while (count < most && bit + count < 32 && word >> (bit + count) & 1)
        range->bits[range->hint] &= ~(1u << (bit + count++));
    *first = range->first + range->hint * 32 + bit;
    frames.free -= count;
    return count;
}

static uint32_t take_frames(uint32_t most, uint32_t *first)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < frames.ranges && count == 0; i++)
        count = take_run(&frames.range[i], most, first);
    return count;
}

static bool pool_is_low(void) { return frames.zeroed_count < frames.pool / 2; }

static void set_frame_free(uint32_t frame)
{
    for (uint32_t i = 0; i < frames.ranges; i++) {
        struct range *range = &frames.range[i];
        uint32_t index = frame - range->first;
        if (index >= range->frames)
            continue;
        range->bits[index / 32] |= 1u << index % 32;
        if (index / 32 < range->hint)
            range->hint = index / 32;
        frames.free++;
        return;
    }
}

void frame_free(uint32_t frame)
{
    set_frame_free(frame);
    if (pool_is_low())
        idle_wake();
}

uint32_t frame_take(void)
{
    uint32_t frame;

    if (take_frames(1, &frame) == 1)
        return frame;
    if (frames.zeroed_count == 0)
        idle_finish();
    return frames.zeroed_count > 0 ? frames.zeroed[--frames.zeroed_count] : 0;
}

static bool overlaps(uint32_t first, uint32_t count, uint32_t other, uint32_t others)
{
    return first < other + others && other < first + count;
}

bool frames_are_memory(uint32_t first, uint32_t count)
{
    bool memory = overlaps(first, count, archive.frame, (archive.size + PAGE - 1) / PAGE);

    for (uint32_t i = 0; i < frames.ranges; i++)
        memory = memory || overlaps(first, count, frames.range[i].first, frames.range[i].frames);
    return memory;
}

/* ---- Zeroed frames ---- */

bool frames_pool_has_room(uint32_t count)
{
    return frames.zeroed_count + count <= frames.pool && frames.free >= count;
}

uint32_t frames_to_zero(uint32_t *taken, uint32_t most)
{
    uint32_t count = 0;

    while (count < most && take_frames(1, &taken[count]) == 1)
        count++;
    frames.in_work += count;
    return count;
}

void frames_back(const uint32_t *taken, uint32_t count, bool zeroed)
{
    frames.in_work -= count;
    for (uint32_t i = 0; i < count; i++)
        if (zeroed)
            frames.zeroed[frames.zeroed_count++] = taken[i];
        else
            set_frame_free(taken[i]);
}

uint32_t frame_take_zeroed(void)
{
    if (frames.zeroed_count > 0) {
        uint32_t frame = frames.zeroed[--frames.zeroed_count];
        if (pool_is_low())
            idle_wake();
        return frame;
    }
    uint32_t frame = frame_take();
    uint8_t *window = frame != 0 ? window_open(frame, true) : NULL;
    if (window == NULL) {
        if (frame != 0)
            set_frame_free(frame);
        return 0;
    }
    memset(window, 0, PAGE);
    window_close();
    return frame;
}

struct frame_counts frames_count(void)
{
    return (struct frame_counts){.total = frames.total,
                                 .free = frames.free + frames.zeroed_count + frames.in_work,
                                 .zeroed = frames.zeroed_count};
}
