/* SPDX-License-Identifier: MIT */
/* Waiting for signals: POSIX.1-2017, sigsuspend, pause, sigwait, sigtimedwait, sigpending. */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/neutrino.h>
#include <unistd.h>

#include <iris/vdso.h>

#include "signals.h"

/* Sleeps until a handler has run. A handler counts an arrival before it returns, so none is
   missed. */
static int suspend(struct thread *self)
{
    uint32_t seen = __atomic_load_n(&self->signal_arrivals, __ATOMIC_ACQUIRE);
    self->signal_handled = 0;
    signals_take(NULL);
    while (self->signal_handled == 0) {
        thread_sleep(&self->signal_arrivals, seen, IRIS_DEADLINE_NONE);
        thread_cancel_point();
        seen = __atomic_load_n(&self->signal_arrivals, __ATOMIC_ACQUIRE);
    }
    return libc_result(-EINTR);
}

int sigsuspend(const sigset_t *set)
{
    struct thread *self = thread_self();
    uint64_t mask = self->signal_mask;
    int error = signals_claim(*set | mask);
    if (error != 0)
        return libc_result(error);
    self->signal_mask = *set & ~UNCATCHABLE;
    int result = suspend(self);
    self->signal_mask = mask;
    signals_take(NULL);
    return result;
}

int pause(void) { return suspend(thread_self()); }

int sigpending(sigset_t *set)
{
    struct thread *self = thread_self();
    signals_hold(self);
    signals_lock();
    *set = pending_set(self) & self->signal_mask;
    signals_unlock();
    signals_release(self);
    return 0;
}

/* ---- Taking signals without handlers ---- */

static int take(struct thread *self, uint64_t set, siginfo_t *info)
{
    signals_hold(self);
    signals_lock();
    int signal = pending_take(self, set, info);
    signals_unlock();
    signals_release(self);
    return signal;
}

/* The signal, or -EAGAIN when the time is up, -EINTR when a handler has run. */
static int wait_for(uint64_t set, siginfo_t *info, uint64_t deadline)
{
    struct thread *self = thread_self();
    int signal, error = signals_claim(set);
    if (error != 0)
        return error;
    self->signal_handled = 0;
    __atomic_store_n(&self->signal_waiting, set, __ATOMIC_SEQ_CST);
    do {
        uint32_t seen = __atomic_load_n(&self->signal_arrivals, __ATOMIC_ACQUIRE);
        signal = take(self, set, info);
        if (signal == 0 && self->signal_handled == 0)
            error = thread_sleep(&self->signal_arrivals, seen, deadline);
    } while (signal == 0 && self->signal_handled == 0 && error != -ETIMEDOUT);
    self->signal_waiting = 0;
    thread_cancel_point();
    if (signal != 0)
        return signal;
    return error == -ETIMEDOUT ? -EAGAIN : -EINTR;
}

int sigtimedwait(const sigset_t *restrict set, siginfo_t *restrict info,
                 const struct timespec *restrict time)
{
    uint64_t deadline;
    siginfo_t unused;
    if (time != NULL && (time->tv_nsec < 0 || time->tv_nsec >= 1000000000 || time->tv_sec < 0))
        return libc_result(-EINVAL);
    if (time != NULL)
        deadline =
            iris_clock_monotonic() + (uint64_t)time->tv_sec * 1000000000u + (uint64_t)time->tv_nsec;
    else
        deadline = thread_deadline(_NTO_TIMEOUT_SIGWAITINFO);
    return libc_result(wait_for(*set, info != NULL ? info : &unused, deadline));
}

int sigwaitinfo(const sigset_t *restrict set, siginfo_t *restrict info)
{
    return sigtimedwait(set, info, NULL);
}

int sigwait(const sigset_t *restrict set, int *restrict signal)
{
    siginfo_t info;
    int result;
    do
        result = wait_for(*set, &info, IRIS_DEADLINE_NONE);
    while (result == -EINTR);
    if (result < 0)
        return -result;
    *signal = result;
    return 0;
}
