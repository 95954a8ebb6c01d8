/* SPDX-License-Identifier: MIT */
#include "sigevent.h"

#include <errno.h>
#include <sys/neutrino.h>
#include <unistd.h>

#include "threads.h"

/* libc/signal and libc/qnx: only in programs that use those. */
#define ONLY_IF_THERE __attribute__((weak, visibility("hidden")))
int signals_send_process(const siginfo_t *info) ONLY_IF_THERE;
int signals_send_thread(struct thread *thread, const siginfo_t *info) ONLY_IF_THERE;
void signals_hold(struct thread *self) ONLY_IF_THERE;
void signals_release(struct thread *self) ONLY_IF_THERE;
int qnx_event_pulse(const struct sigevent *event) ONLY_IF_THERE;
int qnx_event_pulse_check(const struct sigevent *event) ONLY_IF_THERE;

/* ---- Which there are ---- */

static int check_signal(const struct sigevent *event)
{
    bool plain = event->sigev_notify == SIGEV_SIGNAL;
    bool sound = event->sigev_signo > 0 && event->sigev_signo < NSIG;

    return sound &&
                   (plain || (event->sigev_code >= SI_MINAVAIL && event->sigev_code <= SI_MAXAVAIL))
               ? 0
               : -EINVAL;
}

int event_check(const struct sigevent *event)
{
    switch (event->sigev_notify) {
    case SIGEV_NONE:
    case SIGEV_INTR:
        return 0;
    case SIGEV_SIGNAL:
    case SIGEV_SIGNAL_CODE:
    case SIGEV_SIGNAL_THREAD:
        return check_signal(event);
    case SIGEV_THREAD:
        return event->sigev_notify_function != NULL ? 0 : -EINVAL;
    case SIGEV_PULSE: /* who has no connections has nowhere to send it */
        return qnx_event_pulse_check != NULL ? qnx_event_pulse_check(event) : -EINVAL;
    case SIGEV_UNBLOCK:
        return -ENOTSUP;
    default:
        return -EINVAL;
    }
}

/* ---- Delivering ---- */

static int send_thread(int tid, const siginfo_t *info)
{
    struct thread *self = thread_self();

    signals_hold(self);
    iris_mutex_lock(&threads_lock);
    struct thread *thread = thread_numbered(tid);
    int error = thread != NULL ? signals_send_thread(thread, info) : -ESRCH;
    iris_mutex_unlock(&threads_lock);
    signals_release(self);
    return error;
}

static int send_signal(const struct sigevent *event, siginfo_t info, int tid)
{
    info.si_signo = event->sigev_signo;
    info.si_value = event->sigev_value;
    if (event->sigev_notify != SIGEV_SIGNAL)
        info.si_code = event->sigev_code;
    if (signals_send_process == NULL) /* nobody handles it: its default action */
        return kill(getpid(), info.si_signo) < 0 ? -errno : 0;
    return event->sigev_notify == SIGEV_SIGNAL_THREAD ? send_thread(tid, &info)
                                                      : signals_send_process(&info);
}

/* InterruptWait sleeps on that word. */
static int interrupt_thread(int tid)
{
    iris_mutex_lock(&threads_lock);
    struct thread *thread = thread_numbered(tid);
    if (thread != NULL) {
        __atomic_add_fetch(&thread->interrupts, 1, __ATOMIC_RELEASE);
        iris_word_rouse_all(&thread->interrupts);
    }
    iris_mutex_unlock(&threads_lock);
    return thread != NULL ? 0 : -ESRCH;
}

int event_deliver(const struct sigevent *event, const siginfo_t *info, int tid)
{
    switch (event->sigev_notify) {
    case SIGEV_NONE:
        return 0;
    case SIGEV_INTR:
        return interrupt_thread(tid);
    case SIGEV_SIGNAL:
    case SIGEV_SIGNAL_CODE:
    case SIGEV_SIGNAL_THREAD:
        return send_signal(event, *info, tid);
    case SIGEV_PULSE:
        return qnx_event_pulse != NULL ? qnx_event_pulse(event) : -EINVAL;
    default:
        return -ENOTSUP;
    }
}
