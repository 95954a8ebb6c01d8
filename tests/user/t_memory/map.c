/* SPDX-License-Identifier: MIT */
/* Row 30, first form: mappings, what derives from them, and what happens when they go. */
#include "t_memory.h"

static uint8_t data[4 * PAGE] __attribute__((aligned(PAGE)));
static uint32_t child, grandchild;

int mapping_at(uint32_t space, uint32_t address, struct iris_mapping_info *info)
{
    struct iris_mapping_info found;
    int count = iris_space_inspect(space, IRIS_INSPECT_MAPPINGS, address / PAGE, &found, 1);

    if (count != 1 || found.page != address / PAGE)
        return -1;
    if (info)
        *info = found;
    return (int)found.derived;
}

static bool is_mapped(uint32_t space, uint32_t address)
{
    return mapping_at(space, address, NULL) >= 0;
}

/* memory_map until all is mapped: an interrupt ends a call early. */
static int map_pages(uint32_t space, uint32_t address, uint32_t source, uint32_t pages,
                     uint32_t flags)
{
    uint32_t done = 0;
    int step;

    do {
        step = iris_memory_map(space, address + done * PAGE, 0, source + done * PAGE, pages - done,
                               flags);
        if (step > 0)
            done += (uint32_t)step;
    } while (step > 0 && done < pages);
    return step < 0 ? step : (int)done;
}

/* ---- Derived mappings ---- */

static void check_derived(void)
{
    struct iris_mapping_info info;

    data[0] = data[PAGE] = 1;
    TEST_EQUAL(map_pages(child, FAR, (uint32_t)data, 2, IRIS_MAP_WRITE), 2,
               "two pages are shown to a child space");
    TEST_CHECK(is_mapped(child, FAR) && is_mapped(child, FAR + PAGE) &&
                   !is_mapped(child, FAR + 2 * PAGE),
               "there they are, and no third");
    TEST_EQUAL(mapping_at(0, (uint32_t)data, &info), 1, "each is derived from the own page");
    uint32_t frame = info.frame;
    mapping_at(child, FAR, &info);
    TEST_CHECK(info.frame == frame && info.flags == IRIS_MAP_WRITE, "the same frame, writable");
    TEST_EQUAL(iris_memory_map(child, FAR, 0, (uint32_t)data, 1, 0), -EEXIST,
               "what is in the way is not replaced");
    TEST_EQUAL(iris_memory_map(grandchild, FAR, 0, (uint32_t)data, 1, 0), 1, "a second child");
    mapping_at(grandchild, FAR, &info);
    TEST_EQUAL(info.flags, 0, "may only read, if so asked");
    TEST_EQUAL(mapping_at(0, (uint32_t)data, NULL), 1, "both are derived from it");

    TEST_EQUAL(iris_memory_unmap(0, (uint32_t)data, 1, 0), 0, "all that derives from it is taken");
    TEST_CHECK(!is_mapped(child, FAR) && !is_mapped(grandchild, FAR), "from everybody");
    TEST_CHECK(is_mapped(child, FAR + PAGE), "but not the other page");
    TEST_CHECK(data[0] == 1 && mapping_at(0, (uint32_t)data, NULL) == 0, "one's own stays");
    TEST_EQUAL(iris_memory_unmap(child, FAR + PAGE, 1, IRIS_UNMAP_OWN), 0, "a child's page itself");
    TEST_CHECK(!is_mapped(child, FAR + PAGE), "is taken too");
}

/* ---- Inside one's own space ---- */

static void check_alias(void)
{
    volatile uint8_t *alias = (volatile uint8_t *)FAR;

    data[0] = 17;
    TEST_EQUAL(iris_memory_map(0, FAR, 0, (uint32_t)data, 1, IRIS_MAP_WRITE), 1, "an own page");
    TEST_EQUAL(alias[0], 17, "is seen at a second address");
    alias[0] = 18;
    TEST_EQUAL(data[0], 18, "and written");
    TEST_EQUAL(iris_memory_map(0, FAR + PAGE, 0, FAR, 1, 0), 1, "the second shown again, to read");
    TEST_EQUAL(*(volatile uint8_t *)(FAR + PAGE), 18, "is the same");
    TEST_EQUAL(iris_memory_map(0, FAR + 2 * PAGE, 0, FAR + PAGE, 1, IRIS_MAP_WRITE), -EPERM,
               "but cannot become writable again");
    TEST_EQUAL(iris_memory_unmap(0, FAR, 1, IRIS_UNMAP_PROTECT), 0, "the right to write is taken");
    struct iris_mapping_info info;
    mapping_at(0, FAR, &info);
    TEST_EQUAL(info.flags, 0, "from the second");
    data[0] = 19;
    TEST_EQUAL(alias[0], 19, "the first keeps it");
    TEST_EQUAL(iris_memory_unmap(0, FAR, 1, IRIS_UNMAP_OWN), 0, "unmapping the second");
    TEST_CHECK(!is_mapped(0, FAR) && !is_mapped(0, FAR + PAGE), "takes the third with it");
}

/* ---- Grants ---- */

static void check_grant(void)
{
    struct iris_mapping_info info;

    data[3 * PAGE] = 5;
    iris_memory_map(0, FAR, 0, (uint32_t)data + 3 * PAGE, 1, IRIS_MAP_WRITE);
    mapping_at(0, FAR, &info);
    uint32_t frame = info.frame;
    TEST_EQUAL(iris_memory_map(child, FAR + PAGE, 0, FAR, 1, IRIS_MAP_WRITE | IRIS_MAP_GRANT), 1,
               "a page is granted");
    TEST_CHECK(!is_mapped(0, FAR), "its giver has it no more");
    mapping_at(child, FAR + PAGE, &info);
    TEST_EQUAL(info.frame, frame, "its receiver has");
    TEST_EQUAL(mapping_at(0, (uint32_t)data + 3 * PAGE, NULL), 1, "below the giver's source");
    TEST_EQUAL(iris_memory_unmap(0, (uint32_t)data + 3 * PAGE, 1, 0), 0, "which takes it back");
    TEST_CHECK(!is_mapped(child, FAR + PAGE), "from the receiver");
}

/* A chain: own page -> child -> grandchild can only be made by the child; so through one's own
   space: each mapped from the one before, the first unmapped. */
static void check_recursion(void)
{
    enum { DEPTH = 24 };
    unsigned made = 0;

    for (unsigned i = 0; i < DEPTH; i++) {
        uint32_t from = i == 0 ? (uint32_t)data : FAR + (i - 1) * PAGE;
        made += iris_memory_map(0, FAR + i * PAGE, 0, from, 1, IRIS_MAP_WRITE) == 1;
        made += iris_memory_map(child, FAR + i * PAGE, 0, FAR + i * PAGE, 1, 0) == 1;
    }
    TEST_EQUAL(made, 2 * DEPTH, "a page shown %u times in a chain, each also to a child", DEPTH);
    kit_audit("with mappings derived from mappings");
    uint32_t mappings = kit_space(0).mappings;
    TEST_EQUAL(iris_memory_unmap(0, FAR + DEPTH / 2 * PAGE, 1, IRIS_UNMAP_OWN), 0, "cut in half");
    TEST_EQUAL(mappings - kit_space(0).mappings, DEPTH / 2, "takes the later half");
    TEST_EQUAL(kit_space(child).mappings, DEPTH / 2, "and what the child had of it");
    TEST_EQUAL(iris_memory_unmap(0, (uint32_t)data, 1, 0), 0, "cut at the root");
    TEST_CHECK(kit_space(child).mappings == 0 && !is_mapped(0, FAR), "nothing is left");
}

void test_map(void)
{
    child = kit_slot();
    grandchild = kit_slot();
    uint32_t pages = kit_space(0).pages_used, limit = kit_space(0).pages_limit;
    if (!TEST_CHECK(iris_space_create(child, 24, 0, 0, 0, 0) == 0 &&
                        iris_space_create(grandchild, 24, 0, 0, 0, 0) == 0,
                    "two child spaces"))
        return;
    check_derived();
    check_alias();
    check_grant();
    check_recursion();
    TEST_EQUAL(kit_space(0).mappings > 0 ? iris_object_destroy(child) : -1, 0, "one is destroyed");
    TEST_EQUAL(iris_object_destroy(grandchild), 0, "and the other");
    iris_handle_discard(child);
    iris_handle_discard(grandchild);
    TEST_CHECK(kit_space(0).pages_used <= pages + 1 && kit_space(0).pages_limit == limit,
               "their pages are back (%u, were %u)", (unsigned)kit_space(0).pages_used,
               (unsigned)pages);
}
