/* SPDX-License-Identifier: MIT */
/* Clocks, and giving the processor away. */
#include <time.h>
#include <unistd.h>

#include <iris/calls.h>
#include <iris/vdso.h>

#include "qnx.h"

int ClockTime_r(clockid_t clock, const uint64_t *set, uint64_t *old)
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
int ClockPeriod_r(clockid_t clock, const struct _clockperiod *set, struct _clockperiod *old,
                  int reserved)
{
    if (clock != CLOCK_REALTIME || reserved != 0)
        return -EINVAL;
    if (set != NULL)
        return -EPERM;
    if (old != NULL)
        *old = (struct _clockperiod){.nsec = 1};
    return 0;
}

int ClockAdjust_r(clockid_t clock, const struct _clockadjust *set, struct _clockadjust *old)
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

int SchedYield_r(void)
{
    int status = iris_thread_switch(0);
    return status == -EAGAIN ? 0 : status;
}

/* No program may use I/O ports that its starter has not given it (docs/qnx.md). */
int ThreadCtl_r(int command, void *data)
{
    (void)data;
    return command == _NTO_TCTL_IO || command == _NTO_TCTL_IO_PRIV ? -EPERM : -ENOTSUP;
}

int SignalKill_r(uint32_t nd, pid_t pid, int tid, int signal, int code, int value)
{
    (void)value;
    if (nd != ND_LOCAL_NODE)
        return -EINVAL;
    if (tid != 0 || code != SI_USER)
        return -ENOTSUP;
    return kill(pid, signal) < 0 ? -errno : 0;
}
