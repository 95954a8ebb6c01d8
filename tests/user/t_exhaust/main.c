/* SPDX-License-Identifier: MIT */
/*
 * Attacks 10 to 12: a space makes as many as it can of one thing: handles, ports, portals, threads,
 * spaces, mappings, page tables. It gets an error; nobody else notices; with its end all comes
 * back.
 */
#include <iris/summary.h>

#include "memory.h"
#include "resident.h"
#include "twin.h"
#include "victim.h"

IRIS_SUMMARY("test: spaces that exhaust what they were given");

#define PAGE ((uint32_t)IRIS_PAGE_SIZE)
#define FAR 0x60000000u
#define OWN_SPACE 20u /* slots in the culprit's table */
#define SOURCE 21u
#define FIRST 64u
#define MOST 70000u /* no table holds so many */

static struct twin culprit;
static uint8_t page[PAGE] __attribute__((aligned(PAGE)));

/* ---- What it makes: number i, or an error ---- */

static int make_handle(uint32_t i) { return iris_handle_copy(SOURCE, 0, FIRST + i, 0xff); }
static int make_port(uint32_t i) { return iris_port_create(FIRST + i); }
static int make_portal(uint32_t i)
{
    return iris_portal_create(SOURCE, FIRST + i, i, IRIS_RIGHT_CALL, 0);
}
static int make_thread(uint32_t i) { return iris_thread_create(OWN_SPACE, FIRST + i, 1 + i, 1); }
/* Each in a UTCB page of its own. */
static int make_far_thread(uint32_t i)
{
    return iris_thread_create(OWN_SPACE, FIRST + i, 8 + i * 8, 1);
}
static int make_space(uint32_t i) { return iris_space_create(FIRST + i, 5, 1, 0, 0, 0); }
static int make_mapping(uint32_t i)
{
    return iris_memory_map(0, FAR + i * PAGE, 0, (uint32_t)page, 1, 0);
}
static int make_table(uint32_t i)
{
    return iris_memory_map(0, (16 + i) << 22, 0, (uint32_t)page, 1, 0);
}

/* ---- And how one of them is given back ---- */

static int close_handle(uint32_t i) { return iris_handle_close(FIRST + i); }
static int end_object(uint32_t i)
{
    return iris_object_destroy(FIRST + i) | iris_handle_close(FIRST + i);
}
static int end_mapping(uint32_t i)
{
    return iris_memory_unmap(0, FAR + i * PAGE, 1, IRIS_UNMAP_OWN);
}
static int end_table(uint32_t i) { return iris_memory_unmap(0, (16 + i) << 22, 1, IRIS_UNMAP_OWN); }

static const struct thing {
    const char *name;
    int (*make)(uint32_t i);
    int (*end)(uint32_t i); /* NULL: its memory is not free before its end has been told */
    uint32_t least;         /* that must have been possible */
} things[] = {
    {"handles", make_handle, close_handle, 1000},   {"ports", make_port, end_object, 100},
    {"portals", make_portal, end_object, 100},      {"threads", make_thread, NULL, 10},
    {"UTCB pages", make_far_thread, end_object, 5}, {"spaces", make_space, end_object, 1},
    {"mappings", make_mapping, end_mapping, 500},   {"page tables", make_table, end_table, 3},
};

/* Filled in by the culprit; it shares this memory. */
static struct {
    const struct thing *thing;
    volatile uint32_t made, again, full, waiting;
    volatile int error, second_error;
} result;

/* Until nothing more goes; one back, and one more; then it stays, with all of it. */
static void exhaust(void *unused)
{
    uint32_t i = 0;
    int error = 0;

    (void)unused;
    while (i < MOST && (error = result.thing->make(i)) >= 0)
        i++;
    result.made = i;
    result.error = error;
    result.second_error = result.thing->make(i);
    result.again =
        !result.thing->end || (result.thing->end(i - 1) >= 0 && result.thing->make(i - 1) >= 0);
    result.waiting = 1;

    while (!result.full)
        iris_thread_switch(0);
}

/* Others can do what the culprit cannot. */
static bool others_can(void)
{
    struct rig rig;
    uint32_t address = 0, space = kit_slot();

    bool fine = rig_make(&rig, 1, 0);
    rig_free(&rig);
    fine = fine && iris_space_create(space, 8, 1, 0, 0, 0) == 0;
    iris_object_destroy(space);
    iris_handle_discard(space);
    fine = fine && memory_allocate(IRIS_SLOT_MEMORY, 4 * PAGE, MEMORY_WRITE, &address) == 0;
    if (fine)
        *(volatile uint32_t *)address = 1;
    return memory_release(IRIS_SLOT_MEMORY, address, 4 * PAGE) == 0 && fine;
}

static bool culprit_begin(void)
{
    return twin_make(&culprit, true) && twin_give(&culprit, culprit.space, OWN_SPACE, 0xff) == 0 &&
           twin_give(&culprit, culprit.port, SOURCE, 0xff) == 0;
}

static void check_thing(const struct thing *thing)
{
    struct iris_space_info before = kit_space(0);

    result.thing = thing;
    result.made = result.again = result.full = result.waiting = 0;
    if (!TEST_CHECK(culprit_begin() && twin_start(&culprit, 0, exhaust, NULL) == 0 &&
                        kit_wait_word(&result.waiting, 1),
                    "a space that makes %s", thing->name))
        return;
    TEST_CHECK(result.error == -ENOMEM && result.second_error == -ENOMEM &&
                   result.made >= thing->least && result.made < MOST,
               "after %u of them there are no more: ENOMEM", (unsigned)result.made);
    TEST_EQUAL(result.again, 1, "one given back, there is one again");
    TEST_CHECK(others_can(), "others notice nothing");
    kit_audit("with all of them there");
    struct iris_space_info info = kit_space(culprit.space);
    TEST_CHECK(info.pages_used <= info.pages_limit, "it has spent no more than it was given");
    result.full = 1;
    twin_free(&culprit);
    struct iris_space_info after = kit_space(0);
    TEST_CHECK(after.pages_used == before.pages_used && after.pages_limit == before.pages_limit &&
                   after.handles == before.handles && after.mappings == before.mappings,
               "with its end all comes back");
}

/* All the handles there can be: the table has an end, too. */
static void check_limits(void)
{
    TEST_EQUAL(iris_port_create(IRIS_HANDLE_LIMIT), -EINVAL, "a slot beyond the table");
    TEST_EQUAL(iris_port_create(0), -EINVAL, "slot 0");
    TEST_EQUAL(iris_thread_create(0, IRIS_HANDLE_LIMIT, 100, 1), -EINVAL, "for a thread");
    TEST_EQUAL(iris_space_create(IRIS_HANDLE_LIMIT, 8, 1, 0, 0, 0), -EINVAL, "for a space");
    TEST_EQUAL(iris_space_create(kit_slot(), kit_space(0).pages_limit + 1, 1, 0, 0, 0), -ENOMEM,
               "more kernel pages than one has");
    TEST_EQUAL(iris_space_create(kit_slot(), 0x7fffffff, 1, 0, 0, 0), -EINVAL,
               "more than there are");
}

int main(void)
{
    test_begin("t_exhaust");
    iris_resident(0);
    page[0] = 1;
    TEST_CHECK(victim_begin(), "a victim that works meanwhile");
    kit_audit("before all");
    if (culprit_begin()) /* tables of one's own that the first one needs */
        twin_free(&culprit);
    for (unsigned i = 0; i < sizeof things / sizeof *things; i++)
        check_thing(&things[i]);
    check_limits();
    victim_end();
    return test_end();
}
