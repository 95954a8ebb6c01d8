/* SPDX-License-Identifier: MIT */
/* The process's own timer: POSIX.1-2017, alarm, setitimer. Processor time has none (ENOTSUP). */
#include <errno.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include <iris/sync.h>
#include <iris/vdso.h>

#include "../service.h"
#include "signals.h"

static uint64_t interval; /* ns; 0: once */

static void passed(struct service_deadline *deadline)
{
    const siginfo_t info = {.si_signo = SIGALRM, .si_code = SI_TIMER};
    uint64_t again = __atomic_load_n(&interval, __ATOMIC_RELAXED);
    if (again != 0)
        service_arm(deadline, deadline->at + again);
    signals_send_process(&info);
}

static struct service_deadline deadline = {.passed = passed};

static uint64_t ns_of(const struct timeval *time)
{
    return (uint64_t)time->tv_sec * 1000000000u + (uint64_t)time->tv_usec * 1000u;
}

static struct timeval timeval_of(uint64_t ns)
{
    ns += 999; /* what is left is never shown as nothing */
    return (struct timeval){.tv_sec = (time_t)(ns / 1000000000u),
                            .tv_usec = (suseconds_t)(ns % 1000000000u / 1000u)};
}

static uint64_t left(void)
{
    uint64_t now = iris_clock_monotonic();
    return !deadline.armed ? 0 : deadline.at > now ? deadline.at - now : 1;
}

/* ns from now, 0: not at all. The caller holds. */
static int set(uint64_t first, uint64_t again)
{
    __atomic_store_n(&interval, first != 0 ? again : 0, __ATOMIC_RELAXED);
    if (first == 0) {
        service_disarm(&deadline);
        return 0;
    }
    return service_arm(&deadline, iris_clock_monotonic() + first);
}

static bool is_time(const struct timeval *time)
{
    return time->tv_sec >= 0 && time->tv_usec >= 0 && time->tv_usec < 1000000;
}

int getitimer(int which, struct itimerval *value)
{
    if (which != ITIMER_REAL)
        return libc_result(which == ITIMER_VIRTUAL || which == ITIMER_PROF ? -ENOTSUP : -EINVAL);
    *value = (struct itimerval){timeval_of(interval), timeval_of(left())};
    if (interval == 0)
        value->it_interval = (struct timeval){0, 0};
    if (!deadline.armed)
        value->it_value = (struct timeval){0, 0};
    return 0;
}

int setitimer(int which, const struct itimerval *restrict value, struct itimerval *restrict old)
{
    struct itimerval before;
    if (getitimer(which, &before) != 0)
        return -1;
    if (!is_time(&value->it_value) || !is_time(&value->it_interval))
        return libc_result(-EINVAL);
    signals_hold(thread_self());
    int error = set(ns_of(&value->it_value), ns_of(&value->it_interval));
    signals_release(thread_self());
    if (old != NULL)
        *old = before;
    return libc_result(error);
}

unsigned alarm(unsigned seconds)
{
    const struct itimerval value = {.it_value = {.tv_sec = (time_t)seconds}};
    struct itimerval old;
    if (setitimer(ITIMER_REAL, &value, &old) != 0)
        return 0;
    return (unsigned)old.it_value.tv_sec + (old.it_value.tv_usec > 0);
}
