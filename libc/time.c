/* SPDX-License-Identifier: MIT */
/* Times of day, and sleeping: on a word that nobody wakes. */
#include <errno.h>
#include <stdint.h>
#include <sys/neutrino.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include <iris/ipc.h>
#include <iris/vdso.h>

#include "clocks.h"
#include "libc.h"
#include "newlib_hooks.h"
#include "threads.h"

struct timespec timespec_of(uint64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / NS_PER_SECOND),
                             .tv_nsec = (long)(ns % NS_PER_SECOND)};
}

int ns_of(const struct timespec *time, uint64_t *ns)
{
    if (time->tv_nsec < 0 || time->tv_nsec >= (long)NS_PER_SECOND || time->tv_sec < 0)
        return EINVAL;
    if ((uint64_t)time->tv_sec >= UINT64_MAX / NS_PER_SECOND)
        *ns = IRIS_DEADLINE_NONE;
    else
        *ns = (uint64_t)time->tv_sec * NS_PER_SECOND + (uint64_t)time->tv_nsec;
    return 0;
}

int deadline_of(clockid_t clock, const struct timespec *time, uint64_t *deadline)
{
    if (time->tv_nsec < 0 || time->tv_nsec >= (long)NS_PER_SECOND ||
        (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC))
        return EINVAL;
    if (ns_of(time, deadline) != 0)
        *deadline = IRIS_DEADLINE_POLL; /* before the epoch */
    if (clock == CLOCK_MONOTONIC || *deadline == IRIS_DEADLINE_NONE)
        return 0;
    uint64_t boot = iris_clock_realtime() - iris_clock_monotonic();
    *deadline = *deadline > boot ? *deadline - boot : IRIS_DEADLINE_POLL;
    return 0;
}

int _gettimeofday(struct timeval *time, void *zone)
{
    (void)zone;
    uint64_t ns = iris_clock_realtime();
    time->tv_sec = (time_t)(ns / NS_PER_SECOND);
    time->tv_usec = (suseconds_t)(ns % NS_PER_SECOND / 1000);
    return 0;
}

/* Sleeps until the monotonic clock shows `deadline`. 0 or an error number. */
static int sleep_until(uint64_t deadline)
{
    static const uint32_t never;
    int error;

    do {
        error = thread_sleep(&never, 0, deadline);
        if (error == -EINTR)
            thread_cancel_point();
    } while (error == 0);
    return error == -ETIMEDOUT ? 0 : -error;
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *time,
                    struct timespec *remaining)
{
    uint64_t deadline;
    uint64_t now = iris_clock_monotonic();
    int error = deadline_of(clock, time, &deadline);
    if (error == 0 && !(flags & TIMER_ABSTIME) && (error = ns_of(time, &deadline)) == 0)
        deadline = deadline > IRIS_DEADLINE_NONE - now ? IRIS_DEADLINE_NONE : now + deadline;
    if (error != 0)
        return error; /* this function returns its error */
    uint64_t limit = thread_deadline(_NTO_TIMEOUT_NANOSLEEP);
    error = sleep_until(limit < deadline ? limit : deadline);
    if (error == 0 && limit < deadline)
        error = ETIMEDOUT;
    if (error != 0 && remaining != NULL && !(flags & TIMER_ABSTIME)) {
        now = iris_clock_monotonic();
        *remaining = timespec_of(deadline > now ? deadline - now : 0);
    }
    return error;
}

int nanosleep(const struct timespec *time, struct timespec *remaining)
{
    return libc_result(-clock_nanosleep(CLOCK_MONOTONIC, 0, time, remaining));
}

unsigned sleep(unsigned seconds)
{
    struct timespec time = {.tv_sec = (time_t)seconds}, remaining;
    if (clock_nanosleep(CLOCK_MONOTONIC, 0, &time, &remaining) == 0)
        return 0;
    return (unsigned)remaining.tv_sec + (remaining.tv_nsec > 0);
}

int usleep(useconds_t microseconds)
{
    struct timespec time = {.tv_sec = (time_t)(microseconds / 1000000),
                            .tv_nsec = (long)(microseconds % 1000000) * 1000};
    return nanosleep(&time, NULL);
}

clock_t _times(struct tms *times)
{
    const uint64_t tick = NS_PER_SECOND / CLOCKS_PER_SEC;
    uint64_t used;
    int error = processor_time(0, &used);

    if (error != 0)
        return (clock_t)libc_result(-error);
    *times = (struct tms){.tms_utime = (clock_t)(used / tick)};
    return (clock_t)(iris_clock_monotonic() / tick);
}

/*
 * All time is the program's own: the kernel does not count apart what it does for a thread. What
 * children used is not collected.
 */
int getrusage(int who, struct rusage *usage)
{
    uint64_t used;
    int error = who == RUSAGE_SELF ? processor_time(0, &used) : EINVAL;

    if (error == 0)
        *usage = (struct rusage){.ru_utime = {.tv_sec = (time_t)(used / NS_PER_SECOND),
                                              .tv_usec = (long)(used % NS_PER_SECOND / 1000)}};
    return libc_result(-error);
}
