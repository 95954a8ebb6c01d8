/* SPDX-License-Identifier: MIT */
#include "lock_ranges.h"

#include <errno.h>
#include <stddef.h>

static bool overlaps(const struct lock_range *a, const struct lock_range *b)
{
    return a->node == b->node && a->start <= b->last && b->start <= a->last;
}

/* `last` can be the highest number, so nothing is added to it. */
static bool touches(const struct lock_range *a, const struct lock_range *b)
{
    return a->node == b->node &&
           ((a->start > 0 && a->start - 1 == b->last) || (b->start > 0 && b->start - 1 == a->last));
}

/* What is wanted, and what has to be there beside it: parts of ranges that it cuts. */
struct cut {
    struct lock_range whole;
    struct lock_range part[2];
    uint32_t parts, gone;
};

/* Same kind: it becomes part of what is wanted. Else its ends stay. */
static void cut_range(struct cut *cut, const struct lock_range *wanted, bool locked,
                      const struct lock_range *old)
{
    bool joins = locked && old->exclusive == wanted->exclusive;

    if (!overlaps(old, wanted) && !(joins && touches(old, wanted)))
        return;
    cut->gone++;
    if (joins) {
        cut->whole.start = old->start < cut->whole.start ? old->start : cut->whole.start;
        cut->whole.last = old->last > cut->whole.last ? old->last : cut->whole.last;
        return;
    }
    if (old->start < wanted->start) {
        cut->part[cut->parts] = *old;
        cut->part[cut->parts++].last = wanted->start - 1;
    }
    if (old->last > wanted->last) {
        cut->part[cut->parts] = *old;
        cut->part[cut->parts++].start = wanted->last + 1;
    }
}

static void remove_cut(struct lock_ranges *ranges, const struct lock_range *wanted, bool locked)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < ranges->count; i++) {
        struct cut cut = {.whole = *wanted};
        cut_range(&cut, wanted, locked, &ranges->range[i]);
        if (cut.gone == 0)
            ranges->range[kept++] = ranges->range[i];
    }
    ranges->count = kept;
}

int lock_ranges_set(struct lock_ranges *ranges, const struct lock_range *wanted, bool locked)
{
    struct cut cut = {.whole = *wanted};

    for (uint32_t i = 0; i < ranges->count; i++)
        cut_range(&cut, wanted, locked, &ranges->range[i]);
    if (ranges->count - cut.gone + cut.parts + locked > LOCK_RANGES_MAX)
        return -ENOLCK;
    remove_cut(ranges, wanted, locked);
    for (uint32_t i = 0; i < cut.parts; i++)
        ranges->range[ranges->count++] = cut.part[i];
    if (locked)
        ranges->range[ranges->count++] = cut.whole;
    return 0;
}

const struct lock_range *lock_ranges_hinder(const struct lock_ranges *ranges,
                                            const struct lock_range *wanted)
{
    const struct lock_range *first = NULL;

    for (uint32_t i = 0; i < ranges->count; i++) {
        const struct lock_range *range = &ranges->range[i];
        if (overlaps(range, wanted) && (range->exclusive || wanted->exclusive) &&
            (first == NULL || range->start < first->start))
            first = range;
    }
    return first;
}

void lock_ranges_forget(struct lock_ranges *ranges, const void *node)
{
    const struct lock_range all = {.node = node, .start = 0, .last = UINT32_MAX};

    lock_ranges_set(ranges, &all, false);
}
