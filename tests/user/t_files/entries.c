/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "t_files.h"

#define HOME "/tmp/entries"

static int make(const char *path, const char *text)
{
    int fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);
    ssize_t done = write(fd, text, strlen(text));
    close(fd);
    return done == (ssize_t)strlen(text);
}

static int holds(const char *path, const char *text)
{
    char bytes[40] = "";
    int fd = open(path, O_RDONLY);
    if (fd < 0)
        return 0;
    read(fd, bytes, sizeof bytes - 1);
    close(fd);
    return strcmp(bytes, text) == 0;
}

static nlink_t links(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? status.st_nlink : 0;
}

static void check_links(void)
{
    struct stat one, two;

    TEST_CHECK(make(HOME "/a", "first"), "a file");
    TEST_EQUAL(link(HOME "/a", HOME "/b"), 0, "a second name");
    TEST_CHECK(stat(HOME "/a", &one) == 0 && stat(HOME "/b", &two) == 0 &&
                   one.st_ino == two.st_ino && one.st_dev == two.st_dev && one.st_nlink == 2,
               "of the same file");
    REFUSED(link(HOME "/a", HOME "/b"), EEXIST, "not of what has it already");
    REFUSED(link(HOME, HOME "/d"), EPERM, "nor for directories");
    REFUSED(link("/boot.conf", HOME "/d"), EXDEV, "nor across file systems");
    TEST_EQUAL(unlink(HOME "/a"), 0, "one goes");
    TEST_CHECK(holds(HOME "/b", "first") && links(HOME "/b") == 1, "the other stays");
    int fd = open(HOME "/b", O_RDWR);
    TEST_EQUAL(unlink(HOME "/b"), 0, "the last one goes");
    char bytes[8];
    TEST_CHECK(read(fd, bytes, 8) == 5 && fstat(fd, &one) == 0 && one.st_nlink == 0,
               "an open file lives without a name");
    close(fd);
    REFUSED(unlink(HOME "/b"), ENOENT, "twice is once too often");
}

static void check_directories(void)
{
    TEST_EQUAL(mkdir(HOME "/d", 0755), 0, "mkdir");
    REFUSED(mkdir(HOME "/d", 0755), EEXIST, "of what is there");
    REFUSED(mkdir(HOME "/no/d", 0755), ENOENT, "in what is not");
    TEST_EQUAL(links(HOME), 3, "its .. is a link");
    TEST_CHECK(make(HOME "/d/f", "inside"), "a file in it");
    REFUSED(rmdir(HOME "/d"), ENOTEMPTY, "rmdir of what is not empty");
    REFUSED(rmdir(HOME "/d/f"), ENOTDIR, "of a file");
    REFUSED(unlink(HOME "/d"), EPERM, "unlink of a directory");
    REFUSED(rmdir("/tmp"), EBUSY, "the root of a file system stays");
    REFUSED(rmdir("/bin"), EROFS, "and what is in the boot archive");
    TEST_CHECK(chmod(HOME "/d", 0500) == 0, "a directory that must not be written");
    REFUSED(unlink(HOME "/d/f"), EACCES, "keeps what it has");
    TEST_CHECK(chmod(HOME "/d", 0700) == 0, "for a time");
}

static void check_rename(void)
{
    TEST_EQUAL(rename(HOME "/d/f", HOME "/g"), 0, "rename to another directory");
    TEST_CHECK(holds(HOME "/g", "inside") && access(HOME "/d/f", F_OK) < 0, "moves it");
    TEST_CHECK(make(HOME "/h", "other") && rename(HOME "/g", HOME "/h") == 0 &&
                   holds(HOME "/h", "inside"),
               "over another file");
    REFUSED(rename(HOME "/h", HOME "/d"), EISDIR, "not a file over a directory");
    REFUSED(rename(HOME "/d", HOME "/h"), ENOTDIR, "nor the other way round");
    REFUSED(rename(HOME "/d", HOME "/d/e"), EINVAL, "nor into itself");
    REFUSED(rename(HOME "/h", "/h"), EXDEV, "nor across file systems");
    REFUSED(rename(HOME "/no", HOME "/h"), ENOENT, "nor what is not there");
    TEST_CHECK(mkdir(HOME "/e", 0700) == 0 && rename(HOME "/d", HOME "/e") == 0 && links(HOME) == 3,
               "a directory over an empty one");
    TEST_EQUAL(rename(HOME "/h", HOME "/h"), 0, "to itself");
    TEST_EQUAL(remove(HOME "/e"), 0, "remove takes directories");
    TEST_EQUAL(remove(HOME "/h"), 0, "and files");
}

/* Everything is removed as it is read: nothing is missed. */
static void check_listing(void)
{
    char path[200];
    int found = 0, removed = 0;

    for (int i = 0; i < 40; i++) {
        snprintf(path, sizeof path, HOME "/%d", i);
        make(path, "");
    }
    DIR *directory = opendir(HOME);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL; found++) {
        snprintf(path, sizeof path, HOME "/%s", entry->d_name);
        removed += entry->d_type == DT_REG && unlink(path) == 0;
    }
    TEST_CHECK(found == 40 && removed == 40, "entries can be removed while they are read");
    rewinddir(directory);
    TEST_CHECK(readdir(directory) == NULL, "none is left");
    closedir(directory);
}

static int lists(const char *path, const char *name, int type)
{
    DIR *directory = opendir(path);
    int found = 0;
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;)
        found += strcmp(entry->d_name, name) == 0 && entry->d_type == type;
    closedir(directory);
    return found;
}

static void check_mounts(void)
{
    TEST_EQUAL(lists("/", "tmp", DT_DIR), 1, "/ has tmp");
    TEST_EQUAL(lists("/", "dev", DT_DIR), 1, "and dev");
    TEST_EQUAL(lists("/", "bin", DT_DIR), 1, "and what the archive has");
    TEST_EQUAL(lists("/dev", "null", DT_CHR), 1, "/dev has null");
    TEST_EQUAL(lists("/dev", "console", DT_CHR), 1, "and console, which has a name");
}

/* Deeper than one message can tell. */
static void check_long_paths(void)
{
    char path[600] = HOME;
    int made = 0;

    for (int i = 0; i < 6; i++) {
        strcat(path, "/");
        for (int k = 0; k < 80; k++)
            strcat(path, "x");
        made += mkdir(path, 0700) == 0;
    }
    TEST_EQUAL(made, 6, "a path of 500 bytes");
    strcat(path, "/f");
    TEST_CHECK(make(path, "deep") && holds(path, "deep") && rename(path, HOME "/f") == 0 &&
                   holds(HOME "/f", "deep") && unlink(HOME "/f") == 0,
               "a file at its end");
    for (made = 0; strlen(path) > strlen(HOME); made += rmdir(path) == 0)
        *strrchr(path, '/') = '\0';
    TEST_EQUAL(made, 6 + 1, "all goes again");
    char name[sizeof HOME + 102] = HOME "/";
    memset(name + strlen(name), 'n', 101);
    REFUSED(open(name, O_CREAT | O_WRONLY, 0600), ENAMETOOLONG, "a name of 101 bytes");
}

void check_entries(void)
{
    TEST_EQUAL(mkdir(HOME, 0700), 0, "a place of our own");
    check_links();
    check_directories();
    check_rename();
    check_listing();
    check_mounts();
    check_long_paths();
}
