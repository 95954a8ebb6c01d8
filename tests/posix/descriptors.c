/* SPDX-License-Identifier: MIT */
/* Descriptors: close, dup, fcntl, and what two descriptors of one open file share. */
#include "behaviour.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define NOT_OPEN 50

static int open_new(const char *text) { return put_file("a", text) ? open("a", O_RDWR) : -1; }

BEHAVIOUR(close_twice, "XSH close: a descriptor that is not open fails with EBADF")
{
    int fd = open_new("");

    REQUIRE(fd >= 0);
    CHECK(close(fd) == 0);
    FAILS(close(fd), EBADF);
    FAILS(close(-1), EBADF);
}

BEHAVIOUR(bad_everywhere, "XSH read, write, lseek, fstat: a descriptor that is not open is EBADF")
{
    char byte = 0;
    struct stat status;

    FAILS(read(NOT_OPEN, &byte, 1), EBADF);
    FAILS(write(NOT_OPEN, &byte, 1), EBADF);
    FAILS(lseek(NOT_OPEN, 0, SEEK_SET), EBADF);
    FAILS(fstat(NOT_OPEN, &status), EBADF);
}

BEHAVIOUR(dup_lowest, "XSH dup: returns the lowest descriptor that is free")
{
    int fd = open_new(""), second = dup(fd), third = dup(fd);

    REQUIRE(fd >= 0 && second > fd && third > second);
    CHECK(close(second) == 0);
    EQUAL(dup(fd), second);
}

BEHAVIOUR(dup_shares_offset, "XSH dup: both descriptors share one file offset")
{
    int fd = open_new("abcdef"), second = dup(fd);

    REQUIRE(second >= 0);
    CHECK(reads_as(fd, "abc"));
    CHECK(reads_as(second, "def"));
    EQUAL(lseek(second, 1, SEEK_SET), 1);
    EQUAL(lseek(fd, 0, SEEK_CUR), 1);
}

BEHAVIOUR(open_own_offset, "XSH open: each open has a file offset of its own")
{
    int fd = open_new("abcdef"), second = open("a", O_RDONLY);

    REQUIRE(second >= 0);
    CHECK(reads_as(fd, "abc"));
    CHECK(reads_as(second, "abcdef"));
}

BEHAVIOUR(dup_survives_close, "XSH dup: the copy stays open when the other is closed")
{
    int fd = open_new("abc"), second = dup(fd);

    REQUIRE(second >= 0);
    CHECK(close(fd) == 0);
    CHECK(reads_as(second, "abc"));
}

BEHAVIOUR(dup_bad, "XSH dup: a descriptor that is not open fails with EBADF")
{
    FAILS(dup(NOT_OPEN), EBADF);
    FAILS(dup(-1), EBADF);
}

BEHAVIOUR(dup2_given, "XSH dup2: makes the descriptor that was asked for")
{
    int fd = open_new("abc");

    EQUAL(dup2(fd, 20), 20);
    CHECK(reads_as(20, "abc"));
}

BEHAVIOUR(dup2_closes, "XSH dup2: closes what the descriptor was before")
{
    int fd = open_new("abc"), other = open("b", O_CREAT | O_RDWR, 0600);

    REQUIRE(other >= 0);
    EQUAL(dup2(fd, other), other);
    CHECK(reads_as(other, "abc"));
}

BEHAVIOUR(dup2_same, "XSH dup2: a descriptor to itself changes nothing, not even FD_CLOEXEC")
{
    int fd = open_new("abc");

    CHECK(fcntl(fd, F_SETFD, FD_CLOEXEC) == 0);
    EQUAL(dup2(fd, fd), fd);
    EQUAL(fcntl(fd, F_GETFD), FD_CLOEXEC);
    CHECK(reads_as(fd, "abc"));
}

BEHAVIOUR(dup2_bad_source, "XSH dup2: if the first is not open, EBADF and the second stays open")
{
    int fd = open_new("abc");

    FAILS(dup2(NOT_OPEN, fd), EBADF);
    CHECK(reads_as(fd, "abc"));
}

BEHAVIOUR(dup2_bad_target, "XSH dup2: a negative second, or one of OPEN_MAX or more, is EBADF")
{
    int fd = open_new("");

    FAILS(dup2(fd, -1), EBADF);
    FAILS(dup2(fd, INT_MAX), EBADF);
}

BEHAVIOUR(dup_clears_cloexec, "XSH dup: FD_CLOEXEC of the copy is clear")
{
    int fd = open("a", O_CREAT | O_RDWR | O_CLOEXEC, 0600), second = dup(fd);

    REQUIRE(second >= 0);
    EQUAL(fcntl(second, F_GETFD), 0);
    EQUAL(fcntl(fd, F_GETFD), FD_CLOEXEC);
    EQUAL(dup2(fd, 20), 20);
    EQUAL(fcntl(20, F_GETFD), 0);
}

BEHAVIOUR(cloexec_at_open, "XSH open: O_CLOEXEC sets FD_CLOEXEC; without it the flag is clear")
{
    int fd = open("a", O_CREAT | O_RDWR | O_CLOEXEC, 0600), other = open("a", O_RDONLY);

    EQUAL(fcntl(fd, F_GETFD), FD_CLOEXEC);
    EQUAL(fcntl(other, F_GETFD), 0);
}

BEHAVIOUR(cloexec_own, "XSH fcntl: F_SETFD belongs to one descriptor, not to its copies")
{
    int fd = open_new(""), second = dup(fd);

    CHECK(fcntl(fd, F_SETFD, FD_CLOEXEC) == 0);
    EQUAL(fcntl(fd, F_GETFD), FD_CLOEXEC);
    EQUAL(fcntl(second, F_GETFD), 0);
    CHECK(fcntl(fd, F_SETFD, 0) == 0);
    EQUAL(fcntl(fd, F_GETFD), 0);
}

BEHAVIOUR(dupfd_minimum,
          "XSH fcntl: F_DUPFD returns the lowest free descriptor from the third argument")
{
    int fd = open_new("abc");

    EQUAL(fcntl(fd, F_DUPFD, 30), 30);
    EQUAL(fcntl(fd, F_DUPFD, 30), 31);
    CHECK(reads_as(31, "abc"));
    EQUAL(fcntl(30, F_GETFD), 0);
}

BEHAVIOUR(dupfd_cloexec, "XSH fcntl: F_DUPFD_CLOEXEC sets FD_CLOEXEC of the copy")
{
    int fd = open_new(""), second = fcntl(fd, F_DUPFD_CLOEXEC, 10);

    REQUIRE(second >= 10);
    EQUAL(fcntl(second, F_GETFD), FD_CLOEXEC);
    EQUAL(fcntl(fd, F_GETFD), 0);
}

BEHAVIOUR(dupfd_invalid,
          "XSH fcntl: F_DUPFD with a negative minimum is EINVAL, of no descriptor EBADF")
{
    int fd = open_new("");

    FAILS(fcntl(fd, F_DUPFD, -1), EINVAL);
    FAILS(fcntl(NOT_OPEN, F_DUPFD, 0), EBADF);
}

BEHAVIOUR(getfl_access, "XSH fcntl: F_GETFL tells the access mode under O_ACCMODE")
{
    REQUIRE(put_file("a", ""));
    int reader = open("a", O_RDONLY), writer = open("a", O_WRONLY), both = open("a", O_RDWR);
    EQUAL(fcntl(reader, F_GETFL) & O_ACCMODE, O_RDONLY);
    EQUAL(fcntl(writer, F_GETFL) & O_ACCMODE, O_WRONLY);
    EQUAL(fcntl(both, F_GETFL) & O_ACCMODE, O_RDWR);
}

BEHAVIOUR(setfl_append, "XSH fcntl: F_SETFL can set and clear O_APPEND")
{
    int fd = open_new("abc");

    CHECK(fcntl(fd, F_SETFL, O_APPEND) == 0);
    CHECK((fcntl(fd, F_GETFL) & O_APPEND) != 0);
    EQUAL(write(fd, "d", 1), 1);
    CHECK(fcntl(fd, F_SETFL, 0) == 0);
    EQUAL(lseek(fd, 0, SEEK_SET), 0);
    EQUAL(write(fd, "X", 1), 1);
    CHECK(file_holds("a", "Xbcd"));
}

BEHAVIOUR(setfl_keeps_access, "XSH fcntl: F_SETFL ignores the access mode")
{
    REQUIRE(put_file("a", "abc"));
    int fd = open("a", O_RDONLY);
    CHECK(fcntl(fd, F_SETFL, O_RDWR | O_APPEND) == 0);
    EQUAL(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
    FAILS(write(fd, "x", 1), EBADF);
}

BEHAVIOUR(setfl_shared, "XSH fcntl: the file status flags are shared with copies of the descriptor")
{
    int fd = open_new(""), second = dup(fd);

    CHECK(fcntl(fd, F_SETFL, O_APPEND) == 0);
    CHECK((fcntl(second, F_GETFL) & O_APPEND) != 0);
}

BEHAVIOUR(fcntl_bad, "XSH fcntl: no descriptor is EBADF, an unknown command EINVAL")
{
    int fd = open_new("");

    FAILS(fcntl(NOT_OPEN, F_GETFD), EBADF);
    FAILS(fcntl(NOT_OPEN, F_GETFL), EBADF);
    FAILS(fcntl(fd, 9999, 0), EINVAL);
}

BEHAVIOUR(many_open, "XBD limits.h: at least _POSIX_OPEN_MAX (20) descriptors can be open")
{
    REQUIRE(put_file("a", "abc"));
    for (int fd = 3; fd < 20; fd++)
        EQUAL(open("a", O_RDONLY), fd);
    CHECK(reads_as(19, "abc"));
}

BEHAVIOUR(fdopen_fileno, "XSH fdopen, fileno: a stream of the descriptor; fclose closes both")
{
    char line[8];
    int fd = open_new("abc\n");
    FILE *stream = fdopen(fd, "r");

    REQUIRE(stream != NULL);
    EQUAL(fileno(stream), fd);
    CHECK(fgets(line, sizeof line, stream) != NULL && strcmp(line, "abc\n") == 0);
    CHECK(fclose(stream) == 0);
    FAILS(close(fd), EBADF);
}
