/* SPDX-License-Identifier: MIT */
/* Timers: POSIX's, under numbers and with times in nanoseconds. */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "../clocks.h"
#include "../threads.h"
#include "qnx.h"

struct qnx_timer {
    timer_t name;
    clockid_t clock;
    int tid;
    struct sigevent event;
};

static struct table timers;

static int enter(struct qnx_timer *timer)
{
    qnx_lock();
    int id = qnx_table_add(&timers, timer, 1);
    qnx_unlock();
    return id < 0 ? -EAGAIN : id;
}

/* A copy, so that nothing of it ends meanwhile. */
static int find(int id, struct qnx_timer *found)
{
    qnx_lock();
    const struct qnx_timer *timer = qnx_table_find(&timers, id);
    if (timer != NULL)
        *found = *timer;
    qnx_unlock();
    return timer != NULL ? 0 : -EINVAL;
}

/* Without an event it is SIGALRM, as POSIX has it. */
QNX_CALL(int, TimerCreate, (clockid_t clock, const struct sigevent *event), clock, event)
{
    static const struct sigevent alarm_signal = {.sigev_notify = SIGEV_SIGNAL,
                                                 .sigev_signo = SIGALRM};
    struct qnx_timer *timer = malloc(sizeof *timer);
    int status;

    if (timer == NULL)
        return -EAGAIN;
    *timer = (struct qnx_timer){
        .clock = clock, .tid = thread_number(), .event = event != NULL ? *event : alarm_signal};
    QNX_QUIETLY(status, timer_create(clock, &timer->event, &timer->name));
    if (status == 0) {
        status = enter(timer);
        if (status < 0)
            timer_delete(timer->name);
    }
    if (status < 0)
        free(timer);
    return status;
}

QNX_CALL(int, TimerDestroy, (int id), id)
{
    qnx_lock();
    struct qnx_timer *timer = qnx_table_find(&timers, id);
    if (timer != NULL)
        qnx_table_remove(&timers, id);
    qnx_unlock();
    if (timer == NULL)
        return -EINVAL;
    timer_delete(timer->name);
    free(timer);
    return 0;
}

static struct _itimer itimer_of(const struct itimerspec *value)
{
    struct _itimer itimer = {0, 0};

    ns_of(&value->it_value, &itimer.nsec);
    ns_of(&value->it_interval, &itimer.interval_nsec);
    return itimer;
}

QNX_CALL(int, TimerSettime, (int id, int flags, const struct _itimer *time, struct _itimer *old),
         id, flags, time, old)
{
    struct itimerspec before;
    struct qnx_timer timer;
    int status = flags & ~TIMER_ABSTIME ? -EINVAL : find(id, &timer);

    if (status < 0)
        return status;
    const struct itimerspec value = {.it_value = timespec_of(time->nsec),
                                     .it_interval = timespec_of(time->interval_nsec)};
    QNX_QUIETLY(status, timer_settime(timer.name, flags, &value, &before));
    if (status == 0 && old != NULL)
        *old = itimer_of(&before);
    return status;
}

QNX_CALL(int, TimerInfo, (pid_t pid, int id, int flags, struct _timer_info *info), pid, id, flags,
         info)
{
    struct itimerspec value;
    struct qnx_timer timer;
    int overruns = 0, status = pid != 0 && pid != getpid() ? -ENOTSUP : find(id, &timer);

    (void)flags;
    if (status == 0)
        QNX_QUIETLY(status, timer_gettime(timer.name, &value));
    if (status == 0)
        QNX_QUIETLY(overruns, timer_getoverrun(timer.name));
    if (status < 0)
        return status;
    *info = (struct _timer_info){
        .itime = itimer_of(&value),
        .otime = itimer_of(&value),
        .tid = timer.tid,
        .notify = timer.event.sigev_notify,
        .clockid = timer.clock,
        .overruns = overruns > 0 ? (uint32_t)overruns : 0,
        .event = timer.event,
    };
    return id;
}
