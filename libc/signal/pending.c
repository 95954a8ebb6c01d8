/* SPDX-License-Identifier: MIT */
/*
 * Pending signals. One below SIGRTMIN is pending or not, with the latest sender's note; the others
 * are queued in order. The queue is a fixed number of places: whoever puts something into it may
 * have halted a thread in the middle of malloc.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "signals.h"

/* posix_timer.c: only in programs that have timers. */
void timer_taken(const siginfo_t *info) __attribute__((weak, visibility("hidden")));

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

void pending_discard(int signal)
{
    unsigned kept = 0;
    process_pending &= ~SIGNAL_BIT(signal);
    for (struct thread *t = threads_first; t != NULL; t = t->next)
        t->signal_pending &= ~SIGNAL_BIT(signal);
    for (unsigned i = 0; i < queued; i++)
        if (queue[i].info.si_signo != signal)
            queue[kept++] = queue[i];
    queued = kept;
}

void pending_oppose(int signal)
{
    static const int stops[] = {SIGTSTP, SIGTTIN, SIGTTOU};
    for (unsigned i = 0; i < sizeof stops / sizeof *stops; i++) {
        if (signal == SIGCONT)
            pending_discard(stops[i]);
        else if (signal == stops[i])
            pending_discard(SIGCONT);
    }
}

static bool is_of_timer(const siginfo_t *pending, const siginfo_t *info)
{
    return pending->si_signo == info->si_signo && pending->si_code == SI_TIMER &&
           pending->si_timerid == info->si_timerid;
}

/* The timer's signal that is still pending; NULL: none is. */
static siginfo_t *find_timer(const siginfo_t *info)
{
    if (info->si_signo < SIGRTMIN) {
        siginfo_t *pending = &infos[info->si_signo];
        bool is_pending = process_pending & SIGNAL_BIT(info->si_signo);
        return is_pending && is_of_timer(pending, info) ? pending : NULL;
    }
    for (unsigned i = 0; i < queued; i++)
        if (is_of_timer(&queue[i].info, info))
            return &queue[i].info;
    return NULL;
}

bool pending_overrun(const siginfo_t *info, unsigned count)
{
    siginfo_t *pending = find_timer(info);
    if (pending == NULL)
        return false;
    unsigned room = DELAYTIMER_MAX - (unsigned)pending->si_overrun;
    pending->si_overrun += (int)(count < room ? count : room);
    return true;
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

/* Which one, and what is known of it. */
static int take(struct thread *thread, uint64_t set, siginfo_t *info)
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

int pending_take(struct thread *thread, uint64_t set, siginfo_t *info)
{
    int signal = take(thread, set, info);
    if (signal != 0 && info->si_code == SI_TIMER && timer_taken != NULL)
        timer_taken(info);
    return signal;
}
