/* SPDX-License-Identifier: MIT */
/*
 * Priorities that come from mutexes. A thread's effective priority is the highest of its own, of
 * the ceilings of the mutexes it has (PTHREAD_PRIO_PROTECT), and of the threads that have found one
 * of them taken (PTHREAD_PRIO_INHERIT). The last is kept in the mutex, and goes when it is
 * unlocked: the kernel wakes the sleeper with the highest priority, so whoever has it next need not
 * inherit from those who sleep on; and if another was quicker, the one that was woken lends it its
 * own.
 *
 * The lock that guards all this must not be what a high thread waits for while a middle one runs:
 * so whoever has it runs at the highest priority that there is, and gives that up in the last step.
 */
#include <pthread.h>

#include <iris/calls.h>
#include <iris/object.h>

#include "pthread_private.h"

#define CHAIN_MOST 64 /* mutexes; a longer chain of threads is a deadlock */

static struct iris_mutex lock;

static void set(const struct thread *thread, int priority)
{
    if (thread->handle != 0)
        iris_thread_schedule(thread->handle, (uint32_t)priority, 0, 0, IRIS_PRIORITY_NONE, 0);
}

void priority_begin(struct thread *self)
{
    set(self, sched_get_priority_max(SCHED_FIFO));
    iris_mutex_lock(&lock);
}

/* Who runs at the highest priority by itself may have changed it between the two steps. */
void priority_end(struct thread *self)
{
    int priority;

    iris_mutex_unlock(&lock);
    do {
        priority = __atomic_load_n(&self->effective, __ATOMIC_SEQ_CST);
        set(self, priority);
    } while (__atomic_load_n(&self->effective, __ATOMIC_SEQ_CST) != priority);
}

static int due(const pthread_mutex_t *mutex)
{
    return mutex->__protocol == PTHREAD_PRIO_PROTECT ? mutex->__ceiling : (int)mutex->__waiters;
}

void priority_reconsider(struct thread *thread)
{
    int priority = thread->priority;

    for (const pthread_mutex_t *mutex = thread->held; mutex != NULL; mutex = mutex->__next)
        if (due(mutex) > priority)
            priority = due(mutex);
    if (priority == thread->effective)
        return;
    __atomic_store_n(&thread->effective, priority, __ATOMIC_SEQ_CST);
    if (thread != thread_self())
        set(thread, priority);
}

void priority_lend(struct thread *self, pthread_mutex_t *mutex)
{
    self->awaited = mutex;
    for (int i = 0; mutex != NULL && i < CHAIN_MOST; i++) {
        struct thread *owner = mutex->__holder;
        if (owner == NULL || (int)mutex->__waiters >= self->effective)
            return;
        mutex->__waiters = (unsigned)self->effective;
        priority_reconsider(owner);
        mutex = owner->awaited;
    }
}

/* ---- Lists of mutexes ---- */

void mutex_list_add(pthread_mutex_t **list, pthread_mutex_t *mutex)
{
    mutex->__waiters = 0;
    mutex->__previous = NULL;
    mutex->__next = *list;
    if (*list != NULL)
        (*list)->__previous = mutex;
    *list = mutex;
}

void mutex_list_remove(pthread_mutex_t **list, pthread_mutex_t *mutex)
{
    if (mutex->__previous != NULL)
        mutex->__previous->__next = mutex->__next;
    else
        *list = mutex->__next;
    if (mutex->__next != NULL)
        mutex->__next->__previous = mutex->__previous;
}
