/* SPDX-License-Identifier: MIT */
/*
 * Locks on files: fcntl's records, lockf, and flock. The file's server keeps them; a process shows
 * it who it is by a handle that the server has given it (file.locker), one for each server, which
 * no child inherits and which goes with the process. That closing any descriptor of a file unlocks
 * it is done here, as only the library knows of descriptors.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include <iris/object.h>
#include <iris/sync.h>

#include "files.h"
#include "libc.h"
#include "process.h" /* generated from servers/proc/process.idl */
#include "slots.h"
#include "threads.h"

/* What this process has at a server where it has locked; for ever. */
struct locker {
    struct locker *next;
    uint32_t device, handle;
};

static struct locker *lockers;
static struct iris_mutex lock;

/* 0: none. */
static uint32_t find_locker(const struct open_file *file)
{
    iris_mutex_lock(&lock);
    const struct locker *locker = lockers;
    while (locker != NULL && locker->device != file->device)
        locker = locker->next;
    iris_mutex_unlock(&lock);
    return locker != NULL ? locker->handle : 0;
}

/* A descriptor of the file is closed: nothing of it stays locked (XSH fcntl). */
static void unlock_closed(struct open_file *file)
{
    uint32_t locker = files_kind(file) == FILE_KIND_REGULAR ? find_locker(file) : 0;
    if (locker != 0)
        file_lock(file->handle, FILE_LOCK_KIND_UNLOCKED, false, 0, FILE_MAX_SIZE, locker);
}

static int make_locker(const struct open_file *file)
{
    struct locker *locker = malloc(sizeof *locker);
    if (locker == NULL)
        return -ENOLCK;
    int error = file_locker(file->handle, IRIS_SLOT_SPACE, &locker->handle);
    if (error != 0) {
        free(locker);
        return files_lacks(error, -EINVAL);
    }
    locker->device = file->device;
    locker->next = lockers;
    lockers = locker;
    __atomic_store_n(&files_closing, unlock_closed, __ATOMIC_RELEASE);
    return 0;
}

/* One thread at a time: a second locker would end the first. */
static int take_locker(struct open_file *file, uint32_t *handle)
{
    static struct iris_mutex making;
    int error = 0;
    if (files_kind(file) != FILE_KIND_REGULAR)
        return -EINVAL;
    iris_mutex_lock(&making);
    if (find_locker(file) == 0)
        error = make_locker(file);
    iris_mutex_unlock(&making);
    *handle = find_locker(file);
    return error;
}

/* ---- Ranges ---- */

/* Where l_start and l_len are counted from. */
static int find_base(const struct open_file *file, int whence, int64_t *base)
{
    struct file_status status;
    uint64_t position = 0;
    int error = 0;
    *base = 0;
    if (whence == SEEK_CUR) {
        error = file_seek(file->handle, 0, FILE_SEEK_CURRENT, &position);
        *base = (int64_t)position;
    } else if (whence == SEEK_END) {
        error = file_status(file->handle, &status);
        *base = error == 0 ? (int64_t)status.size : 0;
    } else if (whence != SEEK_SET) {
        error = -EINVAL;
    }
    return files_lacks(error, -EINVAL);
}

/* A length below 0 means the bytes before l_start, 0 all behind it. */
static int find_range(const struct open_file *file, const struct flock *wanted, uint32_t *start,
                      uint32_t *last)
{
    int64_t first;
    int error = find_base(file, wanted->l_whence, &first);
    if (error != 0)
        return error;
    first += wanted->l_start;
    int64_t end = wanted->l_len != 0 ? first + wanted->l_len : (int64_t)FILE_MAX_SIZE + 1;
    if (wanted->l_len < 0) {
        int64_t swap = first;
        first = end;
        end = swap;
    }
    if (first < 0)
        return -EINVAL;
    if (first > FILE_MAX_SIZE || end - 1 > FILE_MAX_SIZE)
        return -EOVERFLOW;
    *start = (uint32_t)first;
    *last = (uint32_t)(end - 1);
    return 0;
}

static int find_kind(short type)
{
    return type == F_RDLCK   ? FILE_LOCK_KIND_SHARED
           : type == F_WRLCK ? FILE_LOCK_KIND_EXCLUSIVE
           : type == F_UNLCK ? FILE_LOCK_KIND_UNLOCKED
                             : -EINVAL;
}

/* ---- fcntl ---- */

/* -1: it has just ended. */
static pid_t process_of(uint32_t space)
{
    struct process_info info;
    char name[32 + 1];
    for (uint32_t pid = 0; process_entry(IRIS_SLOT_PROCESS, pid, &info, name) == 0;
         pid = info.pid + 1)
        if (info.space == space && info.state != PROCESS_STATE_ZOMBIE)
            return (pid_t)info.pid;
    return -1;
}

static int test(struct open_file *file, enum file_lock_kind kind, uint32_t start, uint32_t last,
                struct flock *found)
{
    struct file_lock first;
    uint32_t locker = files_kind(file) != 0 ? find_locker(file) : 0;
    int error = file_lock_test(file->handle, kind, start, last, &first, locker);
    if (error != 0)
        return files_lacks(error, -EINVAL);
    if (first.kind == FILE_LOCK_KIND_UNLOCKED) {
        found->l_type = F_UNLCK;
        return 0;
    }
    *found = (struct flock){.l_type = first.kind == FILE_LOCK_KIND_SHARED ? F_RDLCK : F_WRLCK,
                            .l_whence = SEEK_SET,
                            .l_start = (off_t)first.start,
                            .l_pid = process_of(first.space)};
    if (first.last < FILE_MAX_SIZE)
        found->l_len = (off_t)(first.last - first.start + 1);
    return 0;
}

int record_lock(struct open_file *file, int command, struct flock *wanted)
{
    uint32_t start, last, locker;
    int kind = find_kind(wanted->l_type);
    int error = kind < 0 ? kind : find_range(file, wanted, &start, &last);
    if (error != 0)
        return error;
    if (command == F_GETLK)
        return test(file, (enum file_lock_kind)kind, start, last, wanted);
    error = take_locker(file, &locker);
    if (error != 0)
        return error;
    bool wait = command == F_SETLKW;
    THREAD_CALL(error,
                file_lock(file->handle, (enum file_lock_kind)kind, wait, start, last, locker));
    return error;
}

/* ---- lockf ---- */

/* F_TEST asks only; with a lock of its own or none it is 0. */
static int test_range(int fd, struct flock *wanted)
{
    int result = fcntl(fd, F_GETLK, wanted);
    return result != 0 || wanted->l_type == F_UNLCK ? result : libc_result(-EACCES);
}

int lockf(int fd, int function, off_t length)
{
    struct flock wanted = {.l_type = F_WRLCK, .l_whence = SEEK_CUR, .l_len = length};
    switch (function) {
    case F_TEST:
        return test_range(fd, &wanted);
    case F_ULOCK:
        wanted.l_type = F_UNLCK;
        return fcntl(fd, F_SETLK, &wanted);
    case F_LOCK:
        return fcntl(fd, F_SETLKW, &wanted);
    case F_TLOCK:
        return fcntl(fd, F_SETLK, &wanted);
    default:
        return libc_result(-EINVAL);
    }
}

/* ---- flock ---- */

int flock(int fd, int operation)
{
    int which = operation & ~LOCK_NB, error;
    enum file_lock_kind kind = which == LOCK_SH   ? FILE_LOCK_KIND_SHARED
                               : which == LOCK_EX ? FILE_LOCK_KIND_EXCLUSIVE
                                                  : FILE_LOCK_KIND_UNLOCKED;
    if (kind == FILE_LOCK_KIND_UNLOCKED && which != LOCK_UN)
        return libc_result(-EINVAL);
    struct open_file *file = files_hold(fd);
    if (file == NULL)
        return libc_result(-EBADF);
    THREAD_CALL(error, file_lock_whole(file->handle, kind, !(operation & LOCK_NB)));
    files_drop(file);
    return libc_result(files_lacks(error, -EINVAL));
}
