/* SPDX-License-Identifier: MIT */
/* Barriers: the last to arrive begins a new round and wakes those who sleep on its number. */
#include <errno.h>
#include <pthread.h>

#include "pthread_private.h"

int pthread_barrierattr_init(pthread_barrierattr_t *attributes)
{
    *attributes = (pthread_barrierattr_t){.__magic = ATTRIBUTES_MAGIC};
    return 0;
}

int pthread_barrierattr_destroy(pthread_barrierattr_t *attributes)
{
    int error = attributes->__magic == ATTRIBUTES_MAGIC ? 0 : EINVAL;

    attributes->__magic = 0;
    return error;
}

int pthread_barrierattr_setpshared(pthread_barrierattr_t *attributes, int shared)
{
    if (attributes->__magic != ATTRIBUTES_MAGIC ||
        (shared != PTHREAD_PROCESS_PRIVATE && shared != PTHREAD_PROCESS_SHARED))
        return EINVAL;
    attributes->__shared = shared;
    return 0;
}

int pthread_barrierattr_getpshared(const pthread_barrierattr_t *attributes, int *shared)
{
    *shared = attributes->__shared;
    return attributes->__magic == ATTRIBUTES_MAGIC ? 0 : EINVAL;
}

int pthread_barrier_init(pthread_barrier_t *barrier, const pthread_barrierattr_t *attributes,
                         unsigned count)
{
    if (count == 0 || (attributes != NULL && attributes->__magic != ATTRIBUTES_MAGIC))
        return EINVAL;
    *barrier = (pthread_barrier_t){.__count = count};
    return 0;
}

/* Who has been let through may still be on its way out; who waits for others: EBUSY. */
int pthread_barrier_destroy(pthread_barrier_t *barrier)
{
    if (__atomic_load_n(&barrier->__arrived, __ATOMIC_SEQ_CST) != 0)
        return EBUSY;
    for (uint32_t left; (left = __atomic_load_n(&barrier->__inside, __ATOMIC_SEQ_CST)) != 0;)
        iris_word_sleep(&barrier->__inside, left, IRIS_DEADLINE_NONE);
    return 0;
}

static void go_out(pthread_barrier_t *barrier)
{
    if (__atomic_sub_fetch(&barrier->__inside, 1, __ATOMIC_SEQ_CST) == 0)
        iris_word_rouse_all(&barrier->__inside);
}

/* True: this thread is the last of its round. */
static bool arrive(pthread_barrier_t *barrier, uint32_t *round)
{
    struct iris_mutex *lock = (struct iris_mutex *)&barrier->__word;

    iris_mutex_lock(lock);
    *round = barrier->__round;
    bool last = ++barrier->__arrived == barrier->__count;
    if (last) {
        barrier->__arrived = 0;
        __atomic_fetch_add(&barrier->__round, 1, __ATOMIC_SEQ_CST);
    }
    iris_mutex_unlock(lock);
    return last;
}

int pthread_barrier_wait(pthread_barrier_t *barrier)
{
    uint32_t round;

    __atomic_fetch_add(&barrier->__inside, 1, __ATOMIC_SEQ_CST);
    bool last = arrive(barrier, &round);
    if (last)
        iris_word_rouse_all(&barrier->__round);
    while (!last && __atomic_load_n(&barrier->__round, __ATOMIC_SEQ_CST) == round)
        iris_word_sleep(&barrier->__round, round, IRIS_DEADLINE_NONE);
    go_out(barrier);
    return last ? PTHREAD_BARRIER_SERIAL_THREAD : 0;
}
