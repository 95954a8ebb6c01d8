/* SPDX-License-Identifier: MIT */
/*
 * Beginning and end of threads. A thread that has ended cannot give its stack back itself: whoever
 * joins it does, and a detached one waits in a list for the next thread that begins or ends.
 */
#include <errno.h>
#include <pthread.h>
#include <reent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/neutrino.h>

#include <iris/calls.h>
#include <iris/object.h>
#include <iris/vdso.h>

#include "pthread_private.h"

static uint32_t alive = 1; /* threads of the program that have not ended, the main one included */
static struct thread *reaped; /* detached threads that have ended */

/* ---- The end ---- */

static void give_back(struct thread *thread)
{
    iris_thread_discard(&thread->launched);
    free(thread);
}

static void reap(void)
{
    struct thread *thread = __atomic_exchange_n(&reaped, NULL, __ATOMIC_ACQUIRE);

    while (thread != NULL) {
        struct thread *next = thread->reap_next;
        give_back(thread);
        thread = next;
    }
}

/* The thread may be destroyed at once: so it holds no lock, and does nothing that others need. */
static void lie_down(struct thread *self)
{
    self->reap_next = __atomic_load_n(&reaped, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(&reaped, &self->reap_next, self, false, __ATOMIC_RELEASE,
                                        __ATOMIC_RELAXED))
        ;
}

static void announce_end(struct thread *self)
{
    thread_leave_running(self);
    uint32_t state = __atomic_fetch_or(&self->state, THREAD_ENDED, __ATOMIC_ACQ_REL);
    if (state & THREAD_DETACHED) {
        thread_leave(self);
        lie_down(self);
    } else
        iris_word_rouse_all(&self->state);
}

/* What a thread does after the last instruction of the program's. */
static void finish(struct thread *self)
{
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
    thread_end_values(self);
    mutex_owner_ends(self);
    if (__atomic_sub_fetch(&alive, 1, __ATOMIC_ACQ_REL) == 0)
        exit(0);
    reap();
    if (thread_block()->reent != NULL)
        _reclaim_reent(thread_block()->reent);
    announce_end(self);
}

void pthread_exit(void *result)
{
    struct thread *self = thread_self();

    if (self == NULL)
        abort();
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
    self->result = result;
    thread_run_cleanup(self);
    if (self->function != NULL)
        longjmp(self->exit, 1);
    /* The main thread's stack holds the arguments; the process lasts until the last thread ends. */
    finish(self);
    for (;;)
        iris_word_sleep(&alive, alive, IRIS_DEADLINE_NONE);
}

/* ---- The beginning ---- */

static int run(void *argument)
{
    struct thread *self = argument;
    struct iris_thread_block *block = thread_block();

    block->reserved[THREAD_WORD_RECORD] = (uint32_t)self;
    self->cancel_flags = &block->reserved[THREAD_WORD_CANCEL];
    self->signal_flag = &block->reserved[THREAD_WORD_SIGNALS];
    self->id = iris_thread_id();
    self->handle = self->launched.handle;
    __atomic_store_n(&self->utcb, iris_utcb(), __ATOMIC_RELEASE);
    if (setjmp(self->exit) == 0)
        self->result = self->function(self->argument);
    finish(self);
    return 0;
}

/* Scheduling of the new thread: the creator's, or the attributes'. */
static void choose_terms(struct thread *thread, const pthread_attr_t *attributes)
{
    const struct thread *self = thread_self();

    if (attributes->__inherit == PTHREAD_EXPLICIT_SCHED) {
        thread->policy = attributes->__policy;
        thread->priority = attributes->__param.sched_priority;
    } else if (self != NULL) {
        thread->policy = self->policy;
        thread->priority = self->priority;
    }
    thread->effective = thread->priority;
}

static int launch(struct thread *thread, const pthread_attr_t *attributes)
{
    const struct iris_thread_options options = {.stack = attributes->__stack_size,
                                                .priority = thread->priority,
                                                .guard = attributes->__guard_size,
                                                .memory = (uint32_t)attributes->__stack,
                                                .unannounced = true};
    int status = iris_thread_launch(&thread->launched, run, thread, &options);

    if (status < 0)
        return status == -EPERM || status == -EINVAL ? -status : EAGAIN;
    thread->handle = thread->launched.handle;
    thread->id = thread->launched.id;
    if (thread->policy != SCHED_OTHER)
        thread_set_terms(thread);
    return 0;
}

int pthread_create(pthread_t *name, const pthread_attr_t *attributes, void *(*function)(void *),
                   void *argument)
{
    pthread_attr_t defaults;

    if (attributes == NULL) {
        pthread_attr_init(&defaults);
        attributes = &defaults;
    } else if (attributes->__magic != ATTRIBUTES_MAGIC)
        return EINVAL;
    reap();
    struct thread *thread = calloc(1, sizeof *thread);
    if (thread == NULL)
        return EAGAIN;
    thread->function = function;
    thread->argument = argument;
    thread->signal_mask = thread_self()->signal_mask;
    thread->state = attributes->__detach_state == PTHREAD_CREATE_DETACHED ? THREAD_DETACHED : 0;
    choose_terms(thread, attributes);
    *name = (pthread_t)thread;
    thread_enter(thread);
    __atomic_add_fetch(&alive, 1, __ATOMIC_RELAXED);
    int error = launch(thread, attributes);
    if (error != 0) {
        __atomic_sub_fetch(&alive, 1, __ATOMIC_RELAXED);
        thread_leave(thread);
        free(thread);
    }
    return error;
}

/* ---- Waiting for it ---- */

/* Whether this thread may wait for it; then nobody else may. */
static int begin_join(pthread_t name, struct thread **found)
{
    int error = 0;

    iris_mutex_lock(&threads_lock);
    struct thread *thread = thread_of(name);
    if (thread == NULL)
        error = ESRCH;
    else if (thread == thread_record(thread_block()))
        error = EDEADLK;
    else if (__atomic_load_n(&thread->state, __ATOMIC_ACQUIRE) & (THREAD_DETACHED | THREAD_AWAITED))
        error = EINVAL;
    else
        __atomic_fetch_or(&thread->state, THREAD_AWAITED, __ATOMIC_ACQ_REL);
    iris_mutex_unlock(&threads_lock);
    *found = thread;
    return error;
}

static int await_end(struct thread *thread, uint64_t deadline)
{
    for (;;) {
        uint32_t state = __atomic_load_n(&thread->state, __ATOMIC_ACQUIRE);
        if (state & THREAD_ENDED)
            return 0;
        int error = thread_sleep(&thread->state, state, deadline);
        if (error == -ETIMEDOUT || (error == -EINTR && thread_is_cancelled())) {
            __atomic_fetch_and(&thread->state, ~THREAD_AWAITED, __ATOMIC_ACQ_REL);
            thread_cancel_point();
            return ETIMEDOUT;
        }
    }
}

static int join_until(pthread_t name, void **result, uint64_t deadline)
{
    struct thread *thread;

    thread_cancel_point();
    int error = begin_join(name, &thread);
    if (error == 0)
        error = await_end(thread, deadline);
    if (error != 0)
        return error;
    if (result != NULL)
        *result = thread->result;
    thread_leave(thread);
    if (thread->function != NULL) /* the main thread stays what it is */
        give_back(thread);
    return 0;
}

int pthread_join(pthread_t name, void **result)
{
    return join_until(name, result, thread_deadline(_NTO_TIMEOUT_JOIN));
}

int pthread_tryjoin_np(pthread_t name, void **result)
{
    int error = join_until(name, result, IRIS_DEADLINE_POLL);
    return error == ETIMEDOUT ? EBUSY : error;
}

int pthread_timedjoin_np(pthread_t name, void **result, const struct timespec *time)
{
    uint64_t deadline;
    int error = deadline_of(CLOCK_REALTIME, time, &deadline);

    return error != 0 ? error : join_until(name, result, deadline);
}

int pthread_detach(pthread_t name)
{
    uint32_t state = 0;
    int error = 0;

    iris_mutex_lock(&threads_lock);
    struct thread *thread = thread_of(name);
    if (thread == NULL)
        error = ESRCH;
    else if (__atomic_load_n(&thread->state, __ATOMIC_ACQUIRE) & (THREAD_DETACHED | THREAD_AWAITED))
        error = EINVAL;
    else
        state = __atomic_fetch_or(&thread->state, THREAD_DETACHED, __ATOMIC_ACQ_REL);
    iris_mutex_unlock(&threads_lock);
    if (error == 0 && state & THREAD_ENDED) {
        thread_leave(thread);
        if (thread->function != NULL)
            give_back(thread);
    }
    return error;
}

/* ---- Names ---- */

pthread_t pthread_self(void) { return (pthread_t)thread_self(); }

int pthread_equal(pthread_t a, pthread_t b) { return a == b; }

int pthread_setname_np(pthread_t name, const char *text)
{
    int error = strlen(text) > PTHREAD_NAME_MAX ? ERANGE : 0;

    iris_mutex_lock(&threads_lock);
    struct thread *thread = thread_of(name);
    if (thread == NULL)
        error = ESRCH;
    else if (error == 0)
        strcpy(thread->name, text);
    iris_mutex_unlock(&threads_lock);
    return error;
}

int pthread_getname_np(pthread_t name, char *text, size_t size)
{
    int error = 0;

    iris_mutex_lock(&threads_lock);
    struct thread *thread = thread_of(name);
    if (thread == NULL)
        error = ESRCH;
    else if (strlen(thread->name) >= size)
        error = ERANGE;
    else
        strcpy(text, thread->name);
    iris_mutex_unlock(&threads_lock);
    return error;
}
