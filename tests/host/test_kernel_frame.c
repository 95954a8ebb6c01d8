/* SPDX-License-Identifier: MIT */
/*
 * Physical memory: random boot maps with the kernel and its modules in random places. Every frame
 * of RAM must end in exactly one range, of the right kind, or in the kernel's pool.
 */
#include "../../kernel/frame.c"

#include "kernel_test.h"

#define MAPS 3000
#define MIB 0x100000ull

void *host_current_page;
uint64_t host_cycles;

static struct {
    uint32_t first, pages; /* the pool, as account_init was told */
    uint32_t table;        /* first frame of the table before it */
    void *memory;          /* stands for the table's memory: its exact size */
} pool;

void account_init(uint32_t first_frame, uint32_t pages)
{
    pool.first = first_frame;
    pool.pages = pages;
}

/* Called for the table alone. */
void *arch_phys_to_virt(uint32_t physical)
{
    uint32_t bytes = memory.count * (uint32_t)sizeof(struct page_frame);

    pool.table = physical >> PAGE_SHIFT;
    pool.memory = malloc((bytes + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1u));
    return pool.memory;
}

static uint32_t looked_up;
uint32_t arch_virt_to_phys(const void *address)
{
    (void)address;
    return looked_up << PAGE_SHIFT;
}

void klog_put(char c) { (void)c; }
void klog_print(void (*put)(char), const char *format, ...)
{
    (void)put;
    (void)format;
}
static struct iris_data_page data_page;
struct iris_data_page *const arch_data_page = &data_page;
uint32_t arch_direct_map_end;

/* ---- A random machine ---- */

static struct boot_info boot;

static uint64_t some_pages(uint64_t limit) { return (uint64_t)test_below((uint32_t)limit) << 12; }

static void random_memory(void)
{
    uint64_t at = 0;
    unsigned count = 2 + test_below(6);

    memset(&boot, 0, sizeof(boot));
    for (unsigned i = 0; i < count; i++) {
        struct boot_range *range = &boot.memory[boot.memory_count];
        range->start = i == 0 ? 0x1000 : at + (test_chance(4) ? 0 : some_pages(0x4000));
        range->end = i == 0   ? 0x9f000
                     : i == 1 ? range->start + 15 * MIB + some_pages(0x8000)
                              : range->start + 0x1000 + some_pages(0x20000);
        if (i == 1) {
            range->start = MIB;
            range->end += MIB;
        }
        range->end = min(range->end, 0xfffff000ull);
        if (range->start >= range->end)
            break;
        at = range->end;
        boot.memory_count++;
    }
    arch_direct_map_end = (uint32_t)min(at, (uint64_t)0x38000000);
}

static bool overlaps(const struct boot_range *a, const struct boot_range *b)
{
    return a->start < ((b->end + 0xfff) & ~0xfffull) && b->start < ((a->end + 0xfff) & ~0xfffull);
}

/* A module: page-aligned start, any length, in one range of RAM, away from the others. */
static bool place(struct boot_range *module, const struct boot_range *a, const struct boot_range *b)
{
    for (int tries = 0; tries < 50; tries++) {
        const struct boot_range *ram = &boot.memory[test_below(boot.memory_count)];
        uint64_t pages = (ram->end - ram->start) >> 12;
        uint64_t length = test_chance(5) ? test_below(8192) + 1 : test_below(3 * 1024 * 1024) + 1;
        module->start = ram->start;
        if (!test_chance(3)) /* else at the very start */
            module->start += (uint64_t)test_below((uint32_t)pages) << 12;
        module->end = module->start + length;
        if (test_chance(4) && length <= ram->end - ram->start) { /* at the very end */
            module->start = (ram->end - length) & ~0xfffull;
            module->end = module->start + length;
        }
        if (test_chance(4) && a && a->end) { /* directly behind another */
            module->start = (a->end + 0xfff) & ~0xfffull;
            module->end = module->start + length;
        }
        bool inside = false;
        for (unsigned i = 0; i < boot.memory_count; i++)
            inside |= module->start >= boot.memory[i].start && module->end <= boot.memory[i].end;
        if (inside && !(a && overlaps(module, a)) && !(b && overlaps(module, b)))
            return true;
    }
    return false;
}

/* ---- What must come out ---- */

static bool in_boot_range(uint32_t frame, const struct boot_range *range)
{
    return frame >= range->start >> 12 && frame < (range->end + 0xfff) >> 12;
}

static bool is_ram(uint32_t frame)
{
    for (unsigned i = 0; i < boot.memory_count; i++)
        if (in_boot_range(frame, &boot.memory[i]))
            return true;
    return false;
}

/* FREE, ARCHIVE or KERNEL; -1: not RAM, -2: the kernel's pool or its table. */
static int expected_kind(uint32_t frame)
{
    if (!is_ram(frame))
        return -1;
    if (in_boot_range(frame, &boot.kernel) || in_boot_range(frame, &boot.root))
        return IRIS_MEMORY_KERNEL;
    if (in_boot_range(frame, &boot.archive))
        return IRIS_MEMORY_ARCHIVE;
    return frame >= pool.table && frame < pool.first + pool.pages ? -2 : IRIS_MEMORY_FREE;
}

static int kind_in_ranges(uint32_t frame)
{
    struct iris_memory_range range;
    int found = -1;

    for (unsigned i = 0; frame_range(i, &range) == 0; i++)
        if (frame >= range.frame && frame - range.frame < range.pages) {
            if (found >= 0)
                TEST_FAIL("frame 0x%x is in two ranges", frame);
            found = (int)range.kind;
        }
    return found;
}

static void check_frame(uint32_t frame)
{
    int expected = expected_kind(frame);

    if (kind_in_ranges(frame) != (expected == -2 ? -1 : expected))
        TEST_FAIL("frame 0x%x is of kind %d, expected %d", frame, kind_in_ranges(frame), expected);
    if (expected == -2 || expected == IRIS_MEMORY_KERNEL)
        CHECK(!frame_is_user(frame));
    else if (expected >= 0)
        CHECK(frame_is_user(frame));
    if (frame < memory.count) {
        looked_up = frame;
        CHECK((struct mapping **)frame_of(NULL) == frame_root(frame));
        CHECK(*frame_root(frame) == NULL); /* reads the table: AddressSanitizer checks its size */
    }
}

static void check_around(uint64_t address)
{
    for (int i = -1; i <= 1; i++)
        check_frame((uint32_t)(address >> 12) + (uint32_t)i);
}

static void check_ranges(void)
{
    struct iris_memory_range range;
    uint32_t end = 0, pages = 0, total = 0, archives = 0;

    for (unsigned i = 0; frame_range(i, &range) == 0; i++) {
        CHECK(range.index == i && range.frame >= end);
        end = range.frame + range.pages;
        pages += range.pages;
        if (range.kind == IRIS_MEMORY_ARCHIVE) {
            archives++;
            CHECK_EQUAL(range.length, boot.archive.end - boot.archive.start);
            CHECK_EQUAL(range.frame, boot.archive.start >> 12);
        }
    }
    for (unsigned i = 0; i < boot.memory_count; i++)
        total += (uint32_t)((boot.memory[i].end - boot.memory[i].start) >> 12);
    CHECK_EQUAL(archives, 1);
    CHECK_EQUAL(data_page.memory_pages, total);
    CHECK_EQUAL(pages + pool.first + pool.pages - pool.table, total);
    CHECK((uint64_t)(pool.first + pool.pages) << 12 <= arch_direct_map_end);
    CHECK(pool.pages >= 768 && pool.pages <= 24576);
}

static void check_take(void)
{
    for (int i = 0; i < 20; i++) {
        uint32_t frame = frame_take();
        CHECK_EQUAL(expected_kind(frame), IRIS_MEMORY_FREE);
        CHECK_EQUAL(kind_in_ranges(frame), -1); /* not given out again */
    }
}

static bool one_map(void)
{
    memset(&memory, 0, sizeof(memory));
    random_memory();
    if (!place(&boot.kernel, NULL, NULL) || !place(&boot.root, &boot.kernel, NULL) ||
        !place(&boot.archive, &boot.root, &boot.kernel))
        return false;
    /* The machines here all have room for the pool, so that a panic is a failure. */
    boot.memory[boot.memory_count].start = boot.memory[boot.memory_count - 1].end + 0x1000;
    if (boot.memory[boot.memory_count].start + 256 * MIB > 0x38000000)
        return false;
    boot.memory[boot.memory_count].end = boot.memory[boot.memory_count].start + 256 * MIB;
    arch_direct_map_end = 0x38000000;
    boot.memory_count++;
    frame_init(&boot);
    check_ranges();
    for (unsigned i = 0; i < boot.memory_count; i++) {
        check_around(boot.memory[i].start);
        check_around(boot.memory[i].end);
    }
    const struct boot_range *used[] = {&boot.kernel, &boot.root, &boot.archive};
    for (unsigned i = 0; i < countof(used); i++) {
        check_around(used[i]->start);
        check_around(used[i]->end - 1);
    }
    check_around((uint64_t)pool.table << 12);
    check_around((uint64_t)(pool.first + pool.pages) << 12);
    for (int i = 0; i < 100; i++)
        check_frame(test_below(memory.count + 0x100));
    check_take();
    free(pool.memory);
    return true;
}

int main(void)
{
    unsigned done = 0;

    test_begin();
    for (test_step = 1; test_step <= MAPS; test_step++)
        done += one_map();
    CHECK(done > MAPS / 4); /* else the generator is no good */
    return test_end();
}
