/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "t_files.h"

#define PATH "/tmp/opening"

static void check_flags(void)
{
    char bytes[8];
    struct stat status;

    REFUSED(open(PATH, O_RDONLY), ENOENT, "what is not there cannot be opened");
    int fd = open(PATH, O_CREAT | O_EXCL | O_WRONLY, 0666);
    TEST_CHECK(fd >= 0, "O_CREAT makes it");
    TEST_EQUAL(write(fd, "12345", 5), 5, "it can be written");
    REFUSED(read(fd, bytes, 1), EBADF, "and not read");
    TEST_CHECK(fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size == 5 &&
                   (status.st_mode & 07777) == 0644 && status.st_nlink == 1,
               "its status: a regular file of 5 bytes, mode less umask");
    TEST_EQUAL(close(fd), 0, "closed");
    REFUSED(open(PATH, O_CREAT | O_EXCL | O_WRONLY, 0666), EEXIST, "O_EXCL refuses what is there");
    REFUSED(open(PATH, O_RDONLY | O_DIRECTORY), ENOTDIR, "O_DIRECTORY refuses files");
    REFUSED(open(PATH "/x", O_RDONLY), ENOTDIR, "a file has nothing below it");
    REFUSED(open("/tmp", O_WRONLY), EISDIR, "directories are not written");
    REFUSED(open("/tmp/no/x", O_CREAT | O_WRONLY, 0666), ENOENT, "nor made by open");
    REFUSED(open("/hello", O_CREAT | O_WRONLY, 0666), EROFS, "the boot archive is read-only");
    REFUSED(open("/boot.conf", O_RDWR), EROFS, "for what is in it too");
    fd = open(PATH, O_RDONLY);
    TEST_CHECK(read(fd, bytes, 8) == 5 && memcmp(bytes, "12345", 5) == 0, "what was written");
    TEST_EQUAL(read(fd, bytes, 8), 0, "then the end");
    REFUSED(write(fd, "x", 1), EBADF, "O_RDONLY is not written");
    close(fd);
    fd = open(PATH, O_RDWR | O_TRUNC);
    TEST_CHECK(fstat(fd, &status) == 0 && status.st_size == 0, "O_TRUNC empties it");
    close(fd);
}

static void check_append(void)
{
    int fd = open(PATH, O_WRONLY | O_APPEND), other = open(PATH, O_RDWR);
    char bytes[8];

    TEST_CHECK(write(other, "ab", 2) == 2 && write(fd, "cd", 2) == 2 && write(other, "X", 1) == 1,
               "two positions in one file");
    TEST_CHECK(pread(other, bytes, 8, 0) == 4 && memcmp(bytes, "abXd", 4) == 0,
               "O_APPEND wrote at the end, the other where it was");
    TEST_EQUAL(fcntl(fd, F_GETFL), O_WRONLY | O_APPEND, "F_GETFL");
    TEST_EQUAL(fcntl(fd, F_SETFL, O_NONBLOCK), 0, "F_SETFL");
    TEST_EQUAL(fcntl(fd, F_GETFL), O_WRONLY | O_NONBLOCK, "changes what can be changed");
    TEST_CHECK(lseek(fd, 0, SEEK_SET) == 0 && write(fd, "Y", 1) == 1 &&
                   pread(other, bytes, 8, 0) == 4 && bytes[0] == 'Y',
               "and is in force at once");
    close(fd);
    close(other);
}

static void check_descriptors(void)
{
    int fd = open(PATH, O_RDWR | O_CLOEXEC), copy = dup(fd);
    char byte;

    TEST_CHECK(fd > 2 && copy > fd, "the lowest free descriptor, then the next");
    TEST_EQUAL(fcntl(fd, F_GETFD), FD_CLOEXEC, "O_CLOEXEC");
    TEST_EQUAL(fcntl(copy, F_GETFD), 0, "is not dup's");
    TEST_CHECK(lseek(fd, 2, SEEK_SET) == 2 && read(copy, &byte, 1) == 1 && byte == 'X' &&
                   lseek(fd, 0, SEEK_CUR) == 3,
               "dup shares the position");
    close(fd);
    TEST_EQUAL(read(copy, &byte, 1), 1, "and outlives the first");
    TEST_EQUAL(dup2(copy, 40), 40, "dup2");
    TEST_EQUAL(dup2(copy, copy), copy, "dup2 to itself");
    TEST_EQUAL(dup3(copy, 41, O_CLOEXEC), 41, "dup3");
    TEST_EQUAL(fcntl(41, F_GETFD), FD_CLOEXEC, "with O_CLOEXEC");
    REFUSED(dup3(copy, copy, 0), EINVAL, "dup3 to itself");
    TEST_EQUAL(fcntl(copy, F_DUPFD, 60), 60, "F_DUPFD");
    TEST_EQUAL(fcntl(copy, F_DUPFD_CLOEXEC, 60), 61, "F_DUPFD_CLOEXEC");
    TEST_EQUAL(fcntl(61, F_SETFD, 0), 0, "F_SETFD");
    TEST_EQUAL(fcntl(61, F_GETFD), 0, "takes close-on-exec away");
    REFUSED(dup2(copy, OPEN_MAX), EBADF, "beyond the table");
    REFUSED(fcntl(copy, F_DUPFD, -1), EINVAL, "below it");
    REFUSED(dup(39), EBADF, "nothing is not duplicated");
    REFUSED(close(39), EBADF, "nor closed");
    const int all[] = {copy, 40, 41, 60, 61};
    for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++)
        close(all[i]);
}

static void check_permissions(void)
{
    TEST_EQUAL(chmod(PATH, 0400), 0, "chmod");
    REFUSED(open(PATH, O_WRONLY), EACCES, "what must not be written is not opened for it");
    TEST_EQUAL(access(PATH, R_OK), 0, "access: may be read");
    REFUSED(access(PATH, W_OK), EACCES, "not written");
    chmod(PATH, 0);
    REFUSED(open(PATH, O_RDONLY), EACCES, "nor read then");
    struct stat status;
    TEST_CHECK(stat(PATH, &status) == 0 && (status.st_mode & 0777) == 0,
               "stat needs no permission");
    mode_t old = umask(077);
    int fd = open("/tmp/masked", O_CREAT | O_WRONLY, 0666);
    TEST_CHECK(fstat(fd, &status) == 0 && (status.st_mode & 0777) == 0600, "umask");
    TEST_EQUAL(umask(old), 077, "umask tells the old one");
    close(fd);
    TEST_CHECK(unlink("/tmp/masked") == 0 && unlink(PATH) == 0, "both are taken away");
}

static void check_at(void)
{
    int tmp = open("/tmp", O_RDONLY), fd;
    char where[PATH_MAX];

    TEST_CHECK((fd = openat(tmp, "relative", O_CREAT | O_RDWR, 0600)) >= 0, "openat");
    TEST_EQUAL(close(fd), 0, "closed");
    struct stat status;
    TEST_EQUAL(fstatat(tmp, "relative", &status, 0), 0, "fstatat");
    TEST_EQUAL(fstatat(tmp, "../boot.conf", &status, 0), 0, "up and elsewhere");
    TEST_EQUAL(fchdir(tmp), 0, "fchdir");
    TEST_CHECK(strcmp(getcwd(where, sizeof where), "/tmp") == 0, "is where it should be");
    TEST_EQUAL(unlinkat(AT_FDCWD, "relative", 0), 0, "unlinkat in the current directory");
    REFUSED(openat(1, "x", O_RDONLY), ENOTDIR, "a terminal is no directory");
    TEST_EQUAL(chdir("/"), 0, "back");
    close(tmp);
}

void check_opening(void)
{
    check_flags();
    check_append();
    check_descriptors();
    check_permissions();
    check_at();
}
