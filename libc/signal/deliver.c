/* SPDX-License-Identifier: MIT */
/*
 * Sending signals to threads. Whoever sends halts the receiver and has it go on at signals_entry;
 * one that holds, or is inside a call that it must get the answer of, takes the signal itself when
 * it is through. What comes from outside is sent by the service thread.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <iris/calls.h>
#include <iris/object.h>
#include <iris/state.h>
#include <iris/vdso.h>

#include "../service.h"
#include "process.h" /* generated from servers/proc/process.idl */
#include "signals.h"

/* Makes word_wait's sleepers look again as well. */
static int exchange(const struct thread *thread, uint32_t what, struct iris_state *state)
{
    return iris_thread_exchange_registers(IRIS_SLOT_SPACE,
                                          what | IRIS_STATE_SLOT(thread->utcb->slot), state);
}

static bool is_busy(const struct thread *thread)
{
    return __atomic_load_n(&thread->signal_hold, __ATOMIC_SEQ_CST) != 0 ||
           __atomic_load_n(&thread->signal_injected, __ATOMIC_SEQ_CST) != 0;
}

/* Has a halted thread go on in its handlers; on another stack, unless `elsewhere` is 0. */
static void send_off(struct thread *thread, struct iris_state *state, uint32_t elsewhere)
{
    thread->signal_ip = state->registers.ip;
    thread->signal_injected = 1;
    thread->signal_sp = 0;
    if (elsewhere != 0) {
        thread->signal_sp = state->registers.sp;
        state->registers.sp = elsewhere;
    }
    state->registers.ip = (uint32_t)signals_entry;
    if (exchange(thread, IRIS_STATE_REGISTERS | IRIS_STATE_RESUME, state) != 0)
        thread->signal_injected = 0; /* something else has let it go on: it will look itself */
}

/*
 * A server that is at work on a call is let finish, so that nothing is done twice. If it keeps the
 * call instead, nobody tells: the thread is looked at again.
 */
#define RETRY_NS 1000000u
static void look_again(struct service_deadline *deadline);
static struct service_deadline retry = {.passed = look_again};

/* A call of the library's ends with ECANCELED, and so does a sleep; other calls last. */
static void strike(struct thread *thread)
{
    struct iris_state state;
    if (exchange(thread, IRIS_STATE_READ, &state) != 0)
        return;
    uint32_t was = state.registers.state;
    bool received = was == IRIS_THREAD_CALLING || was == IRIS_THREAD_KEPT;
    bool breaks =
        (thread->calling != 0 && was != IRIS_THREAD_CALLING) || was == IRIS_THREAD_SLEEPING;
    if (received && !breaks) { /* it looks at its flag when the answer has come */
        if (thread->calling != 0)
            service_arm(&retry, iris_clock_monotonic() + RETRY_NS);
        return;
    }
    exchange(thread, IRIS_STATE_HALT | (breaks ? IRIS_STATE_CANCEL : 0), NULL);
    if (is_busy(thread) || exchange(thread, IRIS_STATE_READ, &state) != 0 ||
        state.registers.state != IRIS_THREAD_HALTED)
        exchange(thread, IRIS_STATE_RESUME, NULL);
    else
        send_off(thread, &state, 0);
}

static void look_again(struct service_deadline *deadline)
{
    struct thread *self = thread_self();
    (void)deadline;
    signals_hold(self);
    iris_mutex_lock(&threads_lock);
    for (struct thread *t = threads_first; t != NULL; t = t->next)
        if (t != self && t->utcb != NULL && t->calling != 0 && *t->signal_flag != 0 && !is_busy(t))
            strike(t);
    iris_mutex_unlock(&threads_lock);
    signals_release(self);
}

static void tell(struct thread *thread, uint64_t bit)
{
    const struct thread *self = thread_record(thread_block());
    if (thread->utcb == NULL)
        return;
    __atomic_store_n(thread->signal_flag, 1, __ATOMIC_SEQ_CST);
    if (thread->signal_waiting & bit) {
        __atomic_add_fetch(&thread->signal_arrivals, 1, __ATOMIC_RELEASE);
        iris_word_rouse_all(&thread->signal_arrivals);
    } else if (thread != self && !(thread->signal_mask & bit) && !is_busy(thread)) {
        strike(thread);
    }
}

/* ---- Sending; the caller holds ---- */

static bool is_blocked_somewhere(const struct thread *only, uint64_t bit)
{
    for (const struct thread *t = threads_first; t != NULL; t = t->next)
        if ((only == NULL || t == only) && t->utcb != NULL &&
            ((t->signal_mask | t->signal_waiting) & bit))
            return true;
    return false;
}

/* Under threads_lock. An ignored signal that somebody blocks may still be waited for. */
static int add(struct thread *thread, const siginfo_t *info)
{
    signals_lock();
    pending_oppose(info->si_signo);
    int error = signal_is_ignored(info->si_signo) &&
                        !is_blocked_somewhere(thread, SIGNAL_BIT(info->si_signo))
                    ? 0
                    : pending_add(thread, info);
    signals_unlock();
    return error;
}

static struct thread *choose(uint64_t bit)
{
    struct thread *chosen = NULL;
    for (struct thread *t = threads_first; t != NULL; t = t->next) {
        if (t->utcb != NULL && t->signal_waiting & bit)
            return t;
        if (t->utcb != NULL && !(t->signal_mask & bit))
            chosen = t; /* the oldest: new ones come in front */
    }
    return chosen;
}

int signals_send_process(const siginfo_t *info)
{
    struct thread *self = thread_self();
    signals_hold(self);
    iris_mutex_lock(&threads_lock);
    int error = add(NULL, info);
    struct thread *thread = choose(SIGNAL_BIT(info->si_signo));
    if (error == 0 && thread != NULL)
        tell(thread, SIGNAL_BIT(info->si_signo));
    iris_mutex_unlock(&threads_lock);
    signals_release(self);
    return error;
}

int signals_send_timer(const siginfo_t *info, unsigned missed)
{
    siginfo_t own = *info;
    own.si_overrun = (int)missed;
    signals_hold(thread_self());
    signals_lock();
    bool counted = pending_overrun(info, missed + 1);
    signals_unlock();
    signals_release(thread_self());
    return counted ? 0 : signals_send_process(&own);
}

int signals_send_thread(struct thread *thread, const siginfo_t *info)
{
    int error = add(thread, info);
    if (error == 0)
        tell(thread, SIGNAL_BIT(info->si_signo));
    return error;
}

int pthread_kill(pthread_t name, int signal)
{
    const siginfo_t info = {.si_signo = signal, .si_code = SI_TKILL, .si_pid = getpid()};
    struct thread *self = thread_self();
    int error = ESRCH;
    if (signal < 0 || signal >= NSIG)
        return EINVAL;
    signals_hold(self);
    iris_mutex_lock(&threads_lock);
    struct thread *thread = thread_of(name);
    if (thread != NULL)
        error = signal == 0 ? 0 : -signals_send_thread(thread, &info);
    iris_mutex_unlock(&threads_lock);
    signals_release(self);
    return error;
}

/* ---- From outside ---- */

static void from_note(uint32_t signal, const struct signal_note *note)
{
    siginfo_t info = {.si_signo = (int)signal,
                      .si_code = (int)note->code,
                      .si_pid = (pid_t)note->pid,
                      .si_value.sival_int = (int)note->value};
    if (signal == SIGCHLD)
        info.si_status = (int)note->value;
    signals_send_process(&info);
}

static int fault_code(const struct fault_note *fault)
{
    switch (fault->signal) {
    case SIGSEGV:
        return fault->vector == 14 && !(fault->error & IRIS_FAULT_PRESENT) ? SEGV_MAPERR
                                                                           : SEGV_ACCERR;
    case SIGFPE:
        return fault->vector == 0 ? FPE_INTDIV : FPE_FLTINV;
    case SIGILL:
        return fault->vector == 6 ? ILL_ILLOPC : ILL_COPROC;
    case SIGBUS:
        return BUS_ADRALN;
    default:
        return fault->vector == 3 ? TRAP_BRKPT : TRAP_TRACE;
    }
}

static struct thread *thread_at(uint32_t utcb_slot)
{
    struct thread *thread = threads_first;
    while (thread != NULL && (thread->utcb == NULL || thread->utcb->slot != utcb_slot))
        thread = thread->next;
    return thread;
}

/* The top of the alternate stack, if the handler wants it and the thread is not there; else 0. */
static uint32_t alternate(const struct thread *thread, uint32_t signal, uint32_t sp)
{
    uint32_t low = (uint32_t)thread->signal_stack.ss_sp, size = thread->signal_stack.ss_size;
    if (low == 0 || sp - low < size || !(signal_actions[signal].sa_flags & SA_ONSTACK))
        return 0;
    return (low + size) & -16u;
}

/* The thread is halted. False: it cannot handle its fault. */
static bool send_fault(struct thread *thread, const struct fault_note *fault)
{
    struct iris_state state;
    if (thread == NULL || thread->signal_mask & SIGNAL_BIT(fault->signal) || is_busy(thread) ||
        exchange(thread, IRIS_STATE_READ, &state) != 0)
        return false;
    uint32_t address = fault->vector == 14 ? fault->address : state.registers.ip;
    thread->fault = (siginfo_t){
        .si_signo = (int)fault->signal, .si_code = fault_code(fault), .si_addr = (void *)address};
    thread->signal_pending |= SIGNAL_BIT(fault->signal);
    send_off(thread, &state, alternate(thread, fault->signal, state.registers.sp));
    return true;
}

static void take_fault(const struct fault_note *fault)
{
    struct thread *self = thread_self();
    signals_hold(self);
    iris_mutex_lock(&threads_lock);
    bool sent = send_fault(thread_at(fault->utcb_slot), fault);
    iris_mutex_unlock(&threads_lock);
    if (!sent)
        signals_default((int)fault->signal);
    signals_release(self);
}

static void arrived(uint32_t bits)
{
    struct signal_note note;
    struct fault_note fault;
    uint32_t signal;
    (void)bits; /* what has come is asked for */
    while (process_fault_take(IRIS_SLOT_PROCESS, &fault) == 0)
        take_fault(&fault);
    while (process_signal_take(IRIS_SLOT_PROCESS, &signal, &note) == 0)
        from_note(signal, &note);
}

int signals_serve(void)
{
    static struct service_watch watch = {.bits = SERVICE_BITS, .arrived = arrived};
    int error = service_watch(&watch);
    signals_watch_door();
    return error < 0 ? error : service_portal(SERVICE_BITS);
}
