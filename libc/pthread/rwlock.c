/* SPDX-License-Identifier: MIT */
/*
 * Locks for readers and writers. A writer that waits keeps new readers out, except those who read
 * already: else a thread that reads twice would wait for itself. Who waits sleeps on a count that
 * changes when the lock has become free; then all look again.
 */
#include <errno.h>
#include <pthread.h>

#include "pthread_private.h"

#define WRITER 0x80000000u
#define READERS_MOST 0x7ffffffeu

static uint32_t load(const unsigned *word) { return __atomic_load_n(word, __ATOMIC_SEQ_CST); }

static bool change(unsigned *word, uint32_t from, uint32_t to)
{
    return __atomic_compare_exchange_n(word, &from, to, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

/* ---- Attributes ---- */

int pthread_rwlockattr_init(pthread_rwlockattr_t *attributes)
{
    *attributes = (pthread_rwlockattr_t){.__magic = ATTRIBUTES_MAGIC};
    return 0;
}

int pthread_rwlockattr_destroy(pthread_rwlockattr_t *attributes)
{
    int error = attributes->__magic == ATTRIBUTES_MAGIC ? 0 : EINVAL;

    attributes->__magic = 0;
    return error;
}

int pthread_rwlockattr_setpshared(pthread_rwlockattr_t *attributes, int shared)
{
    if (attributes->__magic != ATTRIBUTES_MAGIC ||
        (shared != PTHREAD_PROCESS_PRIVATE && shared != PTHREAD_PROCESS_SHARED))
        return EINVAL;
    attributes->__shared = shared;
    return 0;
}

int pthread_rwlockattr_getpshared(const pthread_rwlockattr_t *attributes, int *shared)
{
    *shared = attributes->__shared;
    return attributes->__magic == ATTRIBUTES_MAGIC ? 0 : EINVAL;
}

int pthread_rwlock_init(pthread_rwlock_t *lock, const pthread_rwlockattr_t *attributes)
{
    if (attributes != NULL && attributes->__magic != ATTRIBUTES_MAGIC)
        return EINVAL;
    *lock = (pthread_rwlock_t){.__state = 0};
    return 0;
}

int pthread_rwlock_destroy(pthread_rwlock_t *lock)
{
    return load(&lock->__state) != 0 || load(&lock->__waiters) != 0 ? EBUSY : 0;
}

/* ---- Taking ---- */

/* 0, EBUSY, EAGAIN. */
static int try_read(pthread_rwlock_t *lock)
{
    struct thread *self = thread_self();
    bool reads = self != NULL && self->read_locks > 0;
    uint32_t state = load(&lock->__state);

    while (!(state & WRITER) && (load(&lock->__writers) == 0 || reads)) {
        if (state >= READERS_MOST)
            return EAGAIN;
        if (change(&lock->__state, state, state + 1)) {
            if (self != NULL)
                self->read_locks++;
            return 0;
        }
        state = load(&lock->__state);
    }
    return EBUSY;
}

static int try_write(pthread_rwlock_t *lock)
{
    if (!change(&lock->__state, 0, WRITER))
        return EBUSY;
    __atomic_store_n(&lock->__owner, iris_utcb()->thread, __ATOMIC_RELEASE);
    return 0;
}

static int wait_for(pthread_rwlock_t *lock, int (*try)(pthread_rwlock_t *), uint64_t deadline)
{
    int error, slept = 0;

    __atomic_fetch_add(&lock->__waiters, 1, __ATOMIC_SEQ_CST);
    for (;;) {
        uint32_t changes = load(&lock->__changes);
        error = try(lock);
        if (error != EBUSY || slept == -ETIMEDOUT)
            break;
        slept = iris_word_sleep(&lock->__changes, changes, deadline);
    }
    __atomic_fetch_sub(&lock->__waiters, 1, __ATOMIC_SEQ_CST);
    return error == EBUSY ? ETIMEDOUT : error;
}

static void wake_all(pthread_rwlock_t *lock)
{
    __atomic_fetch_add(&lock->__changes, 1, __ATOMIC_SEQ_CST);
    if (load(&lock->__waiters) != 0)
        iris_word_rouse_all(&lock->__changes);
}

static bool is_mine(const pthread_rwlock_t *lock)
{
    return load(&lock->__state) == WRITER && load(&lock->__owner) == iris_utcb()->thread;
}

static int read_until(pthread_rwlock_t *lock, uint64_t deadline)
{
    return is_mine(lock) ? EDEADLK : wait_for(lock, try_read, deadline);
}

static int write_until(pthread_rwlock_t *lock, uint64_t deadline)
{
    if (is_mine(lock))
        return EDEADLK;
    __atomic_fetch_add(&lock->__writers, 1, __ATOMIC_SEQ_CST);
    int error = wait_for(lock, try_write, deadline);
    if (__atomic_sub_fetch(&lock->__writers, 1, __ATOMIC_SEQ_CST) == 0 && error != 0)
        wake_all(lock); /* readers need not stay out any more */
    return error;
}

int pthread_rwlock_tryrdlock(pthread_rwlock_t *lock) { return try_read(lock); }

int pthread_rwlock_trywrlock(pthread_rwlock_t *lock) { return try_write(lock); }

int pthread_rwlock_rdlock(pthread_rwlock_t *lock)
{
    int error = try_read(lock);
    return error != EBUSY ? error : read_until(lock, IRIS_DEADLINE_NONE);
}

int pthread_rwlock_wrlock(pthread_rwlock_t *lock)
{
    int error = try_write(lock);
    return error != EBUSY ? error : write_until(lock, IRIS_DEADLINE_NONE);
}

int pthread_rwlock_clockrdlock(pthread_rwlock_t *lock, clockid_t clock, const struct timespec *time)
{
    uint64_t deadline;
    int error = try_read(lock);

    if (error != EBUSY)
        return error;
    error = deadline_of(clock, time, &deadline);
    return error != 0 ? error : read_until(lock, deadline);
}

int pthread_rwlock_clockwrlock(pthread_rwlock_t *lock, clockid_t clock, const struct timespec *time)
{
    uint64_t deadline;
    int error = try_write(lock);

    if (error != EBUSY)
        return error;
    error = deadline_of(clock, time, &deadline);
    return error != 0 ? error : write_until(lock, deadline);
}

int pthread_rwlock_timedrdlock(pthread_rwlock_t *lock, const struct timespec *time)
{
    return pthread_rwlock_clockrdlock(lock, CLOCK_REALTIME, time);
}

int pthread_rwlock_timedwrlock(pthread_rwlock_t *lock, const struct timespec *time)
{
    return pthread_rwlock_clockwrlock(lock, CLOCK_REALTIME, time);
}

/* ---- Giving up ---- */

int pthread_rwlock_unlock(pthread_rwlock_t *lock)
{
    struct thread *self = thread_self();

    if (load(&lock->__state) & WRITER) {
        if (!is_mine(lock))
            return EPERM;
        lock->__owner = 0;
        __atomic_store_n(&lock->__state, 0, __ATOMIC_SEQ_CST);
        wake_all(lock);
        return 0;
    }
    if (load(&lock->__state) == 0)
        return EPERM;
    if (self != NULL && self->read_locks > 0)
        self->read_locks--;
    if (__atomic_sub_fetch(&lock->__state, 1, __ATOMIC_SEQ_CST) == 0)
        wake_all(lock);
    return 0;
}
