/* SPDX-License-Identifier: MIT */
/*
 * The gaps of docs/posix.md: makes each call that its table names with an error, and tells the
 * error that it gave. tests/posix/test_posix.py compares.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "test.h"

#define PATH "/tmp/gaps"
#define BOOT_FILE "/bin/t_gaps"

/* Each returns what its function does: 0, -1 with errno, or an error number. */

static int gap_symlink(void) { return symlink(PATH, PATH "-link"); }

static int gap_readlink(void)
{
    char target[10];
    return (int)readlink(PATH, target, sizeof target);
}

static int gap_chown(void) { return chown(PATH, 12, 12); }

static int gap_open(void) { return open(BOOT_FILE, O_RDWR); }

static int gap_fcntl(void)
{
    struct flock wanted = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
    int ends[2];
    return pipe(ends) == 0 ? fcntl(ends[0], F_SETLK, &wanted) : 0;
}

static int gap_lockf(void) { return lockf(open("/dev/null", O_RDWR), F_TLOCK, 0); }

static int gap_flock(void) { return flock(open("/dev/null", O_RDWR), LOCK_SH); }

static int gap_fork(void) { return fork(); }

static int gap_getrusage(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_CHILDREN, &usage);
}

static int gap_ioctl(void)
{
    struct winsize size;
    return ioctl(open("/dev/null", O_RDWR), TIOCGWINSZ, &size);
}

static int gap_timer_create(void)
{
    timer_t timer;
    return timer_create(CLOCK_PROCESS_CPUTIME_ID, NULL, &timer);
}

/* The first page stays mapped while the file grows by another. */
static int gap_mmap(void)
{
    int fd = open(PATH, O_RDWR);
    if (ftruncate(fd, 4096) != 0 ||
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED ||
        ftruncate(fd, 8192) != 0)
        return 0;
    return mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED ? -1 : 0;
}

static int gap_setuid(void) { return setuid(12); }

static int gap_setgid(void) { return setgid(12); }

static int gap_sethostname(void) { return sethostname("other", 5); }

#define GAP(name)                                                                                  \
    {                                                                                              \
#name, gap_##name                                                                          \
    }

static const struct gap {
    const char *name;
    int (*call)(void);
} gaps[] = {GAP(symlink),      GAP(readlink), GAP(chown),  GAP(open),      GAP(fcntl),
            GAP(lockf),        GAP(flock),    GAP(fork),   GAP(getrusage), GAP(ioctl),
            GAP(timer_create), GAP(mmap),     GAP(setuid), GAP(setgid),    GAP(sethostname)};

static const struct {
    int number;
    const char *name;
} errors[] = {{EBUSY, "EBUSY"},   {EINVAL, "EINVAL"}, {ENOENT, "ENOENT"},   {ENOSYS, "ENOSYS"},
              {ENOTTY, "ENOTTY"}, {EPERM, "EPERM"},   {ENOTSUP, "ENOTSUP"}, {EROFS, "EROFS"}};

static const char *error_name(int number)
{
    for (unsigned i = 0; i < sizeof errors / sizeof *errors; i++)
        if (errors[i].number == number)
            return errors[i].name;
    return "unknown";
}

int main(void)
{
    close(open(PATH, O_RDWR | O_CREAT, 0700));
    test_begin("gaps");
    for (unsigned i = 0; i < sizeof gaps / sizeof *gaps; i++) {
        errno = 0;
        int result = gaps[i].call(), error = result < 0 ? errno : result;
        TEST_CHECK(error > 0, "%s %s", gaps[i].name, error_name(error));
    }
    unlink(PATH);
    return test_end();
}
