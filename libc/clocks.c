/* SPDX-License-Identifier: MIT */
/*
 * Clocks: two come from the vDSO without kernel entry; those of processor time, the program's and
 * each thread's, from the kernel's count.
 */
#include "clocks.h"

#include <errno.h>
#include <stdbool.h>
#include <unistd.h>

#include <iris/calls.h>
#include <iris/ipc.h>
#include <iris/object.h>
#include <iris/vdso.h>

#include "libc.h"

/* A thread's clock: this, and the kernel's id of it. */
#define THREAD_CLOCK 0x40000000u

int processor_time(uint32_t thread, uint64_t *ns)
{
    struct iris_thread_info info[8];
    uint32_t cursor = 0;
    bool found = thread == 0;
    int count;

    *ns = 0;
    while ((count = iris_space_inspect(IRIS_SLOT_SPACE, IRIS_INSPECT_THREADS, cursor, info, 8)) >
           0) {
        for (int i = 0; i < count; i++)
            if (thread == 0 || info[i].id == thread) {
                *ns += info[i].time;
                found = true;
            }
        cursor = info[count - 1].utcb_slot + 1;
    }
    return count < 0 ? -count : found ? 0 : EINVAL;
}

clockid_t thread_clock(uint32_t thread) { return (clockid_t)(THREAD_CLOCK | thread); }

static int read_clock(clockid_t clock, uint64_t *ns)
{
    switch (clock) {
    case CLOCK_REALTIME:
        *ns = iris_clock_realtime();
        return 0;
    case CLOCK_MONOTONIC:
        *ns = iris_clock_monotonic();
        return 0;
    case CLOCK_PROCESS_CPUTIME_ID:
        return processor_time(0, ns);
    case CLOCK_THREAD_CPUTIME_ID:
        return processor_time(iris_thread_id(), ns);
    default:
        return clock & THREAD_CLOCK ? processor_time(clock & ~THREAD_CLOCK, ns) : EINVAL;
    }
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
    uint64_t ns;
    int error = read_clock(clock, &ns);

    if (error == 0)
        *time = timespec_of(ns);
    return libc_result(-error);
}

int clock_getres(clockid_t clock, struct timespec *resolution)
{
    uint64_t ns;
    int error = read_clock(clock, &ns);

    if (error == 0 && resolution != NULL)
        *resolution = (struct timespec){.tv_nsec = 1};
    return libc_result(-error);
}

/* The clock is set by the kernel at boot; nobody may change it. */
int clock_settime(clockid_t clock, const struct timespec *time)
{
    uint64_t ns;

    if (clock != CLOCK_REALTIME || ns_of(time, &ns) != 0)
        return libc_result(-EINVAL);
    return libc_result(-EPERM);
}

/* Returns its error. Only the program's own time is told. */
int clock_getcpuclockid(pid_t pid, clockid_t *clock)
{
    if (pid != 0 && pid != getpid())
        return kill(pid, 0) == 0 ? EPERM : ESRCH;
    *clock = CLOCK_PROCESS_CPUTIME_ID;
    return 0;
}
