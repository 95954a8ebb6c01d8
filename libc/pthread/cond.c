/* SPDX-License-Identifier: MIT */
/*
 * Conditions. Between threads of one program every waiter has a word of its own, in a list that the
 * condition leads to: so a signal wakes one that was waiting when it was sent, the one with the
 * highest priority, and who is woken needs the condition no more. Between processes, which cannot
 * see each other's stacks, all sleep on a count of signals, and every signal wakes all: those for
 * whom it was not meant return for no reason, as POSIX allows.
 */
#include <errno.h>
#include <pthread.h>
#include <sys/neutrino.h>

#include "pthread_private.h"

struct waiter {
    struct waiter *next;
    uint32_t signalled; /* its word */
    int priority;
};

/* ---- Attributes ---- */

int pthread_condattr_init(pthread_condattr_t *attributes)
{
    *attributes = (pthread_condattr_t){.__clock = CLOCK_REALTIME, .__magic = ATTRIBUTES_MAGIC};
    return 0;
}

static int check(const pthread_condattr_t *attributes)
{
    return attributes->__magic == ATTRIBUTES_MAGIC ? 0 : EINVAL;
}

int pthread_condattr_destroy(pthread_condattr_t *attributes)
{
    int error = check(attributes);

    attributes->__magic = 0;
    return error;
}

int pthread_condattr_setclock(pthread_condattr_t *attributes, clockid_t clock)
{
    if (check(attributes) != 0 || (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC))
        return EINVAL;
    attributes->__clock = clock;
    return 0;
}

int pthread_condattr_getclock(const pthread_condattr_t *attributes, clockid_t *clock)
{
    *clock = attributes->__clock;
    return check(attributes);
}

int pthread_condattr_setpshared(pthread_condattr_t *attributes, int shared)
{
    if (check(attributes) != 0 ||
        (shared != PTHREAD_PROCESS_PRIVATE && shared != PTHREAD_PROCESS_SHARED))
        return EINVAL;
    attributes->__shared = shared;
    return 0;
}

int pthread_condattr_getpshared(const pthread_condattr_t *attributes, int *shared)
{
    *shared = attributes->__shared;
    return check(attributes);
}

int pthread_cond_init(pthread_cond_t *condition, const pthread_condattr_t *attributes)
{
    if (attributes != NULL && check(attributes) != 0)
        return EINVAL;
    *condition = (pthread_cond_t){.__clock = attributes != NULL ? attributes->__clock : 0,
                                  .__shared = attributes != NULL && attributes->__shared != 0};
    return 0;
}

/* ---- Within one program ---- */

static struct iris_mutex *list_lock(pthread_cond_t *condition)
{
    return (struct iris_mutex *)&condition->__word;
}

/* Behind those of the same priority. */
static void enter(pthread_cond_t *condition, struct waiter *waiter)
{
    struct waiter **place = (struct waiter **)&condition->__first;

    iris_mutex_lock(list_lock(condition));
    while (*place != NULL && (*place)->priority >= waiter->priority)
        place = &(*place)->next;
    waiter->next = *place;
    *place = waiter;
    iris_mutex_unlock(list_lock(condition));
}

/* Takes it out. False: a signal has, and is about to set its word. */
static bool leave(pthread_cond_t *condition, struct waiter *waiter)
{
    iris_mutex_lock(list_lock(condition));
    struct waiter **place = (struct waiter **)&condition->__first;
    while (*place != NULL && *place != waiter)
        place = &(*place)->next;
    bool found = *place != NULL;
    if (found)
        *place = waiter->next;
    iris_mutex_unlock(list_lock(condition));
    return found;
}

/* Takes up to `count` of them out. */
static struct waiter *take_out(pthread_cond_t *condition, uint32_t count)
{
    struct waiter *first = NULL, **last = &first;

    iris_mutex_lock(list_lock(condition));
    while (count-- > 0 && condition->__first != NULL) {
        struct waiter *waiter = condition->__first;
        condition->__first = waiter->next;
        *last = waiter;
        last = &waiter->next;
    }
    *last = NULL;
    iris_mutex_unlock(list_lock(condition));
    return first;
}

/* Once its word is set, a waiter's stack is its own again, and it may destroy the condition. */
static void wake(pthread_cond_t *condition, uint32_t count)
{
    struct waiter *waiter = take_out(condition, count);

    while (waiter != NULL) {
        struct waiter *next = waiter->next;
        __atomic_store_n(&waiter->signalled, 1, __ATOMIC_RELEASE);
        iris_word_rouse(&waiter->signalled);
        waiter = next;
    }
}

static bool is_signalled(const struct waiter *waiter)
{
    return __atomic_load_n(&waiter->signalled, __ATOMIC_ACQUIRE) != 0;
}

/* A signal was meant for this waiter: it must not go before the word is set. */
static void await_signal(const struct waiter *waiter)
{
    while (!is_signalled(waiter))
        iris_word_sleep(&waiter->signalled, 0, IRIS_DEADLINE_NONE);
}

/* 0, ETIMEDOUT, or EINTR when the thread is cancelled. */
static int sleep_private(pthread_cond_t *condition, struct waiter *waiter, uint64_t deadline)
{
    int error = 0;

    while (!is_signalled(waiter) && error != -ETIMEDOUT && !thread_is_cancelled())
        error = thread_sleep(&waiter->signalled, 0, deadline);
    if (!is_signalled(waiter) && leave(condition, waiter))
        return error == -ETIMEDOUT ? ETIMEDOUT : EINTR;
    await_signal(waiter);
    if (thread_is_cancelled())
        wake(condition, 1); /* whoever is cancelled uses no signal up */
    return 0;
}

/* ---- Between processes ---- */

static int sleep_shared(pthread_cond_t *condition, uint32_t sequence, uint64_t deadline)
{
    int error = thread_sleep(&condition->__sequence, sequence, deadline);

    /* Whoever destroys the condition waits for those who are still here. */
    if (__atomic_sub_fetch(&condition->__waiters, 1, __ATOMIC_SEQ_CST) == 0)
        iris_word_rouse_all(&condition->__waiters);
    return error == -ETIMEDOUT ? ETIMEDOUT : 0;
}

static void wake_shared(pthread_cond_t *condition)
{
    __atomic_fetch_add(&condition->__sequence, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&condition->__waiters, __ATOMIC_SEQ_CST) != 0)
        iris_word_rouse_all(&condition->__sequence);
}

/* ---- Waiting ---- */

static int wait_private(pthread_cond_t *condition, pthread_mutex_t *mutex, uint64_t deadline)
{
    const struct thread *self = thread_self();
    struct waiter waiter = {.priority = self != NULL ? self->effective : 0};
    unsigned depth;

    enter(condition, &waiter);
    int error = mutex_release(mutex, &depth);
    if (error != 0) {
        if (!leave(condition, &waiter))
            await_signal(&waiter);
        return error;
    }
    error = sleep_private(condition, &waiter, deadline);
    int retaken = mutex_retake(mutex, depth);
    thread_cancel_point();
    return retaken != 0 ? retaken : error == EINTR ? 0 : error;
}

static int wait_shared(pthread_cond_t *condition, pthread_mutex_t *mutex, uint64_t deadline)
{
    uint32_t sequence = __atomic_load_n(&condition->__sequence, __ATOMIC_SEQ_CST);
    unsigned depth;

    __atomic_fetch_add(&condition->__waiters, 1, __ATOMIC_SEQ_CST);
    int error = mutex_release(mutex, &depth);
    if (error != 0) {
        __atomic_fetch_sub(&condition->__waiters, 1, __ATOMIC_SEQ_CST);
        return error;
    }
    error = sleep_shared(condition, sequence, deadline);
    int retaken = mutex_retake(mutex, depth);
    thread_cancel_point();
    return retaken != 0 ? retaken : error;
}

static int wait_until(pthread_cond_t *condition, pthread_mutex_t *mutex, uint64_t deadline)
{
    thread_cancel_point();
    return condition->__shared ? wait_shared(condition, mutex, deadline)
                               : wait_private(condition, mutex, deadline);
}

int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex)
{
    return wait_until(condition, mutex, thread_deadline(_NTO_TIMEOUT_CONDVAR));
}

int pthread_cond_clockwait(pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t clock,
                           const struct timespec *time)
{
    uint64_t deadline;
    int error = deadline_of(clock, time, &deadline);

    return error != 0 ? error : wait_until(condition, mutex, deadline);
}

int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
                           const struct timespec *time)
{
    clockid_t clock = condition->__clock != 0 ? condition->__clock : CLOCK_REALTIME;
    return pthread_cond_clockwait(condition, mutex, clock, time);
}

int pthread_cond_signal(pthread_cond_t *condition)
{
    if (condition->__shared)
        wake_shared(condition);
    else if (__atomic_load_n(&condition->__first, __ATOMIC_SEQ_CST) != NULL)
        wake(condition, 1);
    return 0;
}

int pthread_cond_broadcast(pthread_cond_t *condition)
{
    if (condition->__shared)
        wake_shared(condition);
    else if (__atomic_load_n(&condition->__first, __ATOMIC_SEQ_CST) != NULL)
        wake(condition, UINT32_MAX);
    return 0;
}

/* EBUSY: somebody waits. Of those that were woken none touches it any more. */
int pthread_cond_destroy(pthread_cond_t *condition)
{
    if (!condition->__shared)
        return condition->__first != NULL ? EBUSY : 0;
    for (uint32_t left; (left = __atomic_load_n(&condition->__waiters, __ATOMIC_SEQ_CST)) != 0;)
        iris_word_sleep(&condition->__waiters, left, IRIS_DEADLINE_NONE);
    return 0;
}
