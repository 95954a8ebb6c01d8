/* SPDX-License-Identifier: MIT */
/* What memory_map and memory_unmap refuse: the window, page 0, the kernel, odd numbers. */
#include "t_memory.h"

#include "memory.h"

static uint8_t data[PAGE] __attribute__((aligned(PAGE)));

static const struct {
    uint32_t address, source, pages, flags;
    int expected;
    const char *what;
} maps[] = {
    {0, 0, 1, 0, -EINVAL, "page 0"},
    {1, 0, 1, 0, -EINVAL, "an odd address"},
    {FAR, 4, 1, 0, -EINVAL, "an odd source"},
    {FAR, 0, 0, 0, -EINVAL, "no page at all"},
    {FAR, 0, 0xffffffff, 0, -EINVAL, "too many pages"},
    {FAR, 0, 0x100001, 0, -EINVAL, "more than there are"},
    {0xfffff000, 0, 2, 0, -EINVAL, "a range that wraps"},
    {IRIS_WINDOW, 0, 1, 0, -EINVAL, "the window's first page"},
    {IRIS_VDSO_BASE, 0, 1, IRIS_MAP_WRITE, -EINVAL, "the vDSO"},
    {IRIS_DATA_PAGE, 0, 1, IRIS_MAP_WRITE, -EINVAL, "the data page"},
    {IRIS_USER_TOP, 0, 1, 0, -EINVAL, "the kernel"},
    {0xfffff000, 0, 1, 0, -EINVAL, "the last page of all"},
    {FAR, 0, 1, 8, -EINVAL, "an unknown flag"},
    {FAR, 0, 1, IRIS_MAP_UNCACHED, -EINVAL, "uncached, of one's own"},
    {FAR, 0xffffffff, 1, 0, -EFAULT, "nothing as source"}, /* replaced by FAR + PAGE below */
};

static void check_maps(void)
{
    data[0] = 1;
    for (unsigned i = 0; i < sizeof maps / sizeof *maps; i++) {
        uint32_t source =
            maps[i].source == 0xffffffff ? FAR + PAGE : (uint32_t)data + maps[i].source;
        TEST_EQUAL(iris_memory_map(0, maps[i].address, 0, source, maps[i].pages, maps[i].flags),
                   maps[i].expected, "mapping %s", maps[i].what);
    }
    TEST_EQUAL(iris_memory_map(0, FAR, 0, IRIS_VDSO_BASE, 1, 0), -EFAULT, "the vDSO as source");
    TEST_EQUAL(iris_memory_map(0, FAR, 0, IRIS_DATA_PAGE, 1, 0), -EFAULT, "the data page");
    TEST_EQUAL(iris_memory_map(0, FAR, 0, IRIS_USER_TOP, 1, 0), -EFAULT, "the kernel");
    TEST_EQUAL(iris_memory_map(0, FAR, 0, 0xfffff000, 1, 0), -EFAULT, "the kernel's last page");
    TEST_EQUAL(iris_memory_map(0, FAR, 0, 0, 1, 0), -EFAULT, "page 0 as source");
    TEST_EQUAL(iris_memory_map(0, FAR, 0, twin_memory_begin(), 1, IRIS_MAP_WRITE), -EPERM,
               "own code, to write it");
    TEST_EQUAL(iris_memory_map(0, FAR, IRIS_SLOT_MEMORY, 0x100000, 1, 0), -EBADF,
               "physical memory without its handle");
    TEST_CHECK(mapping_at(0, FAR, NULL) < 0 && mapping_at(0, FAR + PAGE, NULL) < 0,
               "none of these mapped anything");
}

static void check_unmaps(void)
{
    TEST_EQUAL(iris_memory_unmap(0, 1, 1, 0), -EINVAL, "unmapping an odd address");
    TEST_EQUAL(iris_memory_unmap(0, FAR, 0, 0), -EINVAL, "no page");
    TEST_EQUAL(iris_memory_unmap(0, 0xfffff000, 2, 0), -EINVAL, "a range that wraps");
    TEST_EQUAL(iris_memory_unmap(0, FAR, 1, 4), -EINVAL, "an unknown flag");
    TEST_EQUAL(iris_memory_unmap(0, IRIS_VDSO_BASE, 1, IRIS_UNMAP_OWN), -EINVAL, "the vDSO");
    TEST_EQUAL(iris_memory_unmap(0, IRIS_DATA_PAGE, 1, IRIS_UNMAP_OWN), -EINVAL, "the data page");
    TEST_EQUAL(iris_memory_unmap(0, IRIS_WINDOW - PAGE, 2, 0), -EINVAL, "up into the window");
    TEST_EQUAL(iris_memory_unmap(0, IRIS_USER_TOP, 1, IRIS_UNMAP_OWN), -EINVAL, "the kernel");
    TEST_EQUAL(iris_memory_unmap(0, FAR, 1, IRIS_UNMAP_OWN), 0, "where nothing is: nothing to do");
}

void test_refuse(void)
{
    check_maps();
    check_unmaps();
}

/* ---- The memory service, row 31: a page is given once ---- */

void test_service(void)
{
    struct memory_usage before, after;
    uint32_t address = 0;

    memory_usage(IRIS_SLOT_MEMORY, &before);
    TEST_EQUAL(memory_allocate(IRIS_SLOT_MEMORY, 256 * PAGE, MEMORY_WRITE, &address), 0,
               "a megabyte is promised");
    volatile uint32_t *memory = (volatile uint32_t *)address;
    uint32_t sum = memory[0] | memory[100 * PAGE / 4] | memory[255 * PAGE / 4];
    TEST_EQUAL(sum, 0, "three pages of it are touched: zero");
    memory_usage(IRIS_SLOT_MEMORY, &after);
    TEST_EQUAL(after.resident_pages - before.resident_pages, 3, "three are given");
    memory[0] = 7;
    TEST_EQUAL(iris_memory_unmap(0, address, 1, IRIS_UNMAP_OWN), 0, "one is unmapped");
    TEST_EQUAL(memory[0], 7, "and comes back by itself, the same one");
    memory_usage(IRIS_SLOT_MEMORY, &after);
    TEST_EQUAL(after.resident_pages - before.resident_pages, 3, "not a new one");
    TEST_EQUAL(memory_release(IRIS_SLOT_MEMORY, address, 256 * PAGE), 0, "all is given back");
    memory_usage(IRIS_SLOT_MEMORY, &after);
    TEST_EQUAL(after.resident_pages, before.resident_pages, "and not held any more");
    TEST_EQUAL(mapping_at(0, address, NULL), -1, "or mapped");
    TEST_EQUAL(memory_release(IRIS_SLOT_MEMORY, 1, PAGE), -EINVAL, "an odd address is refused");
    TEST_EQUAL(memory_allocate(IRIS_SLOT_MEMORY, 0, MEMORY_WRITE, &address), -EINVAL,
               "so is nothing at all");
}
