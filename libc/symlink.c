/* SPDX-License-Identifier: MIT */
/* No file system has symbolic links: none can be made, and no path leads to one. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "libc.h"

int symlinkat(const char *target, int fd, const char *path)
{
    char resolved[FILES_PATH_MAX + 1];
    int error = path_resolve_at(fd, path, resolved);

    (void)target;
    return libc_result(error != 0 ? error : -ENOSYS);
}

int symlink(const char *target, const char *path) { return symlinkat(target, AT_FDCWD, path); }

ssize_t readlinkat(int fd, const char *path, char *buffer, size_t size)
{
    struct stat status;

    (void)buffer, (void)size;
    return fstatat(fd, path, &status, AT_SYMLINK_NOFOLLOW) != 0 ? -1 : libc_result(-EINVAL);
}

ssize_t readlink(const char *path, char *buffer, size_t size)
{
    return readlinkat(AT_FDCWD, path, buffer, size);
}

char *realpath(const char *path, char *buffer)
{
    char resolved[1 + FILES_PATH_MAX + 1] = "/";
    struct stat status;

    if (path == NULL || libc_result(path_resolve(path, resolved + 1)) != 0) {
        errno = path == NULL ? EINVAL : errno;
        return NULL;
    }
    if (stat(path, &status) != 0)
        return NULL;
    return buffer != NULL ? strcpy(buffer, resolved) : strdup(resolved);
}
