/* SPDX-License-Identifier: MIT */
/* A full file system. It may have half of the machine's memory: with 24 MiB that is soon reached.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <iris/object.h>

#include "memory.h"
#include "t_files.h"

#define PART 65536
#define PATH "/tmp/full"

static uint32_t free_pages(void)
{
    struct memory_summary memory;
    return memory_summary(IRIS_SLOT_MEMORY, &memory) == 0 ? memory.free_pages : 0;
}

static void fill(int fd)
{
    static char part[PART];
    ssize_t done;
    uint32_t sum = 0;

    lseek(fd, 0, SEEK_SET);
    while ((done = write(fd, part, PART)) > 0)
        sum += (uint32_t)done;
    TEST_CHECK(done < 0 && errno == ENOSPC, "the file system is full after %lu KiB",
               (unsigned long)sum / 1024);
    TEST_EQUAL(lseek(fd, 0, SEEK_END), sum, "what was taken is there");
}

static void check_names(void)
{
    char path[40];
    int made = 0, removed = 0;

    do
        snprintf(path, sizeof path, "/tmp/more%d", made);
    while (mkdir(path, 0700) == 0 && ++made < 1000);
    TEST_CHECK(made < 1000 && errno == ENOSPC, "soon there is no room for a name either: %d", made);
    while (made-- > 0) {
        snprintf(path, sizeof path, "/tmp/more%d", made);
        removed += rmdir(path) != 0;
    }
    TEST_EQUAL(removed, 0, "all can be removed");
}

static void round_of_it(void)
{
    int fd = open(PATH, O_CREAT | O_EXCL | O_RDWR, 0600);

    fill(fd);
    check_names();
    TEST_EQUAL(ftruncate(fd, 0), 0, "it is emptied");
    fill(fd);
    close(fd);
    TEST_EQUAL(unlink(PATH), 0, "taken away");
}

/* The first round also takes what this program needs. */
void check_exhaustion(void)
{
    round_of_it();
    uint32_t before = free_pages();
    round_of_it();
    TEST_EQUAL(free_pages(), before, "all of its memory is back");
}
