/* SPDX-License-Identifier: MIT */
/* Once, spin locks, and what there is instead of fork handlers. */
#include <errno.h>
#include <pthread.h>

#include "pthread_private.h"

enum { ONCE_NEW, ONCE_RUNNING, ONCE_DONE };

static void set(pthread_once_t *once, uint32_t state)
{
    __atomic_store_n(&once->__state, state, __ATOMIC_RELEASE);
    iris_word_rouse_all(&once->__state);
}

/* The routine was cancelled: as if it had never been called. */
static void give_up(void *once) { set(once, ONCE_NEW); }

static void run(pthread_once_t *once, void (*routine)(void))
{
    pthread_cleanup_push(give_up, once);
    routine();
    pthread_cleanup_pop(0);
    set(once, ONCE_DONE);
}

int pthread_once(pthread_once_t *once, void (*routine)(void))
{
    uint32_t state;

    while ((state = __atomic_load_n(&once->__state, __ATOMIC_ACQUIRE)) != ONCE_DONE) {
        if (state == ONCE_RUNNING)
            iris_word_sleep(&once->__state, ONCE_RUNNING, IRIS_DEADLINE_NONE);
        else if (__atomic_compare_exchange_n(&once->__state, &state, ONCE_RUNNING, false,
                                             __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            run(once, routine);
    }
    return 0;
}

/*
 * There is one processor: while one thread spins, the other cannot unlock. So who finds the lock
 * taken sleeps at once.
 */
static struct iris_mutex *word_of(pthread_spinlock_t *lock)
{
    return (struct iris_mutex *)&lock->__word;
}

int pthread_spin_init(pthread_spinlock_t *lock, int shared)
{
    if (shared != PTHREAD_PROCESS_PRIVATE && shared != PTHREAD_PROCESS_SHARED)
        return EINVAL;
    lock->__word = 0;
    return 0;
}

int pthread_spin_destroy(pthread_spinlock_t *lock) { return lock->__word != 0 ? EBUSY : 0; }

int pthread_spin_lock(pthread_spinlock_t *lock)
{
    iris_mutex_lock(word_of(lock));
    return 0;
}

int pthread_spin_trylock(pthread_spinlock_t *lock)
{
    return iris_mutex_try(word_of(lock)) ? 0 : EBUSY;
}

int pthread_spin_unlock(pthread_spinlock_t *lock)
{
    iris_mutex_unlock(word_of(lock));
    return 0;
}

/* Nothing forks, so there is never anything to call. */
int pthread_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void))
{
    (void)prepare;
    (void)parent;
    (void)child;
    return 0;
}
