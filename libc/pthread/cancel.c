/* SPDX-License-Identifier: MIT */
/*
 * Cancellation. A thread that sleeps in the library is woken through its `interrupt` word, which
 * the kernel compares before it lets it sleep; one that has called a server is cancelled there. One
 * that may be cancelled at any time is halted, and goes on in pthread_exit.
 */
#define _GNU_SOURCE /* pthread_cleanup_push_defer_np */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <iris/calls.h>
#include <iris/object.h>
#include <iris/state.h>

#include "pthread_private.h"

void thread_cancel_point(void)
{
    if (thread_is_cancelled())
        pthread_exit(PTHREAD_CANCELED);
}

void thread_cancel_now(void) { thread_cancel_point(); }

void pthread_testcancel(void) { thread_cancel_point(); }

/* ---- Striking ---- */

static int exchange(const struct thread *thread, uint32_t what, struct iris_state *state)
{
    return iris_thread_exchange_registers(IRIS_SLOT_SPACE,
                                          what | IRIS_STATE_SLOT(thread->utcb->slot), state);
}

/*
 * Ends the call that the thread is in. It may stand just before the kernel's door, or not have come
 * that far: then it gets this thread's time until it has, and is looked at again.
 */
static void break_call(const struct thread *thread)
{
    struct iris_state state;

    while (__atomic_load_n(&thread->calling, __ATOMIC_ACQUIRE) != 0) {
        exchange(thread, IRIS_STATE_READ | IRIS_STATE_CANCEL, &state);
        if (state.registers.state == IRIS_THREAD_HALTED ||
            state.registers.state == IRIS_THREAD_DEAD)
            return;
        if (thread->handle == 0 || iris_thread_switch(thread->handle) < 0)
            iris_thread_switch(0);
    }
}

static void __attribute__((noreturn)) leave(void) { pthread_exit(PTHREAD_CANCELED); }

/* Has it go on at `leave`, on its own stack, as if it had been called there. */
static void strike(const struct thread *thread)
{
    struct iris_state state;

    if (exchange(thread, IRIS_STATE_READ | IRIS_STATE_CANCEL | IRIS_STATE_HALT, &state) != 0)
        return;
    state.registers.ip = (uint32_t)leave;
    state.registers.sp = ((state.registers.sp - 64) & -16u) - 4;
    state.registers.flags &= ~(1u << 10); /* DF is clear at a function's beginning */
    exchange(thread, IRIS_STATE_REGISTERS | IRIS_STATE_RESUME, &state);
}

static void cancel_other(struct thread *thread)
{
    thread_interrupt(thread, THREAD_CANCELLED);
    if (thread->utcb == NULL)
        return; /* it will see it when it begins, or has ended */
    uint32_t flags = __atomic_load_n(thread->cancel_flags, __ATOMIC_ACQUIRE);
    if (flags == THREAD_CANCEL_ASYNC)
        strike(thread);
    else if (!(flags & THREAD_CANCEL_OFF))
        break_call(thread);
}

int pthread_cancel(pthread_t name)
{
    struct thread *self = thread_self();
    int error = 0;

    iris_mutex_lock(&threads_lock);
    struct thread *thread = thread_of(name);
    if (thread == NULL)
        error = ESRCH;
    else if (thread == self)
        __atomic_fetch_or(&self->interrupt, THREAD_CANCELLED, __ATOMIC_ACQ_REL);
    else
        cancel_other(thread);
    iris_mutex_unlock(&threads_lock);
    if (thread == self && *self->cancel_flags == THREAD_CANCEL_ASYNC)
        thread_cancel_point();
    return error;
}

/* ---- Cleanup handlers: a list on the thread's stack ---- */

void _pthread_cleanup_push(struct _pthread_cleanup_context *context, void (*routine)(void *),
                           void *argument)
{
    struct thread *self = thread_self();

    if (self == NULL)
        abort();
    *context = (struct _pthread_cleanup_context){
        ._routine = routine, ._arg = argument, ._previous = self->cleanup};
    self->cleanup = context;
}

void _pthread_cleanup_pop(struct _pthread_cleanup_context *context, int execute)
{
    thread_self()->cleanup = context->_previous;
    if (execute)
        context->_routine(context->_arg);
}

void _pthread_cleanup_push_defer(struct _pthread_cleanup_context *context, void (*routine)(void *),
                                 void *argument)
{
    _pthread_cleanup_push(context, routine, argument);
    pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, &context->_canceltype);
}

void _pthread_cleanup_pop_restore(struct _pthread_cleanup_context *context, int execute)
{
    pthread_setcanceltype(context->_canceltype, NULL);
    _pthread_cleanup_pop(context, execute);
}

void thread_run_cleanup(struct thread *self)
{
    while (self->cleanup != NULL)
        _pthread_cleanup_pop(self->cleanup, 1);
}
