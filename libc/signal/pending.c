/* SPDX-License-Identifier: MIT */
/*
 * Pending signals. One below SIGRTMIN is pending or not, with the latest sender's note; the others
 * are queued in order. The queue is a fixed number of places: whoever puts something into it may
 * have halted a thread in the middle of malloc.
 */
#include <errno.h>
#include <string.h>

#include "signals.h"

#define QUEUE_MAX 64

static struct {
    siginfo_t info;
    struct thread *thread; /* NULL: the process's */
} queue[QUEUE_MAX];
static unsigned queued;

static uint64_t process_pending; /* below SIGRTMIN */
static siginfo_t infos[SIGRTMIN];

int pending_add(struct thread *thread, const siginfo_t *info)
{
    if (info->si_signo >= SIGRTMIN) {
        if (queued == QUEUE_MAX)
            return -EAGAIN;
        queue[queued].info = *info;
        queue[queued++].thread = thread;
        return 0;
    }
    *(thread != NULL ? &thread->signal_pending : &process_pending) |= SIGNAL_BIT(info->si_signo);
    infos[info->si_signo] = *info;
    return 0;
}

uint64_t pending_set(const struct thread *thread)
{
    uint64_t set = process_pending | thread->signal_pending;
    for (unsigned i = 0; i < queued; i++)
        if (queue[i].thread == NULL || queue[i].thread == thread)
            set |= SIGNAL_BIT(queue[i].info.si_signo);
    return set;
}

static void dequeue(const struct thread *thread, int signal, siginfo_t *info)
{
    unsigned i = 0;
    while (queue[i].info.si_signo != signal ||
           (queue[i].thread != NULL && queue[i].thread != thread))
        i++;
    *info = queue[i].info;
    queued--;
    memmove(&queue[i], &queue[i + 1], (queued - i) * sizeof queue[0]);
}

int pending_take(struct thread *thread, uint64_t set, siginfo_t *info)
{
    uint64_t due = pending_set(thread) & set;
    if (due == 0)
        return 0;
    int signal = __builtin_ctzll(due) + 1;
    if (signal >= SIGRTMIN) {
        dequeue(thread, signal, info);
        return signal;
    }
    bool own = thread->signal_pending & SIGNAL_BIT(signal);
    *(own ? &thread->signal_pending : &process_pending) &= ~SIGNAL_BIT(signal);
    *info = own && thread->fault.si_signo == signal ? thread->fault : infos[signal];
    if (thread->fault.si_signo == signal)
        thread->fault.si_signo = 0;
    return signal;
}
