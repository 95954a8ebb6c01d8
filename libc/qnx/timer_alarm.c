/* SPDX-License-Identifier: MIT */
/* TimerAlarm: setitimer's alarm, in nanoseconds. */
#include <sys/time.h>
#include <time.h>

#include "qnx.h"

/* Up to the next microsecond: an alarm does not come early. */
static struct timeval timeval_of(uint64_t ns)
{
    uint64_t us = ns / 1000 + (ns % 1000 != 0);
    return (struct timeval){.tv_sec = (time_t)(us / 1000000),
                            .tv_usec = (suseconds_t)(us % 1000000)};
}

static uint64_t ns_of_timeval(const struct timeval *time)
{
    return (uint64_t)time->tv_sec * 1000000000ull + (uint64_t)time->tv_usec * 1000u;
}

QNX_CALL(int, TimerAlarm, (clockid_t id, const struct _itimer *time, struct _itimer *old), id, time,
         old)
{
    struct itimerval before;
    int status;

    if (id != CLOCK_REALTIME && id != CLOCK_MONOTONIC)
        return -EINVAL;
    if (time != NULL) {
        const struct itimerval value = {.it_value = timeval_of(time->nsec),
                                        .it_interval = timeval_of(time->interval_nsec)};
        QNX_QUIETLY(status, setitimer(ITIMER_REAL, &value, &before));
    } else {
        QNX_QUIETLY(status, getitimer(ITIMER_REAL, &before));
    }
    if (status == 0 && old != NULL)
        *old =
            (struct _itimer){ns_of_timeval(&before.it_value), ns_of_timeval(&before.it_interval)};
    return status;
}
