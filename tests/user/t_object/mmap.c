/* SPDX-License-Identifier: MIT */
/* mmap and munmap: the same by the names that POSIX has for it. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "t_object.h"

#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS)
#define BOTH (PROT_READ | PROT_WRITE)

static void check_error(void *mapped, int expected, const char *what)
{
    int found = errno;
    TEST_CHECK(mapped == MAP_FAILED && found == expected, "%s (errno %d)", what, found);
}

static void check_anonymous(void)
{
    uint32_t *memory = mmap(NULL, 3 * PAGE, BOTH, ANONYMOUS, -1, 0);

    TEST_CHECK(memory != MAP_FAILED && memory[0] == 0, "three pages of zeroes");
    memory[0] = 5;
    TEST_EQUAL(munmap((uint8_t *)memory + PAGE, PAGE), 0, "the middle one is unmapped");
    TEST_EQUAL(memory[0], 5, "the first stays");
    uint32_t *again = mmap((uint8_t *)memory + PAGE, PAGE, BOTH, ANONYMOUS | MAP_FIXED, -1, 0);
    TEST_CHECK(again == memory + PAGE / 4 && again[0] == 0, "mapped again, it is fresh");
    again = mmap(memory, PAGE, BOTH, ANONYMOUS | MAP_FIXED, -1, 0);
    TEST_CHECK(again == memory && memory[0] == 0, "over another one, it replaces that");
    TEST_EQUAL(munmap(memory, 3 * PAGE), 0, "all are unmapped");
    TEST_CHECK(!mapping_at((uint32_t)memory, NULL), "and gone");
}

static void check_mapped_file(void)
{
    int fd = open("/bin/t_object", O_RDONLY);
    uint8_t bytes[16];

    TEST_CHECK(fd >= 0 && lseek(fd, PAGE, SEEK_SET) == (off_t)PAGE &&
                   read(fd, bytes, sizeof bytes) == sizeof bytes,
               "a file is read");
    uint8_t *view = mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, PAGE);
    uint8_t *copy = mmap(NULL, PAGE, BOTH, MAP_PRIVATE, fd, PAGE);
    TEST_CHECK(view != MAP_FAILED && copy != MAP_FAILED, "and mapped, shared and privately");
    errno = 0;
    check_error(mmap(NULL, PAGE, BOTH, MAP_SHARED, fd, 0), EACCES, "it cannot be written");
    TEST_EQUAL(close(fd), 0, "closed, it stays mapped");
    unsigned wrong = 0;
    for (unsigned i = 0; i < sizeof bytes; i++)
        wrong += view[i] != bytes[i] || copy[i] != bytes[i];
    TEST_EQUAL(wrong, 0, "with the bytes that were read");
    copy[0] ^= 0xff;
    TEST_CHECK(view[0] == bytes[0] && copy[0] != bytes[0], "the private view is one's own");
    TEST_CHECK(munmap(view, 2 * PAGE) == 0 && munmap(copy, PAGE) == 0, "both are unmapped");
}

static void check_errors(void)
{
    check_error(mmap(NULL, PAGE, BOTH, MAP_ANONYMOUS, -1, 0), EINVAL, "neither kind");
    check_error(mmap(NULL, 0, BOTH, ANONYMOUS, -1, 0), EINVAL, "nothing");
    check_error(mmap(NULL, PAGE, BOTH, MAP_PRIVATE, 99, 0), EBADF, "no file");
    check_error(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, 1, 0), ENODEV, "a terminal");
    check_error(mmap(NULL, PAGE, BOTH, MAP_PRIVATE, 1, 5), EINVAL, "an odd offset");
    check_error(mmap((void *)5, PAGE, BOTH, ANONYMOUS | MAP_FIXED, -1, 0), EINVAL, "odd address");
    check_error(mmap(NULL, usage().quota_pages * PAGE, BOTH, ANONYMOUS, -1, 0), ENOMEM,
                "more than the quota");
    errno = 0;
    TEST_CHECK(munmap((void *)5, PAGE) == -1 && errno == EINVAL, "unmapping an odd address");
    TEST_CHECK(munmap((void *)IRIS_PROGRAM_BASE, PAGE) == -1 && errno == EPERM,
               "or the program itself");
}

void test_mmap(void)
{
    check_anonymous();
    check_mapped_file();
    check_errors();
}
