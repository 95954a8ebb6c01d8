/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "t_files.h"

#define PATH "/tmp/contents"
#define LARGE (3u << 20)
#define PART 60000u
#define MANY 1000

static void check_places(void)
{
    char bytes[16];
    int fd = open(PATH, O_CREAT | O_RDWR, 0600);

    TEST_EQUAL(pwrite(fd, "hello", 5, 10000), 5, "a write far behind the end");
    TEST_EQUAL(lseek(fd, 0, SEEK_CUR), 0, "pwrite leaves the position");
    TEST_CHECK(pread(fd, bytes, 8, 9996) == 8 && memcmp(bytes, "\0\0\0\0hell", 8) == 0,
               "what was never written is zero");
    TEST_EQUAL(lseek(fd, -3, SEEK_END), 10002, "lseek from the end");
    TEST_EQUAL(read(fd, bytes, 16), 3, "reads what is left");
    TEST_EQUAL(lseek(fd, 5, SEEK_CUR), 10010, "seeking behind the end");
    TEST_EQUAL(read(fd, bytes, 16), 0, "finds nothing there");
    REFUSED(lseek(fd, -1, SEEK_SET), EINVAL, "nor before the beginning");
    REFUSED(lseek(fd, 0, 77), EINVAL, "whence that means nothing");
    REFUSED(lseek(fd, 0x7fffffff, SEEK_CUR), EOVERFLOW, "a position too large to be told");
    REFUSED(pread(fd, bytes, 1, -1), EINVAL, "a negative offset");
    REFUSED(pwrite(fd, "x", 1, 0x7ffffffe), EFBIG, "a file too large");
    TEST_EQUAL(ftruncate(fd, 10002), 0, "ftruncate");
    TEST_EQUAL(ftruncate(fd, 10005), 0, "and longer again");
    TEST_CHECK(pread(fd, bytes, 8, 10000) == 5 && memcmp(bytes, "he\0\0\0", 5) == 0,
               "what was cut off is zero");
    TEST_EQUAL(truncate(PATH, 0), 0, "truncate");
    TEST_EQUAL(lseek(fd, 0, SEEK_END), 0, "all is gone");
    TEST_EQUAL(fsync(fd), 0, "fsync");
    close(fd);
}

static void check_vectors(void)
{
    char one[3], two[4];
    struct iovec out[] = {{"abc", 3}, {"", 0}, {"defg", 4}}, in[] = {{one, 3}, {two, 4}};
    int fd = open(PATH, O_RDWR);

    TEST_EQUAL(writev(fd, out, 3), 7, "writev");
    lseek(fd, 0, SEEK_SET);
    TEST_CHECK(readv(fd, in, 2) == 7 && memcmp(one, "abc", 3) == 0 && memcmp(two, "defg", 4) == 0,
               "readv");
    REFUSED(readv(fd, in, -1), EINVAL, "a negative count");
    close(fd);
}

static void check_large(void)
{
    static uint8_t part[PART], back[PART];
    int fd = open(PATH, O_RDWR | O_TRUNC), wrong = 0;
    uint32_t done = 0;

    for (; done < LARGE; done += PART) {
        memset(part, (int)(done / PART + 1), PART);
        wrong += write(fd, part, PART) != (ssize_t)PART;
    }
    TEST_EQUAL(wrong, 0, "3 MiB are written");
    lseek(fd, 0, SEEK_SET);
    for (done = 0; done < LARGE; done += PART) {
        memset(part, (int)(done / PART + 1), PART);
        wrong += read(fd, back, PART) != (ssize_t)PART || memcmp(part, back, PART) != 0;
    }
    TEST_EQUAL(wrong, 0, "and read");
    close(fd);
    TEST_EQUAL(unlink(PATH), 0, "gone");
}

/* Each holds its number. */
static void check_many(void)
{
    char path[40];
    int made = 0, found = 0, removed = 0, number;

    TEST_EQUAL(mkdir("/tmp/many", 0700), 0, "a directory for many");
    for (int i = 0; i < MANY; i++) {
        snprintf(path, sizeof path, "/tmp/many/file-%d", i);
        int fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);
        made += fd >= 0 && write(fd, &i, sizeof i) == sizeof i && close(fd) == 0;
    }
    TEST_EQUAL(made, MANY, "1000 files");
    for (int i = 0; i < MANY; i += 7) {
        snprintf(path, sizeof path, "/tmp/many/file-%d", i);
        int fd = open(path, O_RDONLY);
        found += read(fd, &number, sizeof number) == sizeof number && number == i;
        close(fd);
    }
    TEST_EQUAL(found, (MANY + 6) / 7, "each has what is its own");
    for (int i = 0; i < MANY; i++) {
        snprintf(path, sizeof path, "/tmp/many/file-%d", i);
        removed += unlink(path) == 0;
    }
    TEST_EQUAL(removed, MANY, "all are taken away");
    TEST_EQUAL(rmdir("/tmp/many"), 0, "and their directory");
}

static void check_mapping(void)
{
    int fd = open(PATH, O_CREAT | O_RDWR, 0600), reader;
    char bytes[8];

    write(fd, "mapped bytes", 12);
    char *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (!TEST_CHECK(shared != MAP_FAILED && memcmp(shared, "mapped bytes", 13) == 0,
                    "a file is mapped"))
        return;
    char *own = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    TEST_CHECK(own != MAP_FAILED && strcpy(own, "changed") != NULL, "and privately");
    TEST_CHECK(pread(fd, bytes, 6, 0) == 6 && memcmp(bytes, "mapped", 6) == 0,
               "what is changed there nobody sees");
    memcpy(shared, "MAPPED", 6);
    TEST_CHECK(pread(fd, bytes, 6, 0) == 6 && memcmp(bytes, "MAPPED", 6) == 0,
               "what is changed in a shared one is in the file");
    TEST_CHECK(pwrite(fd, "BYTES", 5, 7) == 5 && memcmp(shared + 7, "BYTES", 5) == 0,
               "and the other way round");
    reader = open(PATH, O_RDONLY);
    TEST_CHECK(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, reader, 0) == MAP_FAILED &&
                   errno == EACCES,
               "who may only read does not map to write");
    TEST_EQUAL(pwrite(fd, "tail", 4, 5000), 4, "it grows beyond what is mapped");
    TEST_CHECK(mmap(NULL, 8192, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED && errno == EBUSY,
               "and is not mapped anew while it is");
    close(reader);
    munmap(shared, 4096);
    munmap(own, 4096);
    TEST_CHECK(pread(fd, bytes, 6, 0) == 6 && memcmp(bytes, "MAPPED", 6) == 0 &&
                   pread(fd, bytes, 4, 5000) == 4 && memcmp(bytes, "tail", 4) == 0,
               "all is there when it is no more");
    close(fd);
    unlink(PATH);
}

void check_contents(void)
{
    check_places();
    check_vectors();
    check_large();
    check_many();
    check_mapping();
}
