/* SPDX-License-Identifier: MIT */
/* Clocks. */
#include <time.h>
#include <unistd.h>

#include <iris/calls.h>
#include <iris/vdso.h>

#include "qnx.h"

QNX_CALL(int, ClockTime, (clockid_t clock, const uint64_t *set, uint64_t *old), clock, set, old)
{
    if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
        return -EINVAL;
    if (set != NULL)
        return clock == CLOCK_REALTIME ? -EPERM : -EINVAL; /* as clock_settime */
    if (old != NULL)
        *old = clock == CLOCK_REALTIME ? iris_clock_realtime() : iris_clock_monotonic();
    return 0;
}

/* There is no tick: the timer is set for each deadline. */
QNX_CALL(int, ClockPeriod,
         (clockid_t clock, const struct _clockperiod *set, struct _clockperiod *old, int reserved),
         clock, set, old, reserved)
{
    if (clock != CLOCK_REALTIME || reserved != 0)
        return -EINVAL;
    if (set != NULL)
        return -EPERM;
    if (old != NULL)
        *old = (struct _clockperiod){.nsec = 1};
    return 0;
}

QNX_CALL(int, ClockAdjust,
         (clockid_t clock, const struct _clockadjust *set, struct _clockadjust *old), clock, set,
         old)
{
    (void)clock;
    (void)set;
    (void)old;
    return -ENOTSUP;
}

uint64_t ClockCycles(void)
{
    uint32_t low, high;

    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}
