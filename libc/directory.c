/* SPDX-License-Identifier: MIT */
/* opendir and friends: the file server tells entry by entry, in order of their names. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "libc.h"

struct __directory {
    int fd;
    uint32_t next; /* entry to be read next */
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

struct dirent *readdir(DIR *directory)
{
    struct file_status status;
    struct open_file *file = files_hold(directory->fd);
    if (file == NULL) {
        errno = EBADF;
        return NULL;
    }
    int error = file_entry(file->handle, directory->next, directory->entry.d_name, &status);
    files_drop(file);
    if (error != 0) {
        if (error != -ENOENT) /* the end leaves errno alone */
            errno = -error;
        return NULL;
    }
    directory->entry.d_ino = (ino_t)++directory->next;
    directory->entry.d_type = status.kind == FILE_KIND_DIRECTORY  ? DT_DIR
                              : status.kind == FILE_KIND_TERMINAL ? DT_CHR
                                                                  : DT_REG;
    return &directory->entry;
}

void rewinddir(DIR *directory) { directory->next = 0; }

long telldir(DIR *directory) { return (long)directory->next; }

void seekdir(DIR *directory, long place) { directory->next = (uint32_t)place; }

int dirfd(DIR *directory) { return directory->fd; }

int closedir(DIR *directory)
{
    int result = close(directory->fd);
    free(directory);
    return result;
}
