/* SPDX-License-Identifier: MIT */
/* File status: asking for it and changing it. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <iris/layout.h>
#include <iris/vdso.h>

#include "files.h"
#include "libc.h"
#include "newlib_hooks.h"
#include "slots.h"

#define STAT_BLOCK 512 /* unit of st_blocks */
#define NS 1000000000ull

/* ---- Asking ---- */

static mode_t type_convert(uint32_t kind)
{
    switch (kind) {
    case FILE_KIND_DIRECTORY:
        return S_IFDIR;
    case FILE_KIND_TERMINAL:
    case FILE_KIND_DEVICE:
        return S_IFCHR;
    case FILE_KIND_PIPE:
        return S_IFIFO;
    default:
        return S_IFREG;
    }
}

static struct timespec time_convert(uint64_t time)
{
    return (struct timespec){.tv_sec = (time_t)(time / NS), .tv_nsec = (long)(time % NS)};
}

void status_convert(const struct file_status *from, struct stat *to)
{
    mode_t type = type_convert(from->kind);
    *to = (struct stat){
        .st_dev = (dev_t)from->device,
        .st_ino = (ino_t)from->node,
        .st_mode = type | (from->mode & 07777),
        .st_nlink = (nlink_t)from->links,
        .st_rdev = type == S_IFCHR ? (dev_t)(from->device << 8 | from->node) : 0,
        .st_size = (off_t)from->size,
        .st_atim = time_convert(from->accessed),
        .st_mtim = time_convert(from->modified),
        .st_ctim = time_convert(from->changed),
        .st_blksize = type == S_IFCHR ? 256 : IRIS_PAGE_SIZE,
        .st_blocks = (blkcnt_t)((from->size + STAT_BLOCK - 1) / STAT_BLOCK),
    };
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

/* Opens a file to ask about it or to change its status, which needs no permission. */
static int open_status(int fd, const char *path, uint32_t *handle)
{
    char resolved[FILES_PATH_MAX + 1];
    int error = path_resolve_at(fd, path, resolved);
    if (error != 0)
        return error;
    return place_open(resolved, path_wants_directory(path) ? FILE_OPEN_DIRECTORY : 0, 0, handle);
}

int fstatat(int fd, const char *path, struct stat *status, int flags)
{
    uint32_t handle;
    int error = flags & ~AT_SYMLINK_NOFOLLOW ? -EINVAL : open_status(fd, path, &handle);
    if (error != 0)
        return libc_result(error);
    error = handle_stat(handle, status);
    iris_handle_discard(handle);
    return libc_result(error);
}

int _stat(const char *path, struct stat *status) { return fstatat(AT_FDCWD, path, status, 0); }

int lstat(const char *path, struct stat *status) { return _stat(path, status); } /* no links */

/* There are no users: what the owner may do, everybody may. */
int faccessat(int fd, const char *path, int mode, int flags)
{
    struct stat status;
    if ((mode & ~(R_OK | W_OK | X_OK)) != 0 || (flags & ~AT_EACCESS) != 0)
        return libc_result(-EINVAL);
    if (fstatat(fd, path, &status, 0) != 0)
        return -1;
    mode_t allowed = status.st_mode >> 6;
    return libc_result((mode & ~(int)allowed) != 0 ? -EACCES : 0);
}

int access(const char *path, int mode) { return faccessat(AT_FDCWD, path, mode, 0); }

/* ---- Changing ---- */

/* What set_status takes. */
struct change {
    uint32_t which, mode;
    uint64_t accessed, modified;
};

static int handle_change(uint32_t handle, const struct change *change)
{
    int error = change->which == 0 ? 0
                                   : file_set_status(handle, change->which, change->mode,
                                                     change->accessed, change->modified);
    return files_lacks(error, -EPERM);
}

static int change_fd(int fd, const struct change *change)
{
    struct open_file *file = files_hold(fd);
    if (file == NULL)
        return -EBADF;
    int error = handle_change(file->handle, change);
    files_drop(file);
    return error;
}

static int change_path(int fd, const char *path, const struct change *change)
{
    uint32_t handle;
    int error = open_status(fd, path, &handle);
    if (error != 0)
        return error;
    error = handle_change(handle, change);
    iris_handle_discard(handle);
    return error;
}

static struct change mode_change(mode_t mode)
{
    return (struct change){.which = FILE_SET_MODE, .mode = mode & 07777};
}

int fchmod(int fd, mode_t mode)
{
    struct change change = mode_change(mode);
    return libc_result(change_fd(fd, &change));
}

int fchmodat(int fd, const char *path, mode_t mode, int flags)
{
    struct change change = mode_change(mode);
    if (flags & ~AT_SYMLINK_NOFOLLOW)
        return libc_result(-EINVAL);
    return libc_result(change_path(fd, path, &change));
}

int chmod(const char *path, mode_t mode) { return fchmodat(AT_FDCWD, path, mode, 0); }

/* One of the two times of utimensat; false: it makes no sense. */
static bool take_time(const struct timespec *time, uint64_t now, uint64_t *value, uint32_t flag,
                      uint32_t *which)
{
    if (time != NULL && time->tv_nsec == UTIME_OMIT)
        return true;
    *which |= flag;
    *value = now;
    if (time == NULL || time->tv_nsec == UTIME_NOW)
        return true;
    if (time->tv_nsec < 0 || time->tv_nsec >= (long)NS || time->tv_sec < 0)
        return false;
    *value = (uint64_t)time->tv_sec * NS + (uint64_t)time->tv_nsec;
    return true;
}

static int times_change(const struct timespec *times, struct change *change)
{
    uint64_t now = iris_clock_realtime();
    *change = (struct change){.which = 0};
    bool good = take_time(times != NULL ? &times[0] : NULL, now, &change->accessed,
                          FILE_SET_ACCESSED, &change->which) &&
                take_time(times != NULL ? &times[1] : NULL, now, &change->modified,
                          FILE_SET_MODIFIED, &change->which);
    return good ? 0 : -EINVAL;
}

int futimens(int fd, const struct timespec *times)
{
    struct change change;
    int error = times_change(times, &change);
    return libc_result(error != 0 ? error : change_fd(fd, &change));
}

int utimensat(int fd, const char *path, const struct timespec *times, int flags)
{
    struct change change;
    int error = flags & ~AT_SYMLINK_NOFOLLOW ? -EINVAL : times_change(times, &change);
    return libc_result(error != 0 ? error : change_path(fd, path, &change));
}

/* ---- The mask of new files' permissions ---- */

mode_t umask(mode_t new_mask)
{
    return __atomic_exchange_n(&start_info.umask, new_mask & 0777, __ATOMIC_RELAXED);
}

uint32_t mode_created(uint32_t mode)
{
    return mode & 07777 & ~__atomic_load_n(&start_info.umask, __ATOMIC_RELAXED);
}
