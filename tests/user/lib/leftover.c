/* SPDX-License-Identifier: MIT */
#include "leftover.h"

#include <string.h>
#include <unistd.h>

#include <iris/object.h>

#include "kit.h"
#include "memory.h"

#define WARM_UP_TRIES 8u
#define SETTLE_US 2000

bool leftover_take(uint32_t debug, struct leftover *found)
{
    struct memory_summary memory;
    bool passed = false;

    memset(found, 0, sizeof *found);
    /* mem first: its idle thread has it map pages one by one, on a budget that comes last, and who
       asks it something has it come to an end of that. Else the counts may be those of a moment. */
    if (memory_summary(IRIS_SLOT_MEMORY, &memory) != 0 ||
        kernel_debug_audit(debug, &passed, &found->audit) != 0 || !passed)
        return false;
    found->audit.kernel_pages_free = 0; /* follows from the others */
    found->pages = memory.total_pages - memory.free_pages;
    return true;
}

bool leftover_settles(uint32_t debug, const struct leftover *before, struct leftover *after,
                      unsigned tries)
{
    for (unsigned i = 0; i < tries; i++) {
        if (!leftover_take(debug, after))
            return false;
        if (memcmp(before, after, sizeof *before) == 0)
            return true;
        usleep(SETTLE_US);
    }
    return false;
}

bool leftover_warm_up(uint32_t debug, void (*work)(void *argument), void *argument,
                      struct leftover *found, unsigned tries)
{
    struct leftover before;

    if (!leftover_take(debug, found))
        return false;
    for (unsigned i = 0; i < WARM_UP_TRIES; i++) {
        before = *found;
        work(argument);
        if (leftover_settles(debug, &before, found, tries / 10)) /* too early: one more turn */
            return true;
    }
    return false;
}

void leftover_report(const struct leftover *before, const struct leftover *after)
{
    const struct audit_counts *a = &before->audit, *b = &after->audit;

    TEST_EQUAL(b->spaces, a->spaces, "spaces");
    TEST_EQUAL(b->threads, a->threads, "threads");
    TEST_EQUAL(b->ports, a->ports, "ports");
    TEST_EQUAL(b->portals, a->portals, "portals");
    TEST_EQUAL(b->handles, a->handles, "handles");
    TEST_EQUAL(b->mappings, a->mappings, "mappings");
    TEST_EQUAL(b->kernel_pages, a->kernel_pages, "kernel pages");
    TEST_EQUAL(after->pages, before->pages, "pages of memory");
}
