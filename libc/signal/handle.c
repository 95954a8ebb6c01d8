/* SPDX-License-Identifier: MIT */
/*
 * Running handlers, on the thread that takes the signal. What the interrupted code has in the
 * processor's floating-point unit and in the UTCB is put aside: a handler may use both.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <iris/calls.h>
#include <iris/object.h>
#include <iris/system.h>

#include "process.h" /* generated from servers/proc/process.idl */
#include "signals.h"

struct interrupted *signals_interrupted(struct interrupted *frame);
struct interrupted *signals_after_call(struct interrupted *frame);

/* ---- Holding ---- */

void signals_hold(struct thread *self)
{
    __atomic_add_fetch(&self->signal_hold, 1, __ATOMIC_SEQ_CST);
}

void signals_release(struct thread *self)
{
    if (__atomic_sub_fetch(&self->signal_hold, 1, __ATOMIC_SEQ_CST) == 0 && *self->signal_flag != 0)
        signals_take(NULL);
}

/* ---- What is put aside ---- */

struct aside {
    uint8_t fpu[512] __attribute__((aligned(16)));
    struct iris_utcb utcb;
    uint32_t calling;
    int error;
};

static bool has_fxsr(void) { return iris_data_page()->features & IRIS_FEATURE_FXSR; }

static void put_aside(struct aside *aside, struct thread *self)
{
    if (has_fxsr())
        __asm__ volatile("fxsave %0\n\tfninit" : "=m"(aside->fpu));
    else
        __asm__ volatile("fnsave %0" : "=m"(aside->fpu));
    memcpy(&aside->utcb, iris_utcb(), sizeof aside->utcb);
    aside->calling = self->calling;
    self->calling = 0;
    aside->error = errno;
}

static void take_back(const struct aside *aside, struct thread *self)
{
    errno = aside->error;
    self->calling = aside->calling;
    memcpy(iris_utcb(), &aside->utcb, sizeof aside->utcb);
    if (has_fxsr())
        __asm__ volatile("fxrstor %0" : : "m"(aside->fpu));
    else
        __asm__ volatile("frstor %0" : : "m"(aside->fpu));
}

/* ---- One handler ---- */

static void to_context(const struct interrupted *frame, const struct thread *self, uint64_t mask,
                       ucontext_t *context)
{
    memset(context, 0, sizeof *context);
    context->uc_sigmask = mask;
    context->uc_stack = self->signal_stack;
    if (frame == NULL)
        return;
    struct iris_registers *r = &context->uc_mcontext.registers;
    r->edi = frame->edi, r->esi = frame->esi, r->ebp = frame->ebp, r->ebx = frame->ebx;
    r->edx = frame->edx, r->ecx = frame->ecx, r->eax = frame->eax;
    r->flags = frame->flags, r->ip = frame->ip, r->sp = frame->sp;
}

/* A handler may have changed where and with what its thread goes on, all but the stack. */
static void from_context(const ucontext_t *context, struct interrupted *frame)
{
    const struct iris_registers *r = &context->uc_mcontext.registers;
    if (frame == NULL)
        return;
    frame->edi = r->edi, frame->esi = r->esi, frame->ebp = r->ebp, frame->ebx = r->ebx;
    frame->edx = r->edx, frame->ecx = r->ecx, frame->eax = r->eax;
    frame->flags = r->flags, frame->ip = r->ip;
}

/* Calls it on another stack, which ends at `top`. */
static void call_on(uint32_t top, const struct sigaction *action, siginfo_t *info,
                    ucontext_t *context)
{
    uint32_t *stack = (uint32_t *)(top & -16u) - 4;
    stack[0] = (uint32_t)info->si_signo;
    stack[1] = (uint32_t)info;
    stack[2] = (uint32_t)context;
    __asm__ volatile("movl %%esp, %%esi\n\t"
                     "movl %0, %%esp\n\t"
                     "call *%1\n\t"
                     "movl %%esi, %%esp"
                     :
                     : "b"(stack), "D"(action->sa_sigaction)
                     : "esi", "eax", "ecx", "edx", "memory", "cc");
}

static void call(struct thread *self, const struct sigaction *action, siginfo_t *info,
                 ucontext_t *context)
{
    const stack_t *stack = &self->signal_stack;
    uint32_t top = (uint32_t)stack->ss_sp + stack->ss_size;
    uint32_t here = (uint32_t)__builtin_frame_address(0);
    bool on = stack->ss_sp != NULL && here - (uint32_t)stack->ss_sp < stack->ss_size;
    if (action->sa_flags & SA_ONSTACK && stack->ss_sp != NULL && !on)
        call_on(top, action, info, context);
    else
        action->sa_sigaction(info->si_signo, info, context);
}

static void handle(struct thread *self, const struct sigaction *action, siginfo_t *info,
                   struct interrupted *frame)
{
    uint64_t mask = self->signal_mask, own = SIGNAL_BIT(info->si_signo);
    struct aside aside;
    ucontext_t context;
    to_context(frame, self, mask, &context);
    self->signal_mask =
        mask | (action->sa_mask & ~UNCATCHABLE) | (action->sa_flags & SA_NODEFER ? 0 : own);
    put_aside(&aside, self);
    call(self, action, info, &context);
    take_back(&aside, self);
    self->signal_mask = mask;
    from_context(&context, frame);
    self->signal_handled |= action->sa_flags & SA_RESTART ? SIGNAL_RESTARTS : SIGNAL_BREAKS;
    __atomic_add_fetch(&self->signal_arrivals, 1, __ATOMIC_RELEASE);
    if (self->signal_bell != 0)
        iris_notify(self->signal_bell, THREAD_BELL);
}

/* ---- All that are due ---- */

void signals_default(int signal) { process_signal_default(IRIS_SLOT_PROCESS, (uint32_t)signal); }

/* The next signal and what to do with it; false: none is due. */
static bool next(struct thread *self, siginfo_t *info, struct sigaction *action)
{
    signals_hold(self);
    *self->signal_flag = 0;
    signals_lock();
    int signal = pending_take(self, ~self->signal_mask, info);
    *action = signal_actions[signal];
    if (signal != 0 && action->sa_flags & SA_RESETHAND && action->sa_handler != SIG_DFL)
        signal_actions[signal].sa_handler = SIG_DFL;
    signals_unlock();
    __atomic_sub_fetch(&self->signal_hold, 1, __ATOMIC_SEQ_CST); /* we look again ourselves */
    return signal != 0;
}

void signals_take(struct interrupted *frame)
{
    struct thread *self = thread_self();
    struct sigaction action;
    siginfo_t info;
    while (self->signal_hold == 0 && next(self, &info, &action)) {
        if (action.sa_handler == SIG_DFL)
            signals_default(info.si_signo);
        else if (action.sa_handler != SIG_IGN)
            handle(self, &action, &info, frame);
    }
}

/*
 * From entry.S; the result is the frame to go on from. A thread whose own stack is of no use has
 * come here on its alternate one.
 */
struct interrupted *signals_interrupted(struct interrupted *frame)
{
    struct thread *self = thread_self();
    uint32_t sp = self->signal_sp;
    frame->ip = self->signal_ip;
    frame->sp = sp != 0 ? sp : (uint32_t)(frame + 1);
    __atomic_store_n(&self->signal_injected, 0, __ATOMIC_RELEASE);
    signals_take(frame);
    if (sp == 0)
        return frame;
    struct interrupted *own = (struct interrupted *)sp - 1;
    *own = *frame;
    return own;
}

struct interrupted *signals_after_call(struct interrupted *frame)
{
    frame->sp = (uint32_t)(frame + 1);
    signals_take(frame); /* not if it holds: then the end of that takes it */
    return frame;
}

/* ---- raise.c, system calls ---- */

int signals_raise(int signal);
void signals_abort(void);

int signals_raise(int signal)
{
    struct thread *self = thread_self();
    const siginfo_t info = {.si_signo = signal, .si_code = SI_TKILL, .si_pid = getpid()};
    if (signal == 0)
        return 0;
    if (SIGNAL_BIT(signal) & UNCATCHABLE) {
        signals_default(signal);
        return 0;
    }
    signals_hold(self);
    iris_mutex_lock(&threads_lock);
    signals_lock();
    pending_oppose(signal);
    int error = pending_add(self, &info);
    signals_unlock();
    iris_mutex_unlock(&threads_lock);
    *self->signal_flag = 1;
    signals_release(self);
    return libc_result(error);
}

void signals_abort(void)
{
    sigset_t set = SIGNAL_BIT(SIGABRT);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    signals_raise(SIGABRT);
}
