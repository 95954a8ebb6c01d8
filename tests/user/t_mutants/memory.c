/* SPDX-License-Identifier: MIT */
/* Rights that are taken are gone: for whom the page was passed on to, and in the processor. */
#include "t_mutants.h"

#define FAR 0x60000000u

static uint8_t page[2][IRIS_PAGE_SIZE] __attribute__((aligned(IRIS_PAGE_SIZE)));
static struct twin first, second;

static uint32_t flags_at(uint32_t space, uint32_t address)
{
    struct iris_mapping_info info;
    int count =
        iris_space_inspect(space, IRIS_INSPECT_MAPPINGS, address / IRIS_PAGE_SIZE, &info, 1);
    return count == 1 && info.page == address / IRIS_PAGE_SIZE ? info.flags : 0xdead;
}

static void check_protection(void)
{
    page[0][0] = 1;
    TEST_EQUAL(iris_memory_map(first.space, FAR, 0, (uint32_t)page[0], 1, IRIS_MAP_WRITE), 1,
               "a page is shown to one space, writable");
    TEST_EQUAL(iris_memory_map(second.space, FAR, 0, (uint32_t)page[0], 1, IRIS_MAP_WRITE), 1,
               "and to another");
    TEST_EQUAL(iris_memory_unmap(0, (uint32_t)page[0], 1, IRIS_UNMAP_PROTECT), 0, "then protected");
    TEST_EQUAL(flags_at(first.space, FAR), 0, "the first may not write it any more");
    TEST_EQUAL(flags_at(second.space, FAR), 0, "nor the second");
    iris_memory_unmap(first.space, FAR, 1, IRIS_UNMAP_OWN);
    iris_memory_unmap(second.space, FAR, 1, IRIS_UNMAP_OWN);
}

static volatile uint32_t seen;

/* In the twin: its own unmap, then a look where the processor may still remember the page. */
static void unmap_and_look(void *unused)
{
    volatile uint8_t *far = (volatile uint8_t *)FAR;

    (void)unused;
    seen = far[0];
    if (iris_memory_unmap(0, FAR, 1, IRIS_UNMAP_OWN) == 0)
        seen = 100u + far[0];
}

static void check_gone(void)
{
    /* A neighbour keeps the page table, whose end would make the processor forget all pages. */
    page[1][0] = 9;
    iris_memory_map(first.space, FAR + IRIS_PAGE_SIZE, 0, (uint32_t)page[1], 1, 0);
    TEST_EQUAL(iris_memory_map(first.space, FAR, 0, (uint32_t)page[1], 1, 0), 1, "a page is shown");
    struct twin_end end = twin_run(&first, unmap_and_look, NULL);
    TEST_EQUAL(seen, 9, "who unmaps it has seen it before");
    TEST_CHECK(!end.hung && end.reason == IRIS_EXIT_FAULT && end.last.address == FAR,
               "and faults at the next look");
}

void test_memory(void)
{
    if (TEST_CHECK(twin_make(&first, true) && twin_make(&second, true), "two spaces")) {
        check_protection();
        check_gone();
    }
    twin_free(&second);
    twin_free(&first);
}
