/* SPDX-License-Identifier: MIT */
/* Row 30, in bounded steps: deep, wide and many mappings; huge ranges; what is counted where. */
#include "t_memory.h"

#define DEPTH_MAX 31u
#define WIDE 300u
#define SEARCHES 20u
#define CHILD_LEFT 24u /* kernel pages that the program keeps for itself */
#define ALL_PAGES (IRIS_WINDOW / PAGE)

static uint8_t data[3 * PAGE] __attribute__((aligned(PAGE)));
static uint32_t child;
static uint32_t many; /* the page that is mapped often: the third */

/* ---- Deep: a chain of derivations has an end ---- */

static int show(uint32_t at, uint32_t source, uint32_t flags)
{
    return iris_memory_map(0, at, 0, source, 1, flags);
}

static void check_deep(void)
{
    uint32_t source = (uint32_t)data, made = 0;

    data[0] = 3;
    for (; made < DEPTH_MAX && show(FAR + made * PAGE, source, IRIS_MAP_WRITE) == 1; made++)
        source = FAR + made * PAGE;
    TEST_EQUAL(made, DEPTH_MAX, "a page is shown %u times in a chain", (unsigned)DEPTH_MAX);
    TEST_EQUAL(show(FAR + made * PAGE, source, 0), -EOVERFLOW, "and not once more");
    TEST_EQUAL(show(FAR + made * PAGE, source, IRIS_MAP_WRITE | IRIS_MAP_GRANT), 1,
               "but the last can be granted");
    TEST_EQUAL(*(volatile uint8_t *)(FAR + made * PAGE), 3, "it is the same page");
    TEST_EQUAL(iris_memory_unmap(0, (uint32_t)data, 1, IRIS_UNMAP_PROTECT), 0,
               "protected at the top");
    struct iris_mapping_info info;
    unsigned writable = 0;
    for (uint32_t i = 0; i <= made; i++)
        writable += mapping_at(0, FAR + i * PAGE, &info) >= 0 && info.flags & IRIS_MAP_WRITE;
    TEST_EQUAL(writable, 0, "the whole chain loses the right to write");
    TEST_EQUAL(iris_memory_unmap(0, (uint32_t)data, 1, 0), 0, "unmapped at the top");
    TEST_CHECK(mapping_at(0, FAR, NULL) < 0 && mapping_at(0, FAR + made * PAGE, NULL) < 0,
               "it is gone, the granted page too");
}

/* ---- Wide: many derive from one ---- */

static unsigned writable_below(void)
{
    struct iris_mapping_info info[32];
    unsigned writable = 0;
    uint32_t cursor = 0;
    int count;

    while ((count = iris_space_inspect(child, IRIS_INSPECT_MAPPINGS, cursor, info, 32)) > 0) {
        for (int i = 0; i < count; i++)
            writable += info[i].flags == IRIS_MAP_WRITE;
        cursor = info[count - 1].page + 1;
    }
    return writable;
}

/* Writable and others by turns, at addresses with gaps that span page tables. */
static void check_wide(void)
{
    uint32_t page = (uint32_t)data + PAGE, own = kit_space(0).mappings;
    unsigned made = 0;

    for (uint32_t i = 0; i < WIDE; i++)
        made += iris_memory_map(child, FAR + i * 17 * PAGE, 0, page, 1,
                                i % 2 ? IRIS_MAP_WRITE : 0) == 1;
    TEST_EQUAL(made, WIDE, "a page is shown %u times", (unsigned)WIDE);
    TEST_EQUAL(kit_space(child).mappings, WIDE, "each of them is counted");
    TEST_EQUAL(writable_below(), WIDE / 2, "every second is writable");
    kit_audit("with many derived from one");
    iris_memory_unmap(child, FAR + 17 * PAGE, 1, IRIS_UNMAP_PROTECT);
    TEST_EQUAL(writable_below(), WIDE / 2 - 1, "one of them is protected");
    iris_memory_unmap(0, page, 1, IRIS_UNMAP_PROTECT);
    TEST_EQUAL(writable_below(), 0, "then the page itself, and so all of them");
    kit_audit("with all of them protected");
    TEST_EQUAL(iris_memory_unmap(child, FAR + 34 * PAGE, 1, IRIS_UNMAP_OWN), 0, "one is unmapped");
    TEST_EQUAL(kit_space(child).mappings, WIDE - 1, "one less is counted");
    TEST_EQUAL(iris_memory_unmap(0, page, 1, 0), 0, "all are unmapped");
    TEST_CHECK(kit_space(child).mappings == 0 && kit_space(0).mappings == own, "none is left");
}

/* ---- Many, and huge ranges ---- */

static uint64_t map_many(uint32_t from, uint32_t count, uint32_t flags)
{
    uint64_t begin = iris_clock_monotonic();

    for (uint32_t i = from; i < from + count; i++)
        if (iris_memory_map(child, FAR + i * PAGE, 0, many, 1, flags) != 1)
            return 0;
    return iris_clock_monotonic() - begin;
}

/* As many as the account allows: records of 127 in a page, tables of 1024. */
static void check_many(uint32_t most)
{
    uint32_t pages = kit_space(child).pages_limit - kit_space(child).pages_used;
    uint32_t count = (pages - 4) * 100, tenth;

    count = count > most ? most : count;
    tenth = count / 10;
    uint64_t first = map_many(0, tenth, IRIS_MAP_WRITE), begin;
    uint64_t middle = map_many(tenth, count - 2 * tenth, IRIS_MAP_WRITE);
    uint64_t last = map_many(count - tenth, tenth, IRIS_MAP_WRITE);
    TEST_CHECK(first && middle && last && kit_space(child).mappings == count,
               "%u mappings of one page", (unsigned)count);
    test_metric("map_first", first / tenth, "ns", "of=%u", (unsigned)count);
    test_metric("map_last", last / tenth, "ns", "of=%u", (unsigned)count);
    TEST_EQUAL(mapping_at(0, many, NULL), 1, "they are derived from it");
    TEST_EQUAL(iris_memory_unmap(0, many, 1, IRIS_UNMAP_PROTECT), 0,
               "the page is protected, with all of them");
    struct iris_mapping_info record;
    TEST_EQUAL(iris_space_inspect(child, IRIS_INSPECT_MAPPINGS, FAR / PAGE + count, &record, 1), 0,
               "behind the last one there is nothing");
    begin = iris_clock_monotonic();
    TEST_EQUAL(iris_memory_unmap(child, PAGE, ALL_PAGES - 1, IRIS_UNMAP_OWN), 0,
               "one call unmaps the whole space");
    test_metric("unmap", (iris_clock_monotonic() - begin) / count, "ns", "of=%u", (unsigned)count);
    TEST_CHECK(kit_space(child).mappings == 0 && mapping_at(0, many, NULL) == 0,
               "nothing is left of them");
    begin = iris_clock_monotonic();
    TEST_EQUAL(iris_memory_unmap(child, PAGE, ALL_PAGES - 1, IRIS_UNMAP_OWN), 0, "once more");
    test_metric("unmap_nothing", (iris_clock_monotonic() - begin) / 1000, "us", "pages=%u",
                (unsigned)ALL_PAGES);
}

/* The search for the only mapping, at the far end, is interrupted now and then. */
static void check_search(void)
{
    struct iris_mapping_info info;
    unsigned found = 0;

    iris_memory_map(child, IRIS_WINDOW - PAGE, 0, many, 1, 0);
    for (unsigned i = 0; i < SEARCHES; i++)
        found += iris_space_inspect(child, IRIS_INSPECT_MAPPINGS, 0, &info, 1) == 1 &&
                 info.page == ALL_PAGES - 1;
    TEST_EQUAL(found, SEARCHES, "a mapping at the far end is found each time");
    iris_memory_unmap(child, IRIS_WINDOW - PAGE, 1, IRIS_UNMAP_OWN);
}

/* While others want the processor, a long unmapping still comes to its end. */
static volatile uint32_t stop, others;

static void spin(void *unused)
{
    (void)unused;
    while (!stop)
        others++;
}

static void check_interrupted(void)
{
    static struct bare spinner;
    uint32_t count = 5000;

    stop = others = 0;
    bare_run(&spinner, 0, BARE_UTCB_FIRST, spin, NULL);
    unsigned rounds = 0, left = 0;
    for (uint64_t end = kit_soon(300); iris_clock_monotonic() < end; rounds++) {
        if (map_many(0, count, 0) == 0)
            break;
        left += iris_memory_unmap(child, FAR, count, IRIS_UNMAP_OWN) != 0;
        left += kit_space(child).mappings;
    }
    stop = 1;
    TEST_CHECK(rounds > 0 && left == 0, "interrupted often, each unmapping took all (%u rounds)",
               rounds);
    kit_wait_state(0, BARE_UTCB_FIRST, IRIS_THREAD_DEAD);
    TEST_CHECK(others > 0, "while another thread ran");
    bare_end(&spinner);
}

/* ---- What is looked at first ---- */

static void check_types_before_rights(void)
{
    struct iris_space_info info;
    struct rig rig;
    uint32_t weak = kit_slot();

    rig_make(&rig, 1, 0);
    TEST_EQUAL(iris_memory_unmap(rig.client, FAR, 1, 0), -EBADF, "a portal has no memory to unmap");
    TEST_EQUAL(iris_space_inspect(rig.client, IRIS_INSPECT_SPACE, 0, &info, 1), -EBADF,
               "and is no space to be inspected");
    iris_handle_copy(child, 0, weak, IRIS_RIGHT_COPY);
    TEST_EQUAL(iris_memory_unmap(weak, FAR, 1, 0), -EPERM, "a space without the right is refused");
    TEST_EQUAL(iris_space_inspect(weak, IRIS_INSPECT_SPACE, 0, &info, 1), -EPERM, "here too");
    TEST_EQUAL(iris_space_inspect(child, IRIS_INSPECT_MEMORY, 0, &info, 1), -EBADF,
               "a space is no memory");
    iris_handle_discard(weak);
    rig_free(&rig);
}

/* ---- How long interrupts wait ---- */

#define PERIOD 100000u /* ns */

static struct {
    struct rig rig;
    struct bare thread;
    volatile uint32_t stop, wakes, latest; /* ns after its deadline */
} watch;

/* Of higher priority than all else here: it is late only because the kernel let nothing in. */
static void watch_time(void *unused)
{
    struct iris_message m;

    (void)unused;
    iris_port_bind(watch.rig.port);
    while (!watch.stop) {
        uint64_t deadline = iris_clock_monotonic() + PERIOD;
        iris_ipc_wait_until(&m, deadline);
        uint32_t late = (uint32_t)(iris_clock_monotonic() - deadline);
        watch.latest = late > watch.latest ? late : watch.latest;
        watch.wakes++;
    }
}

static bool watch_begin(void)
{
    watch.stop = watch.wakes = watch.latest = 0;
    return rig_make(&watch.rig, 1, 0) && bare_create(&watch.thread, 0, BARE_UTCB_FIRST + 1) == 0 &&
           iris_thread_schedule(watch.thread.handle, kit_priority() + 1, 0, 0, 0, 0) == 0 &&
           bare_start(&watch.thread, watch_time, NULL) == 0;
}

static void watch_end(const char *during)
{
    watch.stop = 1;
    kit_wait_state(0, BARE_UTCB_FIRST + 1, IRIS_THREAD_DEAD);
    bare_end(&watch.thread);
    rig_free(&watch.rig);
    TEST_CHECK(watch.wakes > 0, "somebody looked at the clock %u times", (unsigned)watch.wakes);
    test_metric("latest", watch.latest, "ns", "during=%s", during);
}

void test_steps(uint32_t most)
{
    child = kit_slot();
    uint32_t left = kit_pages_left();
    if (!TEST_CHECK(left > CHILD_LEFT + 16 &&
                        iris_space_create(child, left - CHILD_LEFT, 0, 0, 0, 0) == 0,
                    "a child space with %u kernel pages", (unsigned)(left - CHILD_LEFT)))
        return;
    data[PAGE] = data[2 * PAGE] = 4;
    many = (uint32_t)data + 2 * PAGE;
    check_deep();
    TEST_CHECK(watch_begin(), "a thread that looks at the clock");
    check_many(most);
    check_search();
    watch_end("mappings");
    check_interrupted();
    check_wide();
    check_types_before_rights();
    TEST_EQUAL(iris_object_destroy(child), 0, "the child is destroyed");
    iris_handle_discard(child);
    TEST_EQUAL(kit_pages_left(), left, "its kernel pages are back");
}
