/* SPDX-License-Identifier: MIT */
/* open: the file server knows the flags; here they are only translated. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#include "files.h"
#include "libc.h"
#include "newlib_hooks.h"

static const struct {
    int posix;
    uint32_t file;
} translation[] = {
    {O_CREAT, FILE_OPEN_CREATE},      {O_EXCL, FILE_OPEN_EXCLUSIVE},
    {O_TRUNC, FILE_OPEN_TRUNCATE},    {O_APPEND, FILE_OPEN_APPEND},
    {O_NONBLOCK, FILE_OPEN_NONBLOCK}, {O_DIRECTORY, FILE_OPEN_DIRECTORY},
};

/* Flags of file.open, or -EINVAL. */
static int flags_translate(int flags)
{
    static const int access[4] = {FILE_OPEN_READ, FILE_OPEN_WRITE, FILE_OPEN_READ | FILE_OPEN_WRITE,
                                  -EINVAL};
    int result = flags & O_SEARCH ? 0 : access[flags & O_ACCMODE];
    for (unsigned i = 0; result >= 0 && i < sizeof translation / sizeof translation[0]; i++)
        if (flags & translation[i].posix)
            result |= (int)translation[i].file;
    return result;
}

static int open_resolved(const char *path, const char *resolved, int flags, uint32_t mode)
{
    int wanted = flags_translate(flags);
    uint32_t handle;
    if (wanted < 0)
        return wanted;
    if (path_wants_directory(path))
        wanted |= FILE_OPEN_DIRECTORY;
    if ((wanted & FILE_OPEN_CREATE) && (wanted & FILE_OPEN_DIRECTORY))
        return flags & O_DIRECTORY ? -EINVAL : -EISDIR;
    int error = place_open(resolved, (uint32_t)wanted, mode_created(mode), &handle);
    if (error != 0)
        return error;
    return files_new(handle, flags & O_CLOEXEC, resolved);
}

int _open(const char *path, int flags, int mode)
{
    char resolved[FILES_PATH_MAX + 1];
    int error = path_resolve(path, resolved);
    return libc_result(error != 0 ? error : open_resolved(path, resolved, flags, (uint32_t)mode));
}

int openat(int fd, const char *path, int flags, ...)
{
    char resolved[FILES_PATH_MAX + 1];
    va_list arguments;
    va_start(arguments, flags);
    uint32_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    int error = path_resolve_at(fd, path, resolved);
    return libc_result(error != 0 ? error : open_resolved(path, resolved, flags, mode));
}

int creat(const char *path, mode_t mode)
{
    return _open(path, O_WRONLY | O_CREAT | O_TRUNC, (int)mode);
}
