/* SPDX-License-Identifier: MIT */
/*
 * Timers. The service thread waits for their deadlines and does what they are for. A timer_t is the
 * address of its record, in a list in which it is looked up.
 */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <iris/sync.h>
#include <iris/vdso.h>

#include "clocks.h"
#include "libc.h"
#include "service.h"
#include "sigevent.h"
#include "threads.h"

void timer_taken(const siginfo_t *info);

struct timer {
    struct service_deadline deadline; /* first: the service thread finds the timer by it */
    struct timer *next;
    clockid_t clock;
    struct sigevent event;
    int tid;                       /* who made it */
    uint64_t interval;             /* ns, 0: once */
    int overrun;                   /* expirations untold before the signal that was taken last */
    struct iris_semaphore expired; /* SIGEV_THREAD: how often its thread is to call */
    bool ended;
    pthread_t thread;
};

static struct timer *all; /* under the lock, as all that can be set */
static unsigned count;
static struct iris_mutex lock;

/* libc/signal: only in programs that handle signals. */
#define ONLY_WITH_SIGNALS __attribute__((weak, visibility("hidden")))
int signals_send_timer(const siginfo_t *info, unsigned missed) ONLY_WITH_SIGNALS;

/* No handler runs on a thread that has the lock: signals that are taken need it (timer_taken). */
static void lock_all(void) { thread_lock(&lock); }

static void unlock_all(void) { thread_unlock(&lock); }

/* The timer of this name, with the lock held; NULL: there is none, and the lock is not held. */
static struct timer *hold(timer_t name)
{
    lock_all();
    for (struct timer *timer = all; timer != NULL; timer = timer->next)
        if ((timer_t)timer == name)
            return timer;
    unlock_all();
    return NULL;
}

/* ---- Expiring ---- */

/* `missed`: expirations before this one that could not be told in time. */
static void tell(const struct timer *timer, unsigned missed)
{
    const siginfo_t info = {.si_signo = timer->event.sigev_signo,
                            .si_code = SI_TIMER,
                            .si_value = timer->event.sigev_value,
                            .si_timerid = (int)timer};

    if (timer->event.sigev_notify == SIGEV_SIGNAL && signals_send_timer != NULL)
        signals_send_timer(&info, missed);
    else
        event_deliver(&timer->event, &info, timer->tid);
}

/* Keeps the rhythm: what could not be done in time is counted, not made up for. */
static unsigned rearm(struct timer *timer)
{
    uint64_t now = iris_clock_monotonic(), late = now - timer->deadline.at;
    uint64_t missed = now > timer->deadline.at ? late / timer->interval : 0;

    service_arm(&timer->deadline, timer->deadline.at + (missed + 1) * timer->interval);
    return missed < DELAYTIMER_MAX ? (unsigned)missed : DELAYTIMER_MAX;
}

static void expire(struct service_deadline *deadline)
{
    struct timer *timer = (struct timer *)deadline;

    lock_all();
    unsigned missed = timer->interval != 0 ? rearm(timer) : 0;
    if (timer->event.sigev_notify != SIGEV_SIGNAL) /* whose handler gets it with the signal */
        timer->overrun = (int)missed;
    unlock_all();
    if (timer->event.sigev_notify == SIGEV_THREAD)
        iris_semaphore_give(&timer->expired);
    else
        tell(timer, missed);
}

/* By who takes a timer's signal: from now on this is the overrun of the one that was told last. */
void timer_taken(const siginfo_t *info)
{
    struct timer *timer = hold((timer_t)info->si_timerid);

    if (timer == NULL)
        return; /* it has been deleted meanwhile */
    timer->overrun = info->si_overrun;
    unlock_all();
}

/* SIGEV_THREAD: one thread for the timer, as if each call had a new one. */
static void *call(void *argument)
{
    struct timer *timer = argument;

    for (;;) {
        iris_semaphore_take(&timer->expired, IRIS_DEADLINE_NONE);
        if (__atomic_load_n(&timer->ended, __ATOMIC_ACQUIRE))
            break;
        timer->event.sigev_notify_function(timer->event.sigev_value);
    }
    free(timer);
    return NULL;
}

static int start_thread(struct timer *timer)
{
    pthread_attr_t attributes;

    if (timer->event.sigev_notify != SIGEV_THREAD)
        return 0;
    if (timer->event.sigev_notify_attributes != NULL)
        attributes = *timer->event.sigev_notify_attributes;
    else
        pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    return pthread_create(&timer->thread, &attributes, call, timer);
}

/* ---- Coming and going ---- */

static int check(clockid_t clock, const struct sigevent *event)
{
    if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
        return clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID ? -ENOTSUP
                                                                                     : -EINVAL;
    return event_check(event);
}

/* True: there is room for one more. */
static bool enter(struct timer *timer)
{
    lock_all();
    bool room = count < TIMER_MAX;
    if (room) {
        count++;
        timer->next = all;
        all = timer;
    }
    unlock_all();
    return room;
}

int timer_create(clockid_t clock, struct sigevent *restrict event, timer_t *restrict name)
{
    const struct sigevent usual = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    int error = check(clock, event != NULL ? event : &usual);

    if (error != 0)
        return libc_result(error);
    struct timer *timer = calloc(1, sizeof *timer);
    if (timer == NULL)
        return libc_result(-EAGAIN);
    timer->deadline.passed = expire;
    timer->clock = clock;
    timer->tid = thread_number();
    timer->event = event != NULL ? *event : usual;
    if (event == NULL)
        timer->event.sigev_value.sival_int = (int)timer;
    if (service_start() != 0 || start_thread(timer) != 0 || !enter(timer)) {
        bool has_thread = timer->thread != 0;
        __atomic_store_n(&timer->ended, true, __ATOMIC_RELEASE);
        iris_semaphore_give(&timer->expired);
        if (!has_thread)
            free(timer);
        return libc_result(-EAGAIN);
    }
    *name = (timer_t)timer;
    return 0;
}

int timer_delete(timer_t name)
{
    struct timer *timer = hold(name), **place = &all;

    if (timer == NULL)
        return libc_result(-EINVAL);
    while (*place != timer)
        place = &(*place)->next;
    *place = timer->next;
    count--;
    timer->interval = 0;
    unlock_all();
    service_disarm(&timer->deadline);
    bool has_thread = timer->thread != 0;
    __atomic_store_n(&timer->ended, true, __ATOMIC_RELEASE);
    iris_semaphore_give(&timer->expired);
    if (!has_thread)
        free(timer);
    return 0;
}

/* ---- Setting ---- */

static void look(const struct timer *timer, struct itimerspec *value)
{
    uint64_t now = iris_clock_monotonic();
    bool armed = timer->deadline.armed;

    value->it_interval = timespec_of(timer->interval);
    value->it_value = timespec_of(!armed                     ? 0
                                  : timer->deadline.at > now ? timer->deadline.at - now
                                                             : 1);
}

/* When it is to expire first; 0: never. */
static int first_time(const struct timer *timer, int flags, const struct itimerspec *value,
                      uint64_t *at)
{
    uint64_t wanted, now = iris_clock_monotonic();
    int error = ns_of(&value->it_value, &wanted);

    *at = 0;
    if (error != 0 || wanted == 0)
        return error;
    if (flags & TIMER_ABSTIME) {
        error = deadline_of(timer->clock, &value->it_value, at);
        *at += *at == 0; /* long past: at once */
    } else
        *at = wanted > IRIS_DEADLINE_NONE - now ? IRIS_DEADLINE_NONE : now + wanted;
    return error;
}

int timer_settime(timer_t name, int flags, const struct itimerspec *restrict value,
                  struct itimerspec *restrict old)
{
    uint64_t at, interval;
    struct timer *timer = hold(name);

    if (timer == NULL)
        return libc_result(-EINVAL);
    int error = first_time(timer, flags, value, &at);
    if (error == 0)
        error = ns_of(&value->it_interval, &interval);
    if (error == 0) {
        if (old != NULL)
            look(timer, old);
        timer->interval = at != 0 ? interval : 0;
        timer->overrun = 0;
    }
    unlock_all();
    if (error != 0)
        return libc_result(-error);
    service_disarm(&timer->deadline); /* waits for an expiration that is being told */
    return at != 0 ? libc_result(service_arm(&timer->deadline, at)) : 0;
}

int timer_gettime(timer_t name, struct itimerspec *value)
{
    struct timer *timer = hold(name);

    if (timer == NULL)
        return libc_result(-EINVAL);
    look(timer, value);
    unlock_all();
    return 0;
}

int timer_getoverrun(timer_t name)
{
    struct timer *timer = hold(name);

    if (timer == NULL)
        return libc_result(-EINVAL);
    int overrun = timer->overrun;
    unlock_all();
    return overrun;
}
