/* SPDX-License-Identifier: MIT */
/* What sysconf and pathconf tell: <limits.h>, and options of POSIX by its own <unistd.h>. */
#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <iris/layout.h>
#include <iris/vdso.h>

#include "libc.h"

#define NO_LIMIT (-1) /* and errno stays */

struct limit {
    int name;
    long value;
};

static const struct limit limits[] = {
    {_SC_ARG_MAX, ARG_MAX},
    {_SC_CHILD_MAX, CHILD_MAX},
    {_SC_CLK_TCK, CLOCKS_PER_SEC},
    {_SC_NGROUPS_MAX, 0},
    {_SC_OPEN_MAX, OPEN_MAX},
    {_SC_JOB_CONTROL, 1},
    {_SC_SAVED_IDS, NO_LIMIT},
    {_SC_VERSION, 200809},
    {_SC_PAGESIZE, IRIS_PAGE_SIZE},
    {_SC_MQ_PRIO_MAX, 32768},
    {_SC_SEM_VALUE_MAX, INT_MAX},
    {_SC_MAPPED_FILES, 200809},
    {_SC_MEMORY_PROTECTION, 200809},
    {_SC_MESSAGE_PASSING, 200809},
    {_SC_SEMAPHORES, 200809},
    {_SC_SYNCHRONIZED_IO, 200809},
    {_SC_TIMERS, 200809},
    {_SC_TIMER_MAX, NO_LIMIT},
    {_SC_THREADS, 200809},
    {_SC_THREAD_KEYS_MAX, 128},
    {_SC_THREAD_ATTR_STACKSIZE, 200809},
    {_SC_THREAD_PRIO_INHERIT, 200809},
    {_SC_BARRIERS, 200809},
    {_SC_READER_WRITER_LOCKS, 200809},
    {_SC_SPIN_LOCKS, 200809},
    {_SC_SPAWN, 200809},
    {_SC_REGEXP, 1},
    {_SC_HOST_NAME_MAX, 15},
    {_SC_IOV_MAX, IOV_MAX},
    {_SC_LINE_MAX, LINE_MAX},
    {_SC_MONOTONIC_CLOCK, 200809},
    {_SC_TTY_NAME_MAX, NAME_MAX},
    {_SC_SYMLOOP_MAX, NO_LIMIT},
    {_SC_AIO_MAX, NO_LIMIT},
    {_SC_ASYNCHRONOUS_IO, NO_LIMIT},
};

static const struct limit path_limits[] = {
    {_PC_LINK_MAX, LINK_MAX},  {_PC_MAX_CANON, MAX_CANON}, {_PC_MAX_INPUT, MAX_INPUT},
    {_PC_NAME_MAX, NAME_MAX},  {_PC_PATH_MAX, PATH_MAX},   {_PC_PIPE_BUF, PIPE_BUF},
    {_PC_NO_TRUNC, 1},         {_PC_VDISABLE, 0},          {_PC_FILESIZEBITS, 32},
    {_PC_CHOWN_RESTRICTED, 1}, {_PC_2_SYMLINKS, NO_LIMIT}, {_PC_ASYNC_IO, NO_LIMIT},
    {_PC_PRIO_IO, NO_LIMIT},   {_PC_SYNC_IO, 1},
};

static long find(const struct limit *list, size_t count, int name)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].name == name)
            return list[i].value;
    return libc_result(-EINVAL);
}

long sysconf(int name)
{
    if (name == _SC_NPROCESSORS_CONF || name == _SC_NPROCESSORS_ONLN)
        return (long)iris_processors();
    return find(limits, sizeof limits / sizeof *limits, name);
}

long fpathconf(int fd, int name)
{
    struct stat status;
    return fstat(fd, &status) != 0
               ? -1
               : find(path_limits, sizeof path_limits / sizeof *path_limits, name);
}

long pathconf(const char *path, int name)
{
    struct stat status;
    return stat(path, &status) != 0
               ? -1
               : find(path_limits, sizeof path_limits / sizeof *path_limits, name);
}

int getpagesize(void) { return IRIS_PAGE_SIZE; }

int getdtablesize(void) { return OPEN_MAX; }
