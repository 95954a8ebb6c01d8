/* SPDX-License-Identifier: MIT */
/* Copy on write: a private view reads the object's pages and writes to its own. */
#include "t_object.h"

#define PAGES 6u
#define FIRST (FAR)
#define SECOND (FAR + 0x100000u)
#define SHARED (FAR + 0x200000u)

static volatile uint32_t *word(uint32_t view, uint32_t page)
{
    return (volatile uint32_t *)(view + page * PAGE);
}

static uint32_t frame_at(uint32_t address)
{
    struct iris_mapping_info info = {0};

    mapping_at(address, &info);
    return info.frame;
}

static void check_copies(void)
{
    uint32_t resident = usage().resident_pages;

    for (uint32_t page = 0; page < PAGES - 1; page++)
        *word(SHARED, page) = 100 + page;
    TEST_EQUAL(usage().resident_pages - resident, PAGES - 1, "five pages of the object are there");
    TEST_EQUAL(*word(FIRST, 0), 100, "a private view reads them");
    TEST_EQUAL(*word(SECOND, 0), 100, "a second one too");
    TEST_EQUAL(usage().resident_pages - resident, PAGES - 1, "reading copies nothing");
    TEST_CHECK(frame_at(FIRST) == frame_at(SHARED) && frame_at(SECOND) == frame_at(SHARED),
               "all three show one page");
    *word(FIRST, 0) = 7;
    TEST_EQUAL(usage().resident_pages - resident, PAGES, "the first write copies one page");
    TEST_CHECK(*word(FIRST, 0) == 7 && word(FIRST, 0)[1] == 0, "with its contents");
    TEST_CHECK(*word(SHARED, 0) == 100 && *word(SECOND, 0) == 100, "which nobody else sees");
    *word(FIRST, 0) = 8;
    TEST_EQUAL(usage().resident_pages - resident, PAGES, "the second write copies nothing");
    *word(SECOND, 1) = 9;
    TEST_CHECK(*word(SECOND, 1) == 9 && *word(SHARED, 1) == 101 && *word(FIRST, 1) == 101,
               "a page that was not read before is copied at the write");
    *word(SECOND, PAGES - 1) = 10;
    TEST_CHECK(*word(SHARED, PAGES - 1) == 0 && word(SECOND, PAGES - 1)[1] == 0,
               "and one that nobody had written is zero");
    *word(SHARED, 0) = 50;
    TEST_EQUAL(*word(FIRST, 0), 8, "later changes of the object do not reach a copy");
}

/* Two threads of one space write to the same page for the first time. */
static volatile uint32_t ready, done;

static void write_both(void *number)
{
    ready++;
    while (ready < 2)
        iris_thread_switch(0);
    word(FIRST, 2)[1 + (uint32_t)number] = 1;
    done++;
}

static void check_two_threads(void)
{
    static struct bare threads[2];

    ready = done = 0;
    (void)*word(FIRST, 2);
    for (uint32_t i = 0; i < 2; i++)
        bare_run(&threads[i], 0, BARE_UTCB_FIRST + i, write_both, (void *)i);
    TEST_CHECK(kit_wait_word(&done, 2), "two threads write to a page for the first time");
    TEST_CHECK(word(FIRST, 2)[1] == 1 && word(FIRST, 2)[2] == 1 && *word(FIRST, 2) == 102,
               "nothing that they wrote is lost");
    for (uint32_t i = 0; i < 2; i++) {
        kit_wait_state(0, BARE_UTCB_FIRST + i, IRIS_THREAD_DEAD);
        bare_end(&threads[i]);
    }
}

static void check_parts(void)
{
    uint32_t resident = usage().resident_pages;

    *word(FIRST, 4) = 44;
    TEST_EQUAL(memory_release(IRIS_SLOT_MEMORY, FIRST + 2 * PAGE, 2 * PAGE), 0,
               "the middle of a view ends");
    TEST_EQUAL(usage().resident_pages, resident, "with one copy, while another was made");
    TEST_CHECK(*word(FIRST, 0) == 8 && *word(FIRST, 1) == 101 && *word(FIRST, 4) == 44,
               "both ends are as they were");
    TEST_EQUAL(*word(FIRST, 5), *word(SHARED, 5), "page by page");
    TEST_CHECK(!mapping_at(FIRST + 2 * PAGE, NULL) && !mapping_at(FIRST + 3 * PAGE, NULL),
               "the middle is not mapped");
    iris_memory_unmap(0, FIRST, 1, IRIS_UNMAP_OWN);
    TEST_EQUAL(*word(FIRST, 0), 8, "a copy that was unmapped comes back");
}

void test_private(void)
{
    struct memory_usage before = usage();
    uint32_t object, readable, at;

    memory_object_create(IRIS_SLOT_MEMORY, PAGES * PAGE, &object);
    memory_object_read_only(object, &readable);
    TEST_EQUAL(memory_map(IRIS_SLOT_MEMORY, object, SHARED, 0, PAGES * PAGE, MEMORY_WRITE, &at), 0,
               "an object is mapped");
    const uint32_t flags = MEMORY_WRITE | MEMORY_PRIVATE;
    TEST_EQUAL(memory_map(IRIS_SLOT_MEMORY, readable, FIRST, 0, PAGES * PAGE, flags, &at), 0,
               "and, through a readable handle, privately, to be written");
    TEST_EQUAL(memory_map(IRIS_SLOT_MEMORY, readable, SECOND, 0, PAGES * PAGE, flags, &at), 0,
               "twice");
    TEST_EQUAL(usage().reserved_pages - before.reserved_pages, 3 * PAGES,
               "the copies are set apart");
    check_copies();
    check_two_threads();
    check_parts();
    memory_release(IRIS_SLOT_MEMORY, SHARED, PAGES * PAGE);
    memory_release(IRIS_SLOT_MEMORY, FIRST, PAGES * PAGE);
    memory_release(IRIS_SLOT_MEMORY, SECOND, PAGES * PAGE);
    iris_handle_discard(object);
    iris_handle_discard(readable);
    struct memory_usage after = usage();
    TEST_CHECK(after.resident_pages == before.resident_pages &&
                   after.reserved_pages == before.reserved_pages,
               "all copies are given back");
}
