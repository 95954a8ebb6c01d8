/* SPDX-License-Identifier: MIT */
/* Kinds of mutexes; wrong owners, dead owners. */
#include "pthreads.h"

static pthread_mutex_t make(int type, int robust, int protocol)
{
    pthread_mutexattr_t attributes;
    pthread_mutex_t mutex;

    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, type);
    pthread_mutexattr_setrobust(&attributes, robust);
    pthread_mutexattr_setprotocol(&attributes, protocol);
    TEST_EQUAL(pthread_mutex_init(&mutex, &attributes), 0, "a mutex %d %d %d", type, robust,
               protocol);
    pthread_mutexattr_destroy(&attributes);
    return mutex;
}

static void *unlock_it(void *mutex) { return (void *)pthread_mutex_unlock(mutex); }
static void *lock_and_end(void *mutex) { return (void *)pthread_mutex_lock(mutex); }
static void *try_it(void *mutex)
{
    int error = pthread_mutex_trylock(mutex);

    if (error == 0)
        pthread_mutex_unlock(mutex);
    return (void *)error;
}

static void check_types(int protocol)
{
    pthread_mutex_t mutex = make(PTHREAD_MUTEX_ERRORCHECK, 0, protocol);

    pthread_mutex_lock(&mutex);
    TEST_EQUAL(pthread_mutex_lock(&mutex), EDEADLK, "an error-checking one is not taken twice");
    TEST_EQUAL((int)join(start(unlock_it, &mutex)), EPERM, "nor given up by another thread");
    TEST_EQUAL(pthread_mutex_destroy(&mutex), EBUSY, "nor destroyed while it is locked");
    TEST_EQUAL(pthread_mutex_unlock(&mutex), 0, "its owner unlocks it");
    TEST_EQUAL(pthread_mutex_unlock(&mutex), EPERM, "once");
    TEST_EQUAL(pthread_mutex_destroy(&mutex), 0, "then it can be destroyed");
    mutex = make(PTHREAD_MUTEX_RECURSIVE, 0, protocol);
    for (int i = 0; i < 3; i++)
        TEST_EQUAL(pthread_mutex_lock(&mutex), 0, "a recursive one is taken again");
    for (int i = 0; i < 3; i++) {
        TEST_EQUAL((int)join(start(try_it, &mutex)), EBUSY, "nobody else gets it");
        pthread_mutex_unlock(&mutex);
    }
    TEST_EQUAL((int)join(start(try_it, &mutex)), 0, "before it is unlocked as often");
    mutex = make(PTHREAD_MUTEX_NORMAL, 0, protocol);
    pthread_mutex_lock(&mutex);
    struct timespec time = in_ms(CLOCK_REALTIME, 20);
    TEST_EQUAL(pthread_mutex_timedlock(&mutex, &time), ETIMEDOUT, "a normal one: waits in vain");
    time = in_ms(CLOCK_MONOTONIC, 20);
    TEST_EQUAL(pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, &time), ETIMEDOUT, "by any clock");
    time.tv_nsec = 1000000000L;
    TEST_EQUAL(pthread_mutex_timedlock(&mutex, &time), EINVAL, "until a real time");
    pthread_mutex_unlock(&mutex);
}

static void check_robust(int protocol)
{
    pthread_mutex_t mutex = make(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST, protocol);

    join(start(lock_and_end, &mutex));
    TEST_EQUAL(pthread_mutex_lock(&mutex), EOWNERDEAD, "its owner ended");
    TEST_EQUAL(pthread_mutex_consistent(&mutex), 0, "made good");
    TEST_EQUAL(pthread_mutex_consistent(&mutex), EINVAL, "once");
    TEST_EQUAL(pthread_mutex_unlock(&mutex), 0, "it is unlocked");
    TEST_EQUAL(pthread_mutex_lock(&mutex), 0, "and as good as new");
    pthread_mutex_unlock(&mutex);
    join(start(lock_and_end, &mutex));
    TEST_EQUAL(pthread_mutex_trylock(&mutex), EOWNERDEAD, "ended again");
    pthread_mutex_unlock(&mutex);
    TEST_EQUAL(pthread_mutex_lock(&mutex), ENOTRECOVERABLE, "not made good: lost");
    TEST_EQUAL(pthread_mutex_destroy(&mutex), 0, "good for nothing but to be destroyed");
}

/* A thread that waits when the owner ends learns it. */
static void check_orphan_awaited(void)
{
    pthread_mutex_t mutex = make(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST, 0);

    pthread_mutex_lock(&mutex);
    pthread_t thread = start(lock_and_end, &mutex);
    sched_yield();
    pthread_mutex_unlock(&mutex);
    TEST_EQUAL((int)join(thread), 0, "the next in line had it");
    TEST_EQUAL(pthread_mutex_lock(&mutex), EOWNERDEAD, "and ended with it");
    pthread_mutex_consistent(&mutex);
    pthread_mutex_unlock(&mutex);
}

void check_mutexes(unsigned rounds)
{
    (void)rounds;
    for (int protocol = PTHREAD_PRIO_NONE; protocol <= PTHREAD_PRIO_PROTECT; protocol++) {
        check_types(protocol);
        check_robust(protocol);
    }
    check_orphan_awaited();
}
