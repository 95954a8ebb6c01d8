/* SPDX-License-Identifier: MIT */
/* File status, and what a file system that cannot be written says. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <iris/layout.h>

#include "files.h"
#include "libc.h"
#include "newlib_hooks.h"
#include "slots.h"

#define STAT_BLOCK 512 /* unit of st_blocks */

void status_convert(const struct file_status *from, struct stat *to)
{
    mode_t type = from->kind == FILE_KIND_DIRECTORY  ? S_IFDIR
                  : from->kind == FILE_KIND_TERMINAL ? S_IFCHR
                                                     : S_IFREG;
    *to = (struct stat){
        .st_mode = type | (from->mode & 07777),
        .st_nlink = 1,
        .st_size = (off_t)from->size,
        .st_blksize = type == S_IFCHR ? 256 : IRIS_PAGE_SIZE,
        .st_blocks = (blkcnt_t)((from->size + STAT_BLOCK - 1) / STAT_BLOCK),
    };
    to->st_mtim.tv_sec = to->st_ctim.tv_sec = to->st_atim.tv_sec = (time_t)from->modified;
}

static int handle_stat(uint32_t handle, struct stat *status)
{
    struct file_status answer;
    int error = file_status(handle, &answer);
    if (error == 0)
        status_convert(&answer, status);
    return error;
}

int _fstat(int fd, struct stat *status)
{
    struct open_file *file = files_hold(fd);
    if (file == NULL)
        return libc_result(-EBADF);
    int error = handle_stat(file->handle, status);
    files_drop(file);
    return libc_result(error);
}

int _stat(const char *path, struct stat *status)
{
    uint32_t handle;
    int error = path_open(path, FILE_OPEN_READ, &handle);
    if (error != 0)
        return libc_result(error);
    error = handle_stat(handle, status);
    iris_handle_discard(handle);
    return libc_result(error);
}

/* There are no users: what the owner may do, everybody may. */
int access(const char *path, int mode)
{
    struct stat status;
    if (_stat(path, &status) != 0)
        return -1;
    mode_t allowed = status.st_mode >> 6;
    return libc_result((mode & ~(int)allowed & (R_OK | W_OK | X_OK)) != 0 ? -EACCES : 0);
}

/*
 * Changes to directories. The one kind of file system there is, the boot archive, is read-only, and
 * its interface has no such methods: EROFS if the path leads somewhere, else the error of looking.
 */
static int refuse_change(const char *path)
{
    struct stat status;
    return _stat(path, &status) != 0 ? -1 : libc_result(-EROFS);
}

int _link(const char *from, const char *to)
{
    (void)to;
    return refuse_change(from);
}

int _unlink(const char *path) { return refuse_change(path); }

int _rename(const char *from, const char *to)
{
    (void)to;
    return refuse_change(from);
}

int _mkdir(const char *path, int mode)
{
    struct stat status;
    (void)mode;
    return libc_result(_stat(path, &status) == 0 ? -EEXIST : -EROFS);
}

int rmdir(const char *path) { return refuse_change(path); }
