/* SPDX-License-Identifier: MIT */
/* Files and directories. */
#include "behaviour.h"

#include <dirent.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* ---- open, read, write, lseek ---- */

BEHAVIOUR(open_exclusive, "XSH open: O_CREAT|O_EXCL on an existing file fails with EEXIST")
{
    REQUIRE(put_file("a", ""));
    FAILS(open("a", O_CREAT | O_EXCL | O_RDWR, 0600), EEXIST);
}

BEHAVIOUR(open_missing, "XSH open: without O_CREAT a file that does not exist is ENOENT")
{
    FAILS(open("nothing", O_RDONLY), ENOENT);
}

BEHAVIOUR(open_create_in_missing, "XSH open: O_CREAT does not create missing directories: ENOENT")
{
    FAILS(open("none/a", O_CREAT | O_RDWR, 0600), ENOENT);
}

BEHAVIOUR(open_empty_path, "XSH open: an empty path is ENOENT")
{
    FAILS(open("", O_RDONLY), ENOENT);
}

BEHAVIOUR(open_below_file, "XSH open: a path through a regular file is ENOTDIR")
{
    REQUIRE(put_file("a", "x"));
    FAILS(open("a/b", O_RDONLY), ENOTDIR);
}

BEHAVIOUR(open_directory_for_writing, "XSH open: a directory cannot be opened for writing: EISDIR")
{
    REQUIRE(mkdir("d", 0700) == 0);
    FAILS(open("d", O_WRONLY), EISDIR);
    FAILS(open("d", O_RDWR), EISDIR);
}

BEHAVIOUR(open_directory_flag, "XSH open: O_DIRECTORY on a regular file fails with ENOTDIR")
{
    REQUIRE(put_file("a", "x"));
    FAILS(open("a", O_RDONLY | O_DIRECTORY), ENOTDIR);
    REQUIRE(mkdir("d", 0700) == 0);
    CHECK(open("d", O_RDONLY | O_DIRECTORY) >= 0);
}

BEHAVIOUR(open_truncates, "XSH open: O_TRUNC makes an existing file empty")
{
    struct stat status;

    REQUIRE(put_file("a", "hello"));
    CHECK(open("a", O_WRONLY | O_TRUNC) >= 0);
    CHECK(stat("a", &status) == 0);
    EQUAL(status.st_size, 0);
}

BEHAVIOUR(creat_truncates, "XSH creat: makes a file or empties it, and opens it for writing only")
{
    char byte;

    REQUIRE(put_file("a", "hello"));
    int fd = creat("a", 0600), other = creat("b", 0600);
    REQUIRE(fd >= 0 && other >= 0);
    EQUAL(write(fd, "x", 1), 1);
    FAILS(read(fd, &byte, 1), EBADF);
    CHECK(file_holds("a", "x"));
    FAILS(creat("none/a", 0600), ENOENT);
    sync();
}

BEHAVIOUR(open_lowest, "XSH open: returns the lowest descriptor that is free")
{
    int first = open("a", O_CREAT | O_RDWR, 0600), second = open("a", O_RDWR);

    REQUIRE(first >= 0 && second > first);
    CHECK(close(first) == 0);
    EQUAL(open("a", O_RDONLY), first);
}

BEHAVIOUR(open_name_too_long, "XSH open: a component longer than NAME_MAX fails with ENAMETOOLONG")
{
    static char name[NAME_MAX + 2];

    memset(name, 'n', NAME_MAX + 1);
    FAILS(open(name, O_CREAT | O_RDWR, 0600), ENAMETOOLONG);
}

BEHAVIOUR(append_writes_at_end, "XSH write: with O_APPEND each write goes to the end of the file")
{
    REQUIRE(put_file("a", "one"));
    int fd = open("a", O_WRONLY | O_APPEND);
    CHECK(lseek(fd, 0, SEEK_SET) == 0);
    EQUAL(write(fd, "two", 3), 3);
    EQUAL(lseek(fd, 0, SEEK_CUR), 6);
    CHECK(file_holds("a", "onetwo"));
}

BEHAVIOUR(write_read_only, "XSH write: a descriptor not open for writing fails with EBADF")
{
    REQUIRE(put_file("a", "x"));
    int fd = open("a", O_RDONLY);
    FAILS(write(fd, "y", 1), EBADF);
    CHECK(file_holds("a", "x"));
}

BEHAVIOUR(read_write_only, "XSH read: a descriptor not open for reading fails with EBADF")
{
    char byte;
    int fd = open("a", O_CREAT | O_WRONLY, 0600);

    REQUIRE(fd >= 0);
    FAILS(read(fd, &byte, 1), EBADF);
}

BEHAVIOUR(read_end, "XSH read: at and beyond the end of a file returns 0")
{
    char byte;

    REQUIRE(put_file("a", "x"));
    int fd = open("a", O_RDONLY);
    EQUAL(read(fd, &byte, 1), 1);
    EQUAL(read(fd, &byte, 1), 0);
    EQUAL(lseek(fd, 100, SEEK_SET), 100);
    EQUAL(read(fd, &byte, 1), 0);
}

BEHAVIOUR(read_short, "XSH read: returns what there is if that is less than asked for")
{
    char buffer[10];

    REQUIRE(put_file("a", "abc"));
    int fd = open("a", O_RDONLY);
    EQUAL(read(fd, buffer, sizeof buffer), 3);
    EQUAL(lseek(fd, 0, SEEK_CUR), 3);
}

BEHAVIOUR(read_directory_fd, "XSH read: of a directory fails with EISDIR")
{
    char byte;
    int fd = open(".", O_RDONLY);

    REQUIRE(fd >= 0);
    FAILS(read(fd, &byte, 1), EISDIR);
}

BEHAVIOUR(seek_gap, "XSH lseek: writing beyond the end leaves a gap that reads as zeros")
{
    char gap[4] = "xxxx";
    int fd = open("a", O_CREAT | O_RDWR, 0600);

    REQUIRE(fd >= 0);
    EQUAL(lseek(fd, 4, SEEK_SET), 4);
    EQUAL(write(fd, "end", 3), 3);
    EQUAL(lseek(fd, 0, SEEK_SET), 0);
    EQUAL(read(fd, gap, 4), 4);
    CHECK(memcmp(gap, "\0\0\0\0", 4) == 0);
}

BEHAVIOUR(seek_end, "XSH lseek: SEEK_END is relative to the size, and does not change it")
{
    struct stat status;

    REQUIRE(put_file("a", "12345"));
    int fd = open("a", O_RDWR);
    EQUAL(lseek(fd, -2, SEEK_END), 3);
    CHECK(reads_as(fd, "45"));
    EQUAL(lseek(fd, 10, SEEK_END), 15);
    CHECK(fstat(fd, &status) == 0);
    EQUAL(status.st_size, 5);
}

BEHAVIOUR(seek_invalid, "XSH lseek: a negative offset or an unknown whence is EINVAL")
{
    REQUIRE(put_file("a", "12345"));
    int fd = open("a", O_RDWR);
    FAILS(lseek(fd, -1, SEEK_SET), EINVAL);
    FAILS(lseek(fd, 0, 99), EINVAL);
    EQUAL(lseek(fd, 0, SEEK_CUR), 0);
}

BEHAVIOUR(positioned_io, "XSH pread, pwrite: use their own offset and leave the file's alone")
{
    char byte = 0;

    REQUIRE(put_file("a", "abcdef"));
    int fd = open("a", O_RDWR);
    EQUAL(pread(fd, &byte, 1, 4), 1);
    EQUAL(byte, 'e');
    EQUAL(pwrite(fd, "X", 1, 1), 1);
    EQUAL(lseek(fd, 0, SEEK_CUR), 0);
    CHECK(file_holds("a", "aXcdef"));
}

BEHAVIOUR(truncate_both_ways, "XSH ftruncate, truncate: cut a file, or lengthen it with zeros")
{
    char tail[2] = "xx";

    REQUIRE(put_file("a", "abcdef"));
    int fd = open("a", O_RDWR);
    CHECK(ftruncate(fd, 3) == 0);
    CHECK(file_holds("a", "abc"));
    CHECK(truncate("a", 5) == 0);
    EQUAL(pread(fd, tail, 2, 3), 2);
    CHECK(tail[0] == 0 && tail[1] == 0);
}

BEHAVIOUR(truncate_read_only, "XSH ftruncate: not open for writing is EBADF or EINVAL")
{
    REQUIRE(put_file("a", "abc"));
    int fd = open("a", O_RDONLY);
    errno = 0;
    CHECK(ftruncate(fd, 0) == -1 && (errno == EBADF || errno == EINVAL));
    CHECK(file_holds("a", "abc"));
}

/* ---- Names ---- */

BEHAVIOUR(unlink_keeps_open, "XSH unlink: an open file stays usable after its last name has gone")
{
    int fd = open("a", O_CREAT | O_RDWR, 0600);

    REQUIRE(fd >= 0);
    CHECK(unlink("a") == 0);
    FAILS(open("a", O_RDONLY), ENOENT);
    EQUAL(write(fd, "still", 5), 5);
    EQUAL(lseek(fd, 0, SEEK_SET), 0);
    CHECK(reads_as(fd, "still"));
}

BEHAVIOUR(unlink_missing, "XSH unlink: a name that does not exist is ENOENT")
{
    FAILS(unlink("nothing"), ENOENT);
}

BEHAVIOUR(link_same_file, "XSH link: both names lead to the same file")
{
    REQUIRE(put_file("a", "one"));
    CHECK(link("a", "b") == 0);
    CHECK(put_file("b", "two"));
    CHECK(file_holds("a", "two"));
    CHECK(unlink("a") == 0);
    CHECK(file_holds("b", "two"));
}

BEHAVIOUR(link_existing, "XSH link: a new name that exists is EEXIST")
{
    REQUIRE(put_file("a", "") && put_file("b", "b"));
    FAILS(link("a", "b"), EEXIST);
    FAILS(link("nothing", "c"), ENOENT);
}

BEHAVIOUR(rename_replaces, "XSH rename: replaces a file that has the new name")
{
    REQUIRE(put_file("a", "new") && put_file("b", "old"));
    CHECK(rename("a", "b") == 0);
    CHECK(file_holds("b", "new"));
    FAILS(open("a", O_RDONLY), ENOENT);
}

BEHAVIOUR(rename_directory, "XSH rename: moves a directory with what is in it")
{
    REQUIRE(mkdir("d", 0700) == 0 && put_file("d/a", "x"));
    CHECK(rename("d", "e") == 0);
    CHECK(file_holds("e/a", "x"));
    FAILS(access("d", F_OK), ENOENT);
}

BEHAVIOUR(rename_same_link, "XSH rename: two names of one file stay as they are")
{
    REQUIRE(put_file("a", "x") && link("a", "b") == 0);
    CHECK(rename("a", "b") == 0);
    CHECK(file_holds("a", "x") && file_holds("b", "x"));
}

BEHAVIOUR(rename_kinds, "XSH rename: file over directory is EISDIR, directory over file ENOTDIR")
{
    REQUIRE(put_file("a", "x") && mkdir("d", 0700) == 0);
    FAILS(rename("a", "d"), EISDIR);
    FAILS(rename("d", "a"), ENOTDIR);
}

BEHAVIOUR(rename_into_itself, "XSH rename: a directory into itself is EINVAL")
{
    REQUIRE(mkdir("d", 0700) == 0);
    FAILS(rename("d", "d/e"), EINVAL);
}

/* ---- Directories ---- */

BEHAVIOUR(mkdir_existing, "XSH mkdir: a name that exists, of whatever kind, is EEXIST")
{
    REQUIRE(mkdir("d", 0700) == 0 && put_file("a", ""));
    FAILS(mkdir("d", 0700), EEXIST);
    FAILS(mkdir("a", 0700), EEXIST);
}

BEHAVIOUR(mkdir_missing_parent, "XSH mkdir: a missing parent is ENOENT, a file as parent ENOTDIR")
{
    REQUIRE(put_file("a", ""));
    FAILS(mkdir("none/d", 0700), ENOENT);
    FAILS(mkdir("a/d", 0700), ENOTDIR);
}

BEHAVIOUR(rmdir_full, "XSH rmdir: a directory that is not empty stays: EEXIST or ENOTEMPTY")
{
    REQUIRE(mkdir("d", 0700) == 0 && put_file("d/a", "x"));
    errno = 0;
    CHECK(rmdir("d") == -1 && (errno == EEXIST || errno == ENOTEMPTY));
    CHECK(file_holds("d/a", "x"));
    CHECK(unlink("d/a") == 0 && rmdir("d") == 0);
}

BEHAVIOUR(rmdir_file, "XSH rmdir: a regular file is ENOTDIR")
{
    REQUIRE(put_file("a", ""));
    FAILS(rmdir("a"), ENOTDIR);
    FAILS(rmdir("nothing"), ENOENT);
}

static unsigned count_names(DIR *directory, const char *wanted, bool *found)
{
    unsigned count = 0;
    struct dirent *entry;

    while ((entry = readdir(directory)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            count++;
            *found |= strcmp(entry->d_name, wanted) == 0;
        }
    return count;
}

BEHAVIOUR(readdir_lists, "XSH readdir: returns each entry once, then NULL with errno unchanged")
{
    bool found = false;

    REQUIRE(put_file("a", "") && put_file("b", "") && mkdir("c", 0700) == 0);
    DIR *directory = opendir(".");
    REQUIRE(directory != NULL);
    errno = 0;
    EQUAL(count_names(directory, "b", &found), 3);
    CHECK(found);
    EQUAL(errno, 0);
    CHECK(closedir(directory) == 0);
}

BEHAVIOUR(rewinddir_again, "XSH rewinddir: goes back to the start and sees the present state")
{
    bool found = false;

    REQUIRE(put_file("a", ""));
    DIR *directory = opendir(".");
    REQUIRE(directory != NULL);
    EQUAL(count_names(directory, "a", &found), 1);
    CHECK(put_file("late", ""));
    rewinddir(directory);
    found = false;
    EQUAL(count_names(directory, "late", &found), 2);
    CHECK(found);
    CHECK(closedir(directory) == 0);
}

BEHAVIOUR(opendir_file, "XSH opendir: a regular file is ENOTDIR, a missing name ENOENT")
{
    REQUIRE(put_file("a", ""));
    errno = 0;
    CHECK(opendir("a") == NULL && errno == ENOTDIR);
    errno = 0;
    CHECK(opendir("nothing") == NULL && errno == ENOENT);
}

BEHAVIOUR(fdopendir_reads, "XSH fdopendir: makes a directory stream of a descriptor")
{
    bool found = false;

    REQUIRE(put_file("a", ""));
    int fd = open(".", O_RDONLY);
    DIR *directory = fdopendir(fd);
    REQUIRE(directory != NULL);
    EQUAL(dirfd(directory), fd);
    EQUAL(count_names(directory, "a", &found), 1);
    CHECK(closedir(directory) == 0);
    FAILS(close(fd), EBADF);
}

BEHAVIOUR(chdir_relative, "XSH chdir: relative paths begin at the current directory")
{
    char before[PATH_MAX], after[PATH_MAX];

    REQUIRE(mkdir("d", 0700) == 0 && put_file("d/a", "x"));
    REQUIRE(getcwd(before, sizeof before) != NULL);
    CHECK(chdir("d") == 0);
    CHECK(file_holds("a", "x"));
    REQUIRE(getcwd(after, sizeof after) != NULL);
    CHECK(strncmp(after, before, strlen(before)) == 0 && strcmp(after + strlen(before), "/d") == 0);
    CHECK(chdir("..") == 0);
    CHECK(file_holds("d/a", "x"));
}

BEHAVIOUR(chdir_wrong, "XSH chdir: a file is ENOTDIR, a missing name ENOENT")
{
    REQUIRE(put_file("a", ""));
    FAILS(chdir("a"), ENOTDIR);
    FAILS(chdir("nothing"), ENOENT);
}

BEHAVIOUR(getcwd_too_small, "XSH getcwd: a buffer that is too small is ERANGE, size 0 EINVAL")
{
    char buffer[4];

    errno = 0;
    CHECK(getcwd(buffer, 2) == NULL && errno == ERANGE);
    errno = 0;
    CHECK(getcwd(buffer, 0) == NULL && errno == EINVAL);
}

BEHAVIOUR(mkstemp_new, "XSH mkstemp: replaces the Xs and opens a new file for reading and writing")
{
    char first[] = "tXXXXXX", second[] = "tXXXXXX", wrong[] = "tXX";
    int fd = mkstemp(first);

    REQUIRE(fd >= 0);
    CHECK(mkstemp(second) >= 0 && strcmp(first, second) != 0);
    EQUAL(write(fd, "x", 1), 1);
    CHECK(file_holds(first, "x"));
    FAILS(mkstemp(wrong), EINVAL);
}

BEHAVIOUR(realpath_resolves, "XSH realpath: absolute, without . and ..; a missing name is ENOENT")
{
    char here[PATH_MAX], real[PATH_MAX];

    REQUIRE(mkdir("d", 0700) == 0 && getcwd(here, sizeof here) != NULL);
    REQUIRE(realpath("./d/../d/.", real) != NULL);
    CHECK(strncmp(real, here, strlen(here)) == 0 && strcmp(real + strlen(here), "/d") == 0);
    errno = 0;
    CHECK(realpath("nothing", real) == NULL && errno == ENOENT);
}

BEHAVIOUR(glob_no_match, "XSH glob: GLOB_NOMATCH if nothing matches; with GLOB_NOCHECK the pattern")
{
    glob_t found = {0};

    EQUAL(glob("no*thing", 0, NULL, &found), GLOB_NOMATCH);
    EQUAL(glob("no*thing", GLOB_NOCHECK, NULL, &found), 0);
    REQUIRE(found.gl_pathc == 1);
    CHECK(strcmp(found.gl_pathv[0], "no*thing") == 0);
    globfree(&found);
}

BEHAVIOUR(glob_escape, "XSH glob: a backslash escapes, unless GLOB_NOESCAPE")
{
    glob_t found = {0};

    REQUIRE(put_file("a*", "") && put_file("ab", "") && put_file("ac", ""));
    EQUAL(glob("a\\*", 0, NULL, &found), 0);
    EQUAL(found.gl_pathc, 1);
    EQUAL(glob("a?", GLOB_APPEND, NULL, &found), 0);
    EQUAL(found.gl_pathc, 4);
    CHECK(strcmp(found.gl_pathv[1], "a*") == 0 && strcmp(found.gl_pathv[3], "ac") == 0);
    globfree(&found);
    EQUAL(glob("a\\*", GLOB_NOESCAPE, NULL, &found), GLOB_NOMATCH);
}
