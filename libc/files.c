/* SPDX-License-Identifier: MIT */
/*
 * File descriptors. A descriptor leads to an open file, which holds a file portal and the offset;
 * dup makes several descriptors share one. The table starts static, so that programs which only
 * use the three standard files need no memory for it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <iris/object.h>
#include <iris/spawn.h>

#include "files.h"
#include "libc.h"
#include "newlib_hooks.h"
#include "slots.h"

#define FIRST_SIZE 16
#define COUNT_MAX 0x7fffffffu /* what a result can tell */

static struct open_file standard[3] = {
    {.handle = IRIS_SLOT_STDIN, .references = 1, .flags = O_RDONLY},
    {.handle = IRIS_SLOT_STDOUT, .references = 1, .flags = O_WRONLY},
    {.handle = IRIS_SLOT_STDERR, .references = 1, .flags = O_WRONLY},
};
static struct open_file *first_table[FIRST_SIZE] = {&standard[0], &standard[1], &standard[2]};

/* Guarded by libc_lock. */
static struct open_file **table = first_table;
static int table_size = FIRST_SIZE;

struct open_file *files_hold(int fd)
{
    struct open_file *file = NULL;
    libc_lock();
    if (fd >= 0 && fd < table_size && table[fd] != NULL) {
        file = table[fd];
        file->references++;
    }
    libc_unlock();
    return file;
}

void files_drop(struct open_file *file)
{
    libc_lock();
    uint32_t left = --file->references;
    libc_unlock();
    if (left > 0)
        return;
    iris_handle_discard(file->handle);
    if (file < standard || file >= standard + 3)
        free(file);
}

/* Puts a file into the lowest free place from `lowest` on. Called with the lock held. */
static int place(struct open_file *file, int lowest)
{
    int fd = lowest;
    while (fd < table_size && table[fd] != NULL)
        fd++;
    if (fd >= table_size) {
        int size = fd + FIRST_SIZE;
        struct open_file **larger = calloc((size_t)size, sizeof *larger);
        if (larger == NULL)
            return -ENOMEM;
        memcpy(larger, table, (size_t)table_size * sizeof *larger);
        if (table != first_table)
            free(table);
        table = larger;
        table_size = size;
    }
    table[fd] = file;
    return fd;
}

static int place_locked(struct open_file *file, int lowest)
{
    libc_lock();
    int fd = place(file, lowest);
    libc_unlock();
    return fd;
}

int files_new(uint32_t handle, int flags, uint32_t kind)
{
    struct open_file *file = malloc(sizeof *file);
    int fd = -ENOMEM;
    if (file != NULL) {
        *file = (struct open_file){.handle = handle, .references = 1, .flags = flags, .kind = kind};
        fd = place_locked(file, 0);
    }
    if (fd < 0) {
        iris_handle_discard(handle);
        free(file);
    }
    return fd;
}

uint32_t files_kind(struct open_file *file)
{
    struct file_status status;
    if (file->kind == 0 && file_status(file->handle, &status) == 0)
        file->kind = status.kind;
    return file->kind;
}

/* ---- open, close ---- */

/* Which flags the open file must be checked against; the server knows read and write only. */
static int open_check(uint32_t handle, int flags, uint32_t *kind)
{
    struct file_status status;
    *kind = 0;
    if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
        return -EEXIST;
    if (!(flags & (O_DIRECTORY | O_APPEND)))
        return 0;
    int error = file_status(handle, &status);
    if (error != 0)
        return error;
    *kind = status.kind;
    return (flags & O_DIRECTORY) && status.kind != FILE_KIND_DIRECTORY ? -ENOTDIR : 0;
}

int _open(const char *path, int flags, int mode)
{
    static const uint32_t modes[4] = {FILE_OPEN_READ, FILE_OPEN_WRITE,
                                      FILE_OPEN_READ | FILE_OPEN_WRITE, 0};
    uint32_t handle, kind;
    (void)mode; /* nothing can be created yet */
    if (modes[flags & O_ACCMODE] == 0)
        return libc_result(-EINVAL);
    int error = path_open(path, modes[flags & O_ACCMODE], &handle);
    if (error == -ENOENT && (flags & O_CREAT))
        error = -EROFS; /* no file system takes new files */
    if (error != 0)
        return libc_result(error);
    error = open_check(handle, flags, &kind);
    if (error == 0)
        return libc_result(files_new(handle, flags, kind));
    iris_handle_discard(handle);
    return libc_result(error);
}

int _close(int fd)
{
    struct open_file *file = NULL;
    libc_lock();
    if (fd >= 0 && fd < table_size) {
        file = table[fd];
        table[fd] = NULL;
    }
    libc_unlock();
    if (file == NULL)
        return libc_result(-EBADF);
    files_drop(file);
    return 0;
}

/* ---- read, write, seek ---- */

ssize_t _read(int fd, void *buffer, size_t count)
{
    struct open_file *file = files_hold(fd);
    uint32_t done = 0;
    if (file == NULL)
        return libc_result(-EBADF);
    int error = -EBADF;
    if ((file->flags & O_ACCMODE) != O_WRONLY)
        error = file_read(file->handle, file->offset, buffer, count < COUNT_MAX ? count : COUNT_MAX,
                          &done);
    if (error == 0)
        file->offset += done;
    files_drop(file);
    return libc_result(error != 0 ? error : (int)done);
}

static int write_at_end(struct open_file *file)
{
    struct file_status status;
    if (!(file->flags & O_APPEND) || files_kind(file) != FILE_KIND_REGULAR)
        return 0;
    int error = file_status(file->handle, &status);
    if (error == 0)
        file->offset = status.size;
    return error;
}

ssize_t _write(int fd, const void *buffer, size_t count)
{
    struct open_file *file = files_hold(fd);
    uint32_t done = 0;
    if (file == NULL)
        return libc_result(-EBADF);
    int error = -EBADF;
    if ((file->flags & O_ACCMODE) != O_RDONLY)
        error = write_at_end(file);
    if (error == 0)
        error = file_write(file->handle, file->offset, buffer,
                           count < COUNT_MAX ? count : COUNT_MAX, &done);
    if (error == 0)
        file->offset += done;
    files_drop(file);
    return libc_result(error != 0 ? error : (int)done);
}

static int seek(struct open_file *file, off_t offset, int whence)
{
    struct file_status status;
    int64_t base = 0;
    uint32_t kind = files_kind(file);
    if (kind == FILE_KIND_TERMINAL)
        return -ESPIPE;
    if (whence == SEEK_CUR)
        base = (int64_t)file->offset;
    else if (whence == SEEK_END) {
        int error = file_status(file->handle, &status);
        if (error != 0)
            return error;
        base = status.size;
    } else if (whence != SEEK_SET)
        return -EINVAL;
    if (base + offset < 0 || base + offset > (int64_t)COUNT_MAX)
        return base + offset < 0 ? -EINVAL : -EOVERFLOW;
    file->offset = (uint64_t)(base + offset);
    return (int)file->offset;
}

off_t _lseek(int fd, off_t offset, int whence)
{
    struct open_file *file = files_hold(fd);
    if (file == NULL)
        return libc_result(-EBADF);
    int result = seek(file, offset, whence);
    files_drop(file);
    return libc_result(result);
}

/* ---- descriptors ---- */

int _isatty(int fd)
{
    struct open_file *file = files_hold(fd);
    if (file == NULL) {
        libc_result(-EBADF);
        return 0;
    }
    uint32_t kind = files_kind(file);
    files_drop(file);
    if (kind == FILE_KIND_TERMINAL)
        return 1;
    libc_result(-ENOTTY);
    return 0;
}

static int duplicate(int fd, int lowest)
{
    struct open_file *file = files_hold(fd); /* the hold becomes the new descriptor's */
    if (file == NULL)
        return -EBADF;
    int result = lowest < 0 ? -EINVAL : place_locked(file, lowest);
    if (result < 0)
        files_drop(file);
    return result;
}

int dup(int fd) { return libc_result(duplicate(fd, 0)); }

int dup2(int from, int to)
{
    struct open_file *file = files_hold(from), *old = NULL;
    int result = -EBADF;
    if (file == NULL || to < 0 || from == to) {
        if (file != NULL)
            files_drop(file);
        return libc_result(file == NULL || to < 0 ? -EBADF : to);
    }
    libc_lock();
    if (to < table_size) {
        old = table[to];
        table[to] = NULL;
    }
    result = place(file, to);
    libc_unlock();
    if (old != NULL)
        files_drop(old);
    if (result < 0)
        files_drop(file);
    return libc_result(result);
}

int _fcntl(int fd, int command, int argument)
{
    struct open_file *file = files_hold(fd);
    int result;
    if (file == NULL)
        return libc_result(-EBADF);
    switch (command) {
    case F_DUPFD:
        result = duplicate(fd, argument);
        break;
    case F_GETFD:
        result = 0;
        break; /* no descriptor goes to a child unasked */
    case F_SETFD:
        result = 0;
        break;
    case F_GETFL:
        result = file->flags;
        break;
    case F_SETFL:
        file->flags = (file->flags & ~O_APPEND) | (argument & O_APPEND);
        result = 0;
        break;
    default:
        result = -EINVAL;
        break;
    }
    files_drop(file);
    return libc_result(result);
}

int iris_file_handle(int fd)
{
    struct open_file *file = files_hold(fd);
    if (file == NULL)
        return libc_result(-EBADF);
    int handle = (int)file->handle;
    files_drop(file);
    return handle;
}
