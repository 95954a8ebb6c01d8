/* SPDX-License-Identifier: MIT */
/* Actions and masks: POSIX.1-2017, sigaction, signal, pthread_sigmask, sigaltstack. */
#include <errno.h>
#include <signal.h>
#include <stddef.h>

#include <iris/object.h>

#include "../service.h"
#include "process.h" /* generated from servers/proc/process.idl */
#include "signals.h"

struct sigaction signal_actions[NSIG];

static struct iris_mutex lock;
static struct iris_mutex telling; /* what is told is told in order */
static uint64_t claimed;          /* blocked or waited for, ever */
static bool began;                /* what was ignored at the start stands in the actions */

/* What the process was started with comes true before anybody looks. */
static void begin(void)
{
    for (int signal = 1; !began && signal < NSIG; signal++)
        if (start_info.ignored & SIGNAL_BIT(signal))
            signal_actions[signal].sa_handler = SIG_IGN;
    began = true;
}

void signals_lock(void)
{
    iris_mutex_lock(&lock);
    begin();
}

void signals_unlock(void) { iris_mutex_unlock(&lock); }

bool signal_is_ignored(int signal)
{
    const uint64_t nothing =
        SIGNAL_BIT(SIGCHLD) | SIGNAL_BIT(SIGURG) | SIGNAL_BIT(SIGWINCH) | SIGNAL_BIT(SIGCONT);
    return signal_actions[signal].sa_handler == SIG_IGN ||
           (signal_actions[signal].sa_handler == SIG_DFL && nothing & SIGNAL_BIT(signal));
}

/* ---- What the process service is told ---- */

static void collect(uint64_t *taken, uint64_t *ignored, uint32_t *flags)
{
    *taken = *ignored = 0;
    for (int signal = 1; signal < NSIG; signal++) {
        if (signal_actions[signal].sa_handler == SIG_IGN)
            *ignored |= SIGNAL_BIT(signal);
        else if (signal_actions[signal].sa_handler != SIG_DFL)
            *taken |= SIGNAL_BIT(signal);
    }
    *taken |= claimed & ~FAULTS;
    *flags =
        (signal_actions[SIGCHLD].sa_flags & SA_NOCLDSTOP ? PROCESS_SIGNALS_NO_CHILD_STOPS : 0) |
        (signal_actions[SIGCHLD].sa_flags & SA_NOCLDWAIT ? PROCESS_SIGNALS_NO_ZOMBIES : 0);
}

/* The caller holds. */
static int tell(struct thread *self)
{
    static bool shown;
    uint64_t taken, ignored;
    uint32_t flags;
    int portal = 0;
    signals_lock();
    collect(&taken, &ignored, &flags);
    signals_unlock();
    if (taken != 0 && !shown && (portal = signals_serve()) < 0)
        return portal;
    int error = process_signals(IRIS_SLOT_PROCESS, taken, ignored, flags, service_thread(),
                                (uint32_t)portal);
    shown |= portal != 0 && error == 0;
    (void)self;
    return error;
}

static int tell_in_order(struct thread *self)
{
    iris_mutex_lock(&telling);
    int error = tell(self);
    iris_mutex_unlock(&telling);
    return error;
}

int signals_claim(uint64_t set)
{
    struct thread *self = thread_self();
    int error = 0;
    set &= ~UNCATCHABLE;
    if ((__atomic_load_n(&claimed, __ATOMIC_ACQUIRE) & set) == set)
        return 0;
    signals_hold(self);
    __atomic_fetch_or(&claimed, set, __ATOMIC_ACQ_REL);
    error = tell_in_order(self);
    signals_release(self);
    return error;
}

/* ---- Actions ---- */

/* What is pending is discarded as if it came now (XSH 2.4.3). */
static void set_action(int signal, const struct sigaction *action)
{
    signal_actions[signal] = *action;
    if (signal_is_ignored(signal))
        pending_discard(signal);
}

int sigaction(int signal, const struct sigaction *restrict action, struct sigaction *restrict old)
{
    struct thread *self = thread_self();
    int error = 0;
    if (!signal_is_valid(signal) || (action != NULL && SIGNAL_BIT(signal) & UNCATCHABLE))
        return libc_result(-EINVAL);
    signals_hold(self);
    iris_mutex_lock(&threads_lock);
    signals_lock();
    if (old != NULL)
        *old = signal_actions[signal];
    if (action != NULL)
        set_action(signal, action);
    signals_unlock();
    iris_mutex_unlock(&threads_lock);
    if (action != NULL)
        error = tell_in_order(self);
    signals_release(self);
    return libc_result(error);
}

_sig_func_ptr signal(int signal, _sig_func_ptr function)
{
    struct sigaction action = {.sa_handler = function, .sa_flags = SA_RESTART}, old;
    return sigaction(signal, &action, &old) == 0 ? old.sa_handler : SIG_ERR;
}

int siginterrupt(int signal, int interrupts)
{
    struct sigaction action;
    if (sigaction(signal, NULL, &action) != 0)
        return -1;
    action.sa_flags = interrupts ? action.sa_flags & ~SA_RESTART : action.sa_flags | SA_RESTART;
    return sigaction(signal, &action, NULL);
}

/* ---- Masks ---- */

static uint64_t changed(uint64_t mask, int how, uint64_t set)
{
    mask = how == SIG_BLOCK ? mask | set : how == SIG_UNBLOCK ? mask & ~set : set;
    return mask & ~UNCATCHABLE;
}

int pthread_sigmask(int how, const sigset_t *restrict set, sigset_t *restrict old)
{
    struct thread *self = thread_self();
    if (set != NULL && how != SIG_BLOCK && how != SIG_UNBLOCK && how != SIG_SETMASK)
        return EINVAL;
    uint64_t before = self->signal_mask;
    if (set != NULL && how != SIG_UNBLOCK) {
        int error = signals_claim(*set);
        if (error != 0)
            return -error;
    }
    if (set != NULL)
        self->signal_mask = changed(before, how, *set);
    if (old != NULL)
        *old = before;
    if (set != NULL)
        signals_take(NULL);
    return 0;
}

int sigprocmask(int how, const sigset_t *restrict set, sigset_t *restrict old)
{
    return libc_result(-pthread_sigmask(how, set, old));
}

void libc_signals_inherited(uint64_t *blocked, uint64_t *ignored)
{
    const struct thread *self = thread_self();
    *blocked = self->signal_mask;
    *ignored = 0;
    signals_hold(thread_self());
    signals_lock();
    for (int signal = 1; signal < NSIG; signal++)
        if (signal_actions[signal].sa_handler == SIG_IGN)
            *ignored |= SIGNAL_BIT(signal);
    signals_unlock();
    signals_release(thread_self());
}

/* ---- Sets ---- */

int sigemptyset(sigset_t *set)
{
    *set = 0;
    return 0;
}

int sigfillset(sigset_t *set)
{
    *set = ~0ull >> 1;
    return 0;
}

int sigaddset(sigset_t *set, int signal)
{
    if (!signal_is_valid(signal))
        return libc_result(-EINVAL);
    *set |= SIGNAL_BIT(signal);
    return 0;
}

int sigdelset(sigset_t *set, int signal)
{
    if (!signal_is_valid(signal))
        return libc_result(-EINVAL);
    *set &= ~SIGNAL_BIT(signal);
    return 0;
}

int sigismember(const sigset_t *set, int signal)
{
    if (!signal_is_valid(signal))
        return libc_result(-EINVAL);
    return (*set & SIGNAL_BIT(signal)) != 0;
}

/* ---- The alternate stack, of each thread ---- */

static bool is_on(const stack_t *stack)
{
    uint32_t here = (uint32_t)__builtin_frame_address(0) - (uint32_t)stack->ss_sp;
    return stack->ss_sp != NULL && here < stack->ss_size;
}

int sigaltstack(const stack_t *restrict stack, stack_t *restrict old)
{
    stack_t *own = &thread_self()->signal_stack;
    bool on = is_on(own);
    if (stack != NULL && on)
        return libc_result(-EPERM);
    if (stack != NULL && !(stack->ss_flags & SS_DISABLE) && stack->ss_size < MINSIGSTKSZ)
        return libc_result(-ENOMEM);
    if (stack != NULL && stack->ss_flags & ~SS_DISABLE)
        return libc_result(-EINVAL);
    if (old != NULL) {
        *old = *own;
        old->ss_flags = on ? SS_ONSTACK : own->ss_sp == NULL ? SS_DISABLE : 0;
    }
    if (stack != NULL)
        *own = *stack;
    if (stack != NULL && stack->ss_flags & SS_DISABLE)
        own->ss_sp = NULL;
    return 0;
}
