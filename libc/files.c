/* SPDX-License-Identifier: MIT */
/*
 * File descriptors. A descriptor leads to an open file, which is a handle for a portal; dup makes
 * several descriptors share one. The table starts static, so that programs which only use the three
 * standard files need no memory for it.
 */
#define _GNU_SOURCE /* dup3 */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <iris/object.h>
#include <iris/spawn.h>

#include "libc.h"
#include "newlib_hooks.h"
#include "slots.h"

#define FIRST_SIZE 16

struct descriptor {
    struct open_file *file; /* NULL: free */
    bool close_on_exec;
};

static struct open_file standard[3] = {
    {.handle = IRIS_SLOT_STDIN, .references = 1},
    {.handle = IRIS_SLOT_STDOUT, .references = 1},
    {.handle = IRIS_SLOT_STDERR, .references = 1},
};
static struct descriptor first_table[FIRST_SIZE] = {
    {.file = &standard[0]}, {.file = &standard[1]}, {.file = &standard[2]}};

/* Guarded by libc_lock. */
static struct descriptor *table = first_table;
static int table_size = FIRST_SIZE;

/* ---- Open files ---- */

static struct descriptor *find(int fd)
{
    return fd >= 0 && fd < table_size && table[fd].file != NULL ? &table[fd] : NULL;
}

struct open_file *files_hold(int fd)
{
    struct open_file *file = NULL;
    libc_lock();
    struct descriptor *descriptor = find(fd);
    if (descriptor != NULL) {
        file = descriptor->file;
        file->references++;
    }
    libc_unlock();
    return file;
}

void files_keep(struct open_file *file)
{
    libc_lock();
    file->references++;
    libc_unlock();
}

void files_drop(struct open_file *file)
{
    libc_lock();
    uint32_t left = --file->references;
    libc_unlock();
    if (left > 0)
        return;
    iris_handle_discard(file->handle);
    if (file >= standard && file < standard + 3)
        return;
    free(file->path);
    free(file);
}

uint32_t files_kind(struct open_file *file)
{
    struct file_status status;
    if (file->kind == 0 && file_status(file->handle, &status) == 0) {
        file->device = status.device;
        file->kind = status.kind;
    }
    return file->kind;
}

/* ---- The table ---- */

static int grow(int size)
{
    struct descriptor *larger = calloc((size_t)size, sizeof *larger);
    if (larger == NULL)
        return -ENOMEM;
    memcpy(larger, table, (size_t)table_size * sizeof *larger);
    if (table != first_table)
        free(table);
    table = larger;
    table_size = size;
    return 0;
}

/* Puts a file into the lowest free place from `lowest` on. Called with the lock held. */
static int put(struct open_file *file, int lowest, bool close_on_exec)
{
    int fd = lowest;
    while (fd < table_size && table[fd].file != NULL)
        fd++;
    if (fd >= OPEN_MAX)
        return -EMFILE;
    if (fd >= table_size && grow(fd + FIRST_SIZE) != 0)
        return -ENOMEM;
    table[fd] = (struct descriptor){file, close_on_exec};
    return fd;
}

static int put_locked(struct open_file *file, int lowest, bool close_on_exec)
{
    libc_lock();
    int fd = put(file, lowest, close_on_exec);
    libc_unlock();
    return fd;
}

/* An open file without a descriptor. */
static struct open_file *make(uint32_t handle, const char *path)
{
    struct open_file *file = malloc(sizeof *file);
    if (file == NULL)
        return NULL;
    *file = (struct open_file){.handle = handle, .references = 1};
    if (path != NULL)
        file->path = strdup(path); /* without memory for it the *at functions refuse */
    return file;
}

int files_new(uint32_t handle, bool close_on_exec, const char *path)
{
    struct open_file *file = make(handle, path);
    if (file == NULL) {
        iris_handle_discard(handle);
        return -ENOMEM;
    }
    int fd = put_locked(file, 0, close_on_exec);
    if (fd < 0)
        files_drop(file);
    return fd;
}

static struct open_file *take_out(int fd)
{
    struct open_file *file = NULL;
    libc_lock();
    struct descriptor *descriptor = find(fd);
    if (descriptor != NULL) {
        file = descriptor->file;
        *descriptor = (struct descriptor){.file = NULL};
    }
    libc_unlock();
    return file;
}

void (*files_closing)(struct open_file *file);

/* The end of a descriptor's hold. */
static void close_file(struct open_file *file)
{
    void (*closing)(struct open_file *) = __atomic_load_n(&files_closing, __ATOMIC_ACQUIRE);
    if (closing != NULL)
        closing(file);
    files_drop(file);
}

int _close(int fd)
{
    struct open_file *file = take_out(fd);
    if (file == NULL)
        return libc_result(-EBADF);
    close_file(file);
    return 0;
}

/* ---- dup ---- */

static int duplicate(int fd, int lowest, bool close_on_exec)
{
    struct open_file *file = files_hold(fd); /* the hold becomes the new descriptor's */
    if (file == NULL)
        return -EBADF;
    int result =
        lowest < 0 || lowest >= OPEN_MAX ? -EINVAL : put_locked(file, lowest, close_on_exec);
    if (result < 0)
        files_drop(file);
    return result;
}

int dup(int fd) { return libc_result(duplicate(fd, 0, false)); }

/* Puts `file` at exactly that place; what was there is returned. */
static int replace(struct open_file *file, int to, bool close_on_exec, struct open_file **old)
{
    libc_lock();
    *old = NULL;
    if (to < table_size) {
        *old = table[to].file;
        table[to].file = NULL;
    }
    int result = put(file, to, close_on_exec);
    libc_unlock();
    return result;
}

static int duplicate_to(int from, int to, bool close_on_exec)
{
    struct open_file *old, *file = to >= 0 && to < OPEN_MAX ? files_hold(from) : NULL;
    if (file == NULL)
        return -EBADF;
    int result = replace(file, to, close_on_exec, &old);
    if (old != NULL)
        close_file(old);
    if (result < 0)
        files_drop(file);
    return result;
}

int dup2(int from, int to)
{
    if (from != to)
        return libc_result(duplicate_to(from, to, false));
    struct open_file *file = files_hold(from);
    if (file == NULL)
        return libc_result(-EBADF);
    files_drop(file);
    return to;
}

int dup3(int from, int to, int flags)
{
    if (from == to || (flags & ~O_CLOEXEC) != 0)
        return libc_result(-EINVAL);
    return libc_result(duplicate_to(from, to, flags & O_CLOEXEC));
}

/* ---- fcntl ---- */

/* FD_CLOEXEC as it is, or as `change` says unless that is negative. */
static int descriptor_flags(int fd, int change)
{
    int result = -EBADF;
    libc_lock();
    struct descriptor *descriptor = find(fd);
    if (descriptor != NULL && change >= 0)
        descriptor->close_on_exec = change & FD_CLOEXEC;
    if (descriptor != NULL)
        result = change < 0 && descriptor->close_on_exec ? FD_CLOEXEC : 0;
    libc_unlock();
    return result;
}

/* Access mode and status flags as fcntl.h has them. */
static int flags_convert(uint32_t flags)
{
    int access = (int)(flags & (FILE_OPEN_READ | FILE_OPEN_WRITE));
    int result = access == FILE_OPEN_READ    ? O_RDONLY
                 : access == FILE_OPEN_WRITE ? O_WRONLY
                 : access == 0               ? O_SEARCH
                                             : O_RDWR;
    return result | (flags & FILE_OPEN_APPEND ? O_APPEND : 0) |
           (flags & FILE_OPEN_NONBLOCK ? O_NONBLOCK : 0);
}

static int status_flags(int fd, bool change, int value)
{
    struct open_file *file = files_hold(fd);
    uint32_t wanted = (value & O_APPEND ? FILE_OPEN_APPEND : 0) |
                      (value & O_NONBLOCK ? FILE_OPEN_NONBLOCK : 0),
             flags = 0;
    if (file == NULL)
        return -EBADF;
    int error = file_flags(file->handle, change ? FILE_OPEN_APPEND | FILE_OPEN_NONBLOCK : 0, wanted,
                           &flags);
    files_drop(file);
    if (error != 0)
        return files_lacks(error, -EINVAL);
    return change ? 0 : flags_convert(flags);
}

static int lock_record(int fd, int command, struct flock *lock)
{
    struct open_file *file = files_hold(fd);
    if (file == NULL)
        return -EBADF;
    int error = record_lock(file, command, lock);
    files_drop(file);
    return error;
}

int _fcntl(int fd, int command, int argument)
{
    switch (command) {
    case F_DUPFD:
        return libc_result(duplicate(fd, argument, false));
    case F_DUPFD_CLOEXEC:
        return libc_result(duplicate(fd, argument, true));
    case F_GETFD:
        return libc_result(descriptor_flags(fd, -1));
    case F_SETFD:
        return libc_result(descriptor_flags(fd, argument & FD_CLOEXEC));
    case F_GETFL:
        return libc_result(status_flags(fd, false, 0));
    case F_SETFL:
        return libc_result(status_flags(fd, true, argument));
    case F_GETLK:
    case F_SETLK:
    case F_SETLKW:
        return libc_result(lock_record(fd, command, (struct flock *)argument));
    default:
        return libc_result(descriptor_flags(fd, -1) < 0 ? -EBADF : -EINVAL);
    }
}

/* ---- Starting programs, and being started ---- */

int files_limit(void)
{
    libc_lock();
    int limit = table_size;
    while (limit > 0 && table[limit - 1].file == NULL)
        limit--;
    libc_unlock();
    return limit;
}

bool files_close_on_exec(int fd) { return descriptor_flags(fd, -1) == FD_CLOEXEC; }

/* Before main, so that nobody else is at the table. */
void files_inherit(const struct iris_files *inherited)
{
    for (int fd = 0; fd < 3; fd++)
        table[fd].file = NULL;
    for (uint32_t i = 0; i < inherited->count; i++) {
        const struct iris_file_slot *from = &inherited->file[i];
        struct open_file *file =
            from->descriptor < 3 ? &standard[from->descriptor] : make(from->slot, NULL);
        if (file == NULL || put(file, (int)from->descriptor, false) < 0)
            abort();
    }
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
