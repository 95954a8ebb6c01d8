/* SPDX-License-Identifier: MIT */
/* Reading, writing, seeking. Where a file stands is known to its server. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sys/uio.h>
#include <unistd.h>

#include "console.h" /* generated from servers/console/console.idl */
#include "files.h"
#include "libc.h"
#include "newlib_hooks.h"
#include "slots.h"
#include "threads.h"

/* What a result can tell. */
static uint32_t count_possible(size_t count) { return count < SSIZE_MAX ? count : SSIZE_MAX; }

/* A method's error, or the count; the hold on the file ends. */
static ssize_t finish(struct open_file *file, int error, uint32_t count)
{
    files_drop(file);
    return libc_result(error != 0 ? files_lacks(error, -EINVAL) : (int)count);
}

/* Asked again when the read is made again: another group may have got the terminal meanwhile. */
static int read_once(struct open_file *file, void *buffer, size_t count, uint32_t *done)
{
    int error = files_kind(file) == FILE_KIND_TERMINAL ? terminal_await(file, SIGTTIN) : 0;
    if (error != 0)
        return error;
    thread_call_begin();
    return thread_call_end(file_read(file->handle, buffer, count_possible(count), done));
}

ssize_t _read(int fd, void *buffer, size_t count)
{
    struct open_file *file = files_hold(fd);
    uint32_t done = 0;
    if (file == NULL)
        return libc_result(-EBADF);
    int error;
    do
        error = read_once(file, buffer, count, &done);
    while (error == -EINTR && !thread_was_broken());
    return finish(file, error, done);
}

/* A terminal with TOSTOP takes only what comes from the group in front. */
static int write_in_front(struct open_file *file, const void *buffer, size_t count, uint32_t *done)
{
    int error;
    if (files_kind(file) != FILE_KIND_TERMINAL)
        return -EBUSY;
    do {
        error = terminal_await(file, SIGTTOU);
        if (error != 0)
            return error;
        thread_call_begin();
        error = thread_call_end(console_write(file->handle, buffer, count_possible(count), done));
    } while (error == -EINTR && !thread_was_broken());
    return error;
}

ssize_t _write(int fd, const void *buffer, size_t count)
{
    struct open_file *file = files_hold(fd);
    uint32_t done = 0;
    if (file == NULL)
        return libc_result(-EBADF);
    int error;
    THREAD_CALL(error, file_write(file->handle, buffer, count_possible(count), &done));
    if (error == -EBUSY)
        error = write_in_front(file, buffer, count, &done);
    if (error == -EPIPE)
        raise(SIGPIPE);
    return finish(file, files_lacks(error, -EBADF), done);
}

ssize_t pread(int fd, void *buffer, size_t count, off_t offset)
{
    struct open_file *file = offset < 0 ? NULL : files_hold(fd);
    uint32_t done = 0;
    if (file == NULL)
        return libc_result(offset < 0 ? -EINVAL : -EBADF);
    int error;
    THREAD_CALL(error,
                file_read_at(file->handle, (uint64_t)offset, buffer, count_possible(count), &done));
    return finish(file, files_lacks(error, -ESPIPE), done);
}

static int lacks_write_at(struct open_file *file)
{
    return files_kind(file) == FILE_KIND_REGULAR ? -EBADF : -ESPIPE;
}

ssize_t pwrite(int fd, const void *buffer, size_t count, off_t offset)
{
    struct open_file *file = offset < 0 ? NULL : files_hold(fd);
    uint32_t done = 0;
    if (file == NULL)
        return libc_result(offset < 0 ? -EINVAL : -EBADF);
    int error;
    THREAD_CALL(
        error, file_write_at(file->handle, (uint64_t)offset, buffer, count_possible(count), &done));
    if (error == -ENOSYS)
        error = lacks_write_at(file);
    return finish(file, error, done);
}

/* ---- Several buffers: one after the other, until one was not filled or taken wholly ---- */

static int vector_check(const struct iovec *vector, int count)
{
    size_t sum = 0;
    if (count <= 0 || count > IOV_MAX)
        return -EINVAL;
    for (int i = 0; i < count; i++)
        if ((sum += vector[i].iov_len) > SSIZE_MAX || vector[i].iov_len > SSIZE_MAX)
            return -EINVAL;
    return 0;
}

ssize_t readv(int fd, const struct iovec *vector, int count)
{
    ssize_t sum = 0, done;
    int error = vector_check(vector, count);
    if (error != 0)
        return libc_result(error);
    for (int i = 0; i < count; i++) {
        if ((done = _read(fd, vector[i].iov_base, vector[i].iov_len)) < 0)
            return sum > 0 ? sum : -1;
        sum += done;
        if ((size_t)done < vector[i].iov_len)
            break;
    }
    return sum;
}

ssize_t writev(int fd, const struct iovec *vector, int count)
{
    ssize_t sum = 0, done;
    int error = vector_check(vector, count);
    if (error != 0)
        return libc_result(error);
    for (int i = 0; i < count; i++) {
        if ((done = _write(fd, vector[i].iov_base, vector[i].iov_len)) < 0)
            return sum > 0 ? sum : -1;
        sum += done;
        if ((size_t)done < vector[i].iov_len)
            break;
    }
    return sum;
}

/* ---- Where it stands, how long it is ---- */

static int whence_convert(int whence)
{
    switch (whence) {
    case SEEK_SET:
        return FILE_SEEK_START;
    case SEEK_CUR:
        return FILE_SEEK_CURRENT;
    case SEEK_END:
        return FILE_SEEK_END;
    default:
        return -EINVAL;
    }
}

off_t _lseek(int fd, off_t offset, int whence)
{
    struct open_file *file = files_hold(fd);
    uint64_t position = 0;
    if (file == NULL)
        return libc_result(-EBADF);
    int how = whence_convert(whence);
    int error = how < 0 ? how : file_seek(file->handle, offset, (uint32_t)how, &position);
    return finish(file, files_lacks(error, -ESPIPE), (uint32_t)position);
}

int ftruncate(int fd, off_t length)
{
    struct open_file *file = files_hold(fd);
    if (file == NULL)
        return libc_result(-EBADF);
    int error = length < 0 ? -EINVAL : file_truncate(file->handle, (uint64_t)length);
    if (error == -EBADF)
        error = -EINVAL; /* not open for writing */
    return (int)finish(file, error, 0);
}

int truncate(const char *path, off_t length)
{
    uint32_t handle;
    if (length < 0)
        return libc_result(-EINVAL);
    int error = path_open(path, FILE_OPEN_WRITE, &handle);
    if (error != 0)
        return libc_result(error);
    error = file_truncate(handle, (uint64_t)length);
    iris_handle_discard(handle);
    return libc_result(files_lacks(error, -EINVAL));
}

int fsync(int fd)
{
    struct open_file *file = files_hold(fd);
    if (file == NULL)
        return libc_result(-EBADF);
    return (int)finish(file, file_sync(file->handle), 0);
}

int fdatasync(int fd) { return fsync(fd); }

/* A file server has done what it has answered: none keeps anything to be written later. */
void sync(void) {}

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
