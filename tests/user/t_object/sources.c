/* SPDX-License-Identifier: MIT */
/* Objects that are not made of zeroes: files of the boot archive, and devices' memory. */
#include <string.h>

#include <iris/names.h>

#include "file.h"
#include "names.h"
#include "t_object.h"

#define FILE_PATH "bin/t_object"
#define SCREEN 0xb8000u /* the text screen's memory */

/* ---- Files ---- */

static uint32_t open_file(const char *path)
{
    uint32_t root, file = 0;

    if (names_lookup(IRIS_SLOT_NAMES, IRIS_NAME_FILES, &root) == 0) {
        if (file_open(root, path, FILE_OPEN_READ, 0, &file) != 0)
            file = 0;
        iris_handle_discard(root);
    }
    return file;
}

/* Whether mapped memory has the file's bytes, and zeroes after them up to the end of the page. */
static bool same_as_file(uint32_t file, const volatile uint8_t *mapped, uint32_t size)
{
    static uint8_t part[512];
    uint32_t count = 0;

    for (uint32_t at = 0; at < size; at += count) {
        if (file_read_at(file, at, part, sizeof part, &count) != 0 || count == 0)
            return false;
        for (uint32_t i = 0; i < count; i++)
            if (mapped[at + i] != part[i])
                return false;
    }
    for (uint32_t at = size; at % PAGE != 0; at++)
        if (mapped[at] != 0)
            return false;
    return true;
}

static void check_file(void)
{
    struct memory_object_info info = {0};
    uint32_t file = open_file(FILE_PATH), object = 0, again, at = 0, own = 0;

    if (!TEST_CHECK(file != 0 && file_object(file, IRIS_SLOT_MEMORY, &object) == 0,
                    "a file as an object"))
        return;
    memory_object_info(object, &info);
    TEST_CHECK(info.kind == MEMORY_OBJECT_KIND_ARCHIVE && info.size > 4 * PAGE && !info.writable,
               "of %u bytes, to be read", (unsigned)info.size);
    TEST_EQUAL(memory_map(IRIS_SLOT_MEMORY, object, 0, 0, info.size, 0, &at), 0, "it is mapped");
    TEST_CHECK(same_as_file(file, (volatile uint8_t *)at, info.size),
               "byte by byte the file, and nothing of the next one");
    TEST_EQUAL(memory_map(IRIS_SLOT_MEMORY, object, 0, 0, PAGE, MEMORY_WRITE, &own), -EPERM,
               "it cannot be written");
    TEST_EQUAL(
        memory_map(IRIS_SLOT_MEMORY, object, 0, 0, info.size, MEMORY_WRITE | MEMORY_PRIVATE, &own),
        0, "but privately");
    ((volatile uint8_t *)own)[1] = 0xee;
    ((volatile uint8_t *)own)[info.size - 1] ^= 0xff;
    TEST_CHECK(((volatile uint8_t *)own)[0] == 0x7f && ((volatile uint8_t *)at)[1] == 'E',
               "that changes a copy");
    TEST_CHECK(same_as_file(file, (volatile uint8_t *)at, info.size), "not the file");
    TEST_EQUAL(file_object(file, IRIS_SLOT_NAMES, &again), -EBADF, "who pays must be known to mem");
    TEST_EQUAL(file_object(file, object, &again), -EBADF, "an object does not pay");
    memory_release(IRIS_SLOT_MEMORY, own, info.size);
    memory_release(IRIS_SLOT_MEMORY, at, info.size);
    iris_handle_discard(object);
    iris_handle_discard(file);
}

static void check_no_file(void)
{
    uint32_t directory = open_file("bin"), object;

    TEST_EQUAL(file_object(directory, IRIS_SLOT_MEMORY, &object), -EINVAL,
               "a directory has no object");
    TEST_EQUAL(file_object(IRIS_SLOT_STDOUT, IRIS_SLOT_MEMORY, &object), -ENOSYS,
               "nor has a terminal");
    iris_handle_discard(directory);
}

/* ---- Devices ---- */

static const struct {
    uint32_t address, size, flags;
    int expected;
    const char *what;
} bad_devices[] = {
    {0x100000, IRIS_PAGE_SIZE, 0, -EPERM, "the kernel's memory is no device"},
    {0x400000, IRIS_PAGE_SIZE, 0, -EPERM, "nor is anybody's memory"},
    {0x1000, IRIS_PAGE_SIZE, 0, -EPERM, "nor the lowest"},
    {0x98000, 0x10000, 0, -EPERM, "nor what begins in memory"},
    {0xff000, 0x2000, 0, -EPERM, "or ends in it"},
    {0xb8001, IRIS_PAGE_SIZE, 0, -EINVAL, "an odd address"},
    {0xb8000, 0, 0, -EINVAL, "nothing"},
    {0xfffff000, 2 * IRIS_PAGE_SIZE, 0, -EINVAL, "a range that wraps"},
    {0xb8000, IRIS_PAGE_SIZE, 2, -EINVAL, "unknown flags"},
};

static void check_screen(uint32_t physical)
{
    uint32_t screen, readable, at = 0, again = 0;

    TEST_EQUAL(
        memory_physical_object_create(physical, SCREEN, 2 * PAGE, 0, IRIS_SLOT_MEMORY, &screen), 0,
        "the screen's memory as an object");
    TEST_EQUAL(memory_map(IRIS_SLOT_MEMORY, screen, FAR, 0, 2 * PAGE, MEMORY_WRITE, &at), 0,
               "is mapped");
    TEST_CHECK(memory_object_read_only(screen, &readable) == 0 &&
                   memory_map(IRIS_SLOT_MEMORY, readable, 0, 0, PAGE, 0, &again) == 0,
               "twice");
    volatile uint16_t *cells = (volatile uint16_t *)at;
    uint16_t before = cells[5];
    cells[5] = 0x0741;
    TEST_EQUAL(((volatile uint16_t *)again)[5], 0x0741, "what is written there is read back");
    cells[5] = before;
    struct iris_mapping_info info = {0};
    TEST_CHECK(mapping_at(FAR, &info) && info.frame == SCREEN / PAGE, "it is the device's page");
    TEST_EQUAL(memory_map(IRIS_SLOT_MEMORY, screen, 0, 0, PAGE, MEMORY_PRIVATE, &at), -EINVAL,
               "devices are not copied");
    memory_release(IRIS_SLOT_MEMORY, again, PAGE);
    TEST_CHECK(mapping_at(FAR, NULL), "unmapping one view leaves the other");
    memory_release(IRIS_SLOT_MEMORY, FAR, 2 * PAGE);
    iris_handle_discard(screen);
    iris_handle_discard(readable);
}

static void check_device(void)
{
    uint32_t physical, object;

    TEST_EQUAL(
        memory_physical_object_create(IRIS_SLOT_MEMORY, SCREEN, PAGE, 0, IRIS_SLOT_MEMORY, &object),
        -EINVAL, "a program's own portal gives no device");
    if (!TEST_EQUAL(names_lookup(IRIS_SLOT_NAMES, IRIS_NAME_PHYSICAL, &physical), 0,
                    "another portal does"))
        return;
    for (unsigned i = 0; i < sizeof bad_devices / sizeof *bad_devices; i++)
        TEST_EQUAL(memory_physical_object_create(physical, bad_devices[i].address,
                                                 bad_devices[i].size, bad_devices[i].flags,
                                                 IRIS_SLOT_MEMORY, &object),
                   bad_devices[i].expected, "%s", bad_devices[i].what);
    check_screen(physical);
    iris_handle_discard(physical);
}

void test_sources(void)
{
    struct memory_usage before = usage();

    check_file();
    check_no_file();
    check_device();
    struct memory_usage after = usage();
    TEST_CHECK(after.resident_pages == before.resident_pages &&
                   after.reserved_pages == before.reserved_pages,
               "all that it cost this program is given back");
}
