/* SPDX-License-Identifier: MIT */
/* What stat tells, and what changes it. */
#include "behaviour.h"

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

static struct stat status_of(const char *path)
{
    struct stat status = {0};

    CHECK(stat(path, &status) == 0);
    return status;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

BEHAVIOUR(stat_missing, "XSH stat: a name that does not exist is ENOENT, also an empty one")
{
    struct stat status;

    FAILS(stat("nothing", &status), ENOENT);
    FAILS(stat("", &status), ENOENT);
}

BEHAVIOUR(stat_below_file, "XSH stat: a path through a regular file is ENOTDIR")
{
    struct stat status;

    REQUIRE(put_file("a", ""));
    FAILS(stat("a/b", &status), ENOTDIR);
}

BEHAVIOUR(stat_slash, "XBD 4.13: a slash after the name of a regular file is ENOTDIR")
{
    struct stat status;

    REQUIRE(put_file("a", "") && mkdir("d", 0700) == 0);
    FAILS(stat("a/", &status), ENOTDIR);
    CHECK(stat("d/", &status) == 0 && S_ISDIR(status.st_mode));
}

BEHAVIOUR(stat_slashes, "XBD 4.13: several slashes are one, . is the directory itself")
{
    REQUIRE(mkdir("d", 0700) == 0 && put_file("d/a", ""));
    struct stat one = status_of("d/a"), other = status_of(".//d/./a");
    CHECK(is_same(&one, &other));
}

BEHAVIOUR(stat_dotdot, "XBD 4.13: .. leads to the parent, and in the root to the root")
{
    REQUIRE(mkdir("d", 0700) == 0 && put_file("a", ""));
    struct stat one = status_of("a"), other = status_of("d/../a");
    CHECK(is_same(&one, &other));
    struct stat root = status_of("/"), above = status_of("/../..");
    CHECK(is_same(&root, &above));
}

BEHAVIOUR(stat_regular, "XSH stat: a regular file has S_ISREG and no other kind")
{
    REQUIRE(put_file("a", ""));
    mode_t mode = status_of("a").st_mode;
    CHECK(S_ISREG(mode) && !S_ISDIR(mode) && !S_ISCHR(mode) && !S_ISFIFO(mode) && !S_ISLNK(mode));
}

BEHAVIOUR(stat_directory, "XSH stat: a directory has S_ISDIR")
{
    REQUIRE(mkdir("d", 0700) == 0);
    CHECK(S_ISDIR(status_of("d").st_mode));
    CHECK(S_ISDIR(status_of("/").st_mode));
}

BEHAVIOUR(stat_device, "XBD 10.1: /dev/null is a character device")
{
    CHECK(S_ISCHR(status_of("/dev/null").st_mode));
}

BEHAVIOUR(stat_size, "XSH stat: st_size is the file's length, and grows with it at once")
{
    struct stat status;
    int fd = open("a", O_CREAT | O_RDWR, 0600);

    EQUAL(write(fd, "abc", 3), 3);
    EQUAL(status_of("a").st_size, 3);
    EQUAL(write(fd, "def", 3), 3);
    CHECK(fstat(fd, &status) == 0);
    EQUAL(status.st_size, 6);
}

BEHAVIOUR(stat_identity,
          "XSH stat: st_ino and st_dev are one file's under all its names, and no other's")
{
    struct stat open_status;

    REQUIRE(put_file("a", "") && put_file("b", "") && link("a", "c") == 0);
    struct stat a = status_of("a"), b = status_of("b"), c = status_of("c");
    int fd = open("a", O_RDONLY);
    CHECK(is_same(&a, &c) && !is_same(&a, &b));
    CHECK(fstat(fd, &open_status) == 0 && is_same(&a, &open_status));
}

BEHAVIOUR(stat_identity_kept, "XSH rename: the file keeps its identity under the new name")
{
    REQUIRE(put_file("a", ""));
    struct stat before = status_of("a");
    CHECK(rename("a", "b") == 0);
    struct stat after = status_of("b");
    CHECK(is_same(&before, &after));
}

BEHAVIOUR(stat_links, "XSH link, unlink: st_nlink counts the names")
{
    struct stat status;

    REQUIRE(put_file("a", ""));
    int fd = open("a", O_RDONLY);
    EQUAL(status_of("a").st_nlink, 1);
    REQUIRE(link("a", "b") == 0);
    EQUAL(status_of("a").st_nlink, 2);
    CHECK(unlink("a") == 0);
    EQUAL(status_of("b").st_nlink, 1);
    CHECK(unlink("b") == 0 && fstat(fd, &status) == 0);
    EQUAL(status.st_nlink, 0);
}

BEHAVIOUR(open_mode, "XSH open: the new file's mode is the third argument without the umask's bits")
{
    mode_t before = umask(027);

    CHECK(close(open("a", O_CREAT | O_RDWR, 0666)) == 0);
    umask(before);
    EQUAL(status_of("a").st_mode & 0777, 0640);
}

BEHAVIOUR(mkdir_mode, "XSH mkdir: the mode is the argument without the umask's bits")
{
    mode_t before = umask(022);

    CHECK(mkdir("d", 0777) == 0);
    umask(before);
    EQUAL(status_of("d").st_mode & 0777, 0755);
}

BEHAVIOUR(umask_returns, "XSH umask: returns the mask that was, and keeps permission bits only")
{
    mode_t before = umask(031);

    EQUAL(umask(before), 031);
    umask(before);
}

BEHAVIOUR(open_mode_existing, "XSH open: O_CREAT on an existing file leaves its mode alone")
{
    REQUIRE(put_file("a", "") && chmod("a", 0600) == 0);
    CHECK(close(open("a", O_CREAT | O_RDWR, 0777)) == 0);
    EQUAL(status_of("a").st_mode & 0777, 0600);
}

BEHAVIOUR(chmod_sets, "XSH chmod, fchmod: set the permission bits, and the kind stays")
{
    REQUIRE(put_file("a", ""));
    int fd = open("a", O_RDWR);
    CHECK(chmod("a", 0640) == 0);
    EQUAL(status_of("a").st_mode & 07777, 0640);
    CHECK(fchmod(fd, 0600) == 0);
    EQUAL(status_of("a").st_mode & 07777, 0600);
    CHECK(S_ISREG(status_of("a").st_mode));
}

BEHAVIOUR(chmod_missing, "XSH chmod: a name that does not exist is ENOENT; fchmod of nothing EBADF")
{
    FAILS(chmod("nothing", 0600), ENOENT);
    FAILS(fchmod(50, 0600), EBADF);
}

BEHAVIOUR(access_exists, "XSH access: F_OK asks whether the name exists")
{
    REQUIRE(put_file("a", ""));
    CHECK(access("a", F_OK) == 0);
    FAILS(access("nothing", F_OK), ENOENT);
    FAILS(access("a/b", F_OK), ENOTDIR);
}

BEHAVIOUR(access_execute, "XSH access: X_OK on a file without any execute bit fails with EACCES")
{
    REQUIRE(put_file("a", "") && chmod("a", 0600) == 0);
    CHECK(access("a", R_OK | W_OK) == 0);
    FAILS(access("a", X_OK), EACCES);
    CHECK(chmod("a", 0700) == 0 && access("a", X_OK) == 0);
}

static bool is_before(struct timespec a, struct timespec b)
{
    return a.tv_sec != b.tv_sec ? a.tv_sec < b.tv_sec : a.tv_nsec < b.tv_nsec;
}

BEHAVIOUR(write_time, "XSH write: marks st_mtim and st_ctim for update")
{
    int fd = open("a", O_CREAT | O_RDWR, 0600);

    struct stat before = status_of("a");
    pause_for(20);
    EQUAL(write(fd, "x", 1), 1);
    struct stat after = status_of("a");
    CHECK(is_before(before.st_mtim, after.st_mtim) && is_before(before.st_ctim, after.st_ctim));
}

BEHAVIOUR(chmod_time, "XSH chmod: marks st_ctim for update, not st_mtim")
{
    REQUIRE(put_file("a", "x"));
    struct stat before = status_of("a");
    pause_for(20);
    CHECK(chmod("a", 0600) == 0);
    struct stat after = status_of("a");
    CHECK(is_before(before.st_ctim, after.st_ctim));
    CHECK(!is_before(before.st_mtim, after.st_mtim));
}

BEHAVIOUR(directory_time, "XSH open: making a file marks st_mtim of its directory for update")
{
    REQUIRE(mkdir("d", 0700) == 0);
    struct stat before = status_of("d");
    pause_for(20);
    REQUIRE(put_file("d/a", ""));
    struct stat after = status_of("d");
    CHECK(is_before(before.st_mtim, after.st_mtim));
}

BEHAVIOUR(utimens_sets, "XSH futimens: sets access and modification time to the nanosecond or so")
{
    const struct timespec times[2] = {{1000000, 0}, {2000000, 0}};

    REQUIRE(put_file("a", ""));
    int fd = open("a", O_RDWR);
    CHECK(futimens(fd, times) == 0);
    EQUAL(status_of("a").st_atime, 1000000);
    EQUAL(status_of("a").st_mtime, 2000000);
}

BEHAVIOUR(utimens_omit, "XSH utimensat: UTIME_OMIT leaves a time alone")
{
    const struct timespec both[2] = {{1000000, 0}, {2000000, 0}};
    const struct timespec one[2] = {{0, UTIME_OMIT}, {3000000, 0}};

    REQUIRE(put_file("a", ""));
    CHECK(utimensat(AT_FDCWD, "a", both, 0) == 0);
    CHECK(utimensat(AT_FDCWD, "a", one, 0) == 0);
    EQUAL(status_of("a").st_atime, 1000000);
    EQUAL(status_of("a").st_mtime, 3000000);
}

BEHAVIOUR(utimens_now, "XSH utimensat: a null pointer means now; a wrong nanosecond is EINVAL")
{
    const struct timespec past[2] = {{1000000, 0}, {1000000, 0}};
    const struct timespec wrong[2] = {{0, 1000000000}, {0, 0}};

    REQUIRE(put_file("a", ""));
    struct stat before = status_of("a");
    CHECK(utimensat(AT_FDCWD, "a", past, 0) == 0);
    CHECK(utimensat(AT_FDCWD, "a", NULL, 0) == 0);
    struct stat after = status_of("a");
    CHECK(!is_before(after.st_mtim, before.st_mtim));
    FAILS(utimensat(AT_FDCWD, "a", wrong, 0), EINVAL);
}

BEHAVIOUR(pathconf_limits, "XSH pathconf: _PC_NAME_MAX and _PC_PATH_MAX are at least the minimum")
{
    CHECK(pathconf(".", _PC_NAME_MAX) >= _POSIX_NAME_MAX);
    CHECK(pathconf(".", _PC_PATH_MAX) >= _POSIX_PATH_MAX);
    FAILS(pathconf(".", 9999), EINVAL);
}

BEHAVIOUR(chown_to_its_owner, "XSH chown, fchown: -1 and the owner it has leave a file as it is")
{
    struct stat status;

    REQUIRE(put_file("a", ""));
    status = status_of("a");
    CHECK(chown("a", status.st_uid, status.st_gid) == 0);
    CHECK(chown("a", (uid_t)-1, (gid_t)-1) == 0);
    EQUAL(status_of("a").st_uid, status.st_uid);
    FAILS(chown("nothing", (uid_t)-1, (gid_t)-1), ENOENT);
    FAILS(fchown(77, (uid_t)-1, (gid_t)-1), EBADF);
}
