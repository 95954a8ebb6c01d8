/* SPDX-License-Identifier: MIT */
/* Timers: deadlines of the library's service thread, which delivers their events. */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <iris/vdso.h>

#include "../service.h"
#include "qnx.h"

struct qnx_timer {
    struct service_deadline deadline; /* first: `passed` gets it */
    int id;
    clockid_t clock;
    uint64_t interval;
    int overruns;
    struct sigevent event;
};

static struct table timers;

/* Missed periods are counted, not made up for. */
static void passed(struct service_deadline *deadline)
{
    struct qnx_timer *timer = (struct qnx_timer *)deadline;

    qnx_event_deliver_here(&timer->event);
    if (timer->interval == 0)
        return;
    uint64_t next = deadline->at + timer->interval, now = iris_clock_monotonic();
    timer->overruns = 0;
    if (next <= now) {
        uint64_t missed = (now - next) / timer->interval + 1;
        timer->overruns = missed < INT32_MAX ? (int)missed : INT32_MAX;
        next += missed * timer->interval;
    }
    service_arm(deadline, next);
}

static struct qnx_timer *find(int id)
{
    qnx_lock();
    struct qnx_timer *timer = qnx_table_find(&timers, id);
    qnx_unlock();
    return timer;
}

/* Without an event it is SIGALRM, as POSIX has it. */
int TimerCreate_r(clockid_t clock, const struct sigevent *event)
{
    static const struct sigevent alarm_signal = {.sigev_notify = SIGEV_SIGNAL,
                                                 .sigev_signo = SIGALRM};

    if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
        return -EINVAL;
    if (event == NULL)
        event = &alarm_signal;
    int status = MsgVerifyEvent_r(0, event);
    if (status < 0)
        return status;
    struct qnx_timer *timer = calloc(1, sizeof *timer);
    if (timer == NULL)
        return -EAGAIN;
    timer->deadline.passed = passed;
    timer->clock = clock;
    timer->event = *event;
    qnx_lock();
    timer->id = qnx_table_add(&timers, timer, 1);
    qnx_unlock();
    int id = timer->id;
    if (id < 0)
        free(timer);
    return id < 0 ? -EAGAIN : id;
}

int TimerDestroy_r(int id)
{
    qnx_lock();
    struct qnx_timer *timer = qnx_table_find(&timers, id);
    if (timer != NULL)
        qnx_table_remove(&timers, id);
    qnx_unlock();
    if (timer == NULL)
        return -EINVAL;
    service_disarm(&timer->deadline);
    free(timer);
    return 0;
}

static uint64_t time_left(const struct qnx_timer *timer)
{
    uint64_t now = iris_clock_monotonic();
    return timer->deadline.armed && timer->deadline.at > now ? timer->deadline.at - now : 0;
}

/* When a time of the timer's clock is, in that of deadlines. */
static uint64_t deadline_of(const struct qnx_timer *timer, int flags, uint64_t time)
{
    uint64_t now = iris_clock_monotonic();

    if (!(flags & TIMER_ABSTIME))
        return time > IRIS_DEADLINE_NONE - 1 - now ? IRIS_DEADLINE_NONE - 1 : now + time;
    uint64_t boot = timer->clock == CLOCK_REALTIME ? iris_clock_realtime() - now : 0;
    return time > boot ? time - boot : now;
}

int TimerSettime_r(int id, int flags, const struct _itimer *time, struct _itimer *old)
{
    struct qnx_timer *timer = find(id);

    if (timer == NULL || flags & ~TIMER_ABSTIME)
        return -EINVAL;
    uint64_t left = time_left(timer), interval = timer->interval;
    service_disarm(&timer->deadline);
    timer->interval = time->interval_nsec;
    int status =
        time->nsec == 0 ? 0 : service_arm(&timer->deadline, deadline_of(timer, flags, time->nsec));
    if (old != NULL)
        *old = (struct _itimer){left, interval};
    return status < 0 ? -EAGAIN : 0;
}

int TimerInfo_r(pid_t pid, int id, int flags, struct _timer_info *info)
{
    const struct qnx_timer *timer = find(id);

    (void)flags;
    if (pid != 0 && pid != getpid())
        return -ENOTSUP;
    if (timer == NULL)
        return -EINVAL;
    *info = (struct _timer_info){
        .itime = {time_left(timer), timer->interval},
        .otime = {time_left(timer), timer->interval},
        .clockid = timer->clock,
        .overruns = (uint32_t)timer->overruns,
        .event = timer->event,
    };
    return id;
}
