/* SPDX-License-Identifier: MIT */
/*
 * opendir and friends. The file server tells entry by entry; then come the file systems and devices
 * that have names below this directory at the name service.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <iris/names.h>
#include <iris/object.h>

#include "files.h"
#include "libc.h"
#include "names.h" /* generated from servers/names/names.idl */
#include "slots.h"

#define MOUNTED 0x40000000l /* telldir: among those that have names */

struct __directory {
    int fd;
    bool mounted; /* the server's own entries have all been read */
    uint32_t cursor;
    struct dirent entry;
};

DIR *fdopendir(int fd)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return NULL;
    if (!S_ISDIR(status.st_mode)) {
        errno = ENOTDIR;
        return NULL;
    }
    DIR *directory = calloc(1, sizeof *directory);
    if (directory != NULL)
        directory->fd = fd;
    return directory;
}

DIR *opendir(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY);
    if (fd < 0)
        return NULL;
    DIR *directory = fdopendir(fd);
    if (directory == NULL)
        close(fd);
    return directory;
}

static unsigned char type_of(uint32_t kind)
{
    static const unsigned char types[] = {[FILE_KIND_REGULAR] = DT_REG,
                                          [FILE_KIND_DIRECTORY] = DT_DIR,
                                          [FILE_KIND_TERMINAL] = DT_CHR,
                                          [FILE_KIND_DEVICE] = DT_CHR,
                                          [FILE_KIND_PIPE] = DT_FIFO};
    return kind < sizeof types ? types[kind] : DT_UNKNOWN;
}

static void fill(struct dirent *entry, const struct file_status *status)
{
    entry->d_ino = (ino_t)status->node;
    entry->d_type = type_of(status->kind);
}

static int read_own(DIR *directory, const struct open_file *file)
{
    struct file_status status;
    int error = file_entry(file->handle, directory->cursor, &directory->cursor,
                           directory->entry.d_name, &status);
    if (error == 0)
        fill(&directory->entry, &status);
    return error;
}

/* ---- Mounted ones ---- */

/* The name service's path of a directory; false: too long to have any names in it. */
static bool mount_path(const struct open_file *file, char path[NAMES_MAX_PATH + 1])
{
    if (file->path == NULL || strlen(file->path) > NAMES_MAX_PATH - sizeof IRIS_NAME_FILES)
        return false;
    strcpy(path, IRIS_NAME_FILES);
    if (*file->path != '\0')
        strcpy(stpcpy(path + strlen(path), "/"), file->path);
    return true;
}

/* Whether the server has such an entry itself: then it was told already. */
static bool is_own(const struct open_file *file, const char *name)
{
    uint32_t handle;
    if (file_open(file->handle, name, 0, 0, &handle) != 0)
        return false;
    iris_handle_discard(handle);
    return true;
}

/* False: nothing answers there, as with a name that only begins those of others. */
static bool ask_mounted(const struct open_file *file, struct dirent *entry)
{
    char path[FILES_PATH_MAX + MAXNAMLEN + 2];
    struct file_status status = {.kind = 0};
    uint32_t handle;
    strcpy(stpcpy(stpcpy(path, file->path), *file->path != '\0' ? "/" : ""), entry->d_name);
    if (place_open(path, 0, 0, &handle) != 0)
        return false;
    file_status(handle, &status);
    iris_handle_discard(handle);
    fill(entry, &status);
    return true;
}

static int read_mounted(DIR *directory, const struct open_file *file)
{
    char path[NAMES_MAX_PATH + 1], name[NAMES_MAX_PATH + 1];
    int error = mount_path(file, path) ? 0 : -ENOENT;
    while (error == 0) {
        error = names_child(IRIS_SLOT_NAMES, path, directory->cursor, &directory->cursor, name);
        if (error != 0 || strlen(name) > MAXNAMLEN || is_own(file, name))
            continue;
        strcpy(directory->entry.d_name, name);
        if (ask_mounted(file, &directory->entry))
            return 0;
    }
    return error;
}

static int read_next(DIR *directory, const struct open_file *file)
{
    if (!directory->mounted) {
        int error = read_own(directory, file);
        if (error != -ENOENT)
            return error;
        directory->mounted = true;
        directory->cursor = 0;
    }
    return read_mounted(directory, file);
}

struct dirent *readdir(DIR *directory)
{
    struct open_file *file = files_hold(directory->fd);
    if (file == NULL) {
        errno = EBADF;
        return NULL;
    }
    int error = read_next(directory, file);
    files_drop(file);
    if (error == 0)
        return &directory->entry;
    if (error != -ENOENT) /* the end leaves errno alone */
        errno = -error;
    return NULL;
}

/* ---- Places ---- */

void rewinddir(DIR *directory) { seekdir(directory, 0); }

long telldir(DIR *directory)
{
    return (long)directory->cursor | (directory->mounted ? MOUNTED : 0);
}

void seekdir(DIR *directory, long place)
{
    directory->mounted = place & MOUNTED;
    directory->cursor = (uint32_t)(place & ~MOUNTED);
}

int dirfd(DIR *directory) { return directory->fd; }

int closedir(DIR *directory)
{
    int result = close(directory->fd);
    free(directory);
    return result;
}
