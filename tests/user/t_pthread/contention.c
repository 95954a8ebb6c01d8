/* SPDX-License-Identifier: MIT */
/* No wake-up is lost: many threads, all primitives, counts that must come out even. */
#include "pthreads.h"

#include <string.h>

#define THREADS 6

static unsigned rounds;
static pthread_mutex_t mutex;
static pthread_cond_t not_empty, not_full;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t barrier;
static pthread_spinlock_t spin;
static volatile uint32_t count, items, got, wrong, serial;

static void run_all(void *(*function)(void *), const char *what)
{
    pthread_t threads[THREADS];

    count = items = got = wrong = serial = 0;
    for (unsigned i = 0; i < THREADS; i++)
        threads[i] = start(function, (void *)i);
    for (unsigned i = 0; i < THREADS; i++)
        join(threads[i]);
    TEST_EQUAL(wrong, 0, "%s: nobody was where it should not be", what);
}

/* Not atomic, and interrupted in the middle now and then. */
static void add_one(unsigned i)
{
    uint32_t old = count;

    if (i % 7 == 0)
        sched_yield();
    count = old + 1;
}

static void *add_locked(void *unused)
{
    (void)unused;
    for (unsigned i = 0; i < rounds; i++) {
        pthread_mutex_lock(&mutex);
        add_one(i);
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

static void *add_spinning(void *unused)
{
    (void)unused;
    for (unsigned i = 0; i < rounds; i++) {
        pthread_spin_lock(&spin);
        add_one(i);
        pthread_spin_unlock(&spin);
    }
    return NULL;
}

/* Half of them put into a place for two, the others take out. */
static void *exchange(void *number)
{
    bool puts = (unsigned)number % 2 == 0;

    for (unsigned i = 0; i < rounds; i++) {
        pthread_mutex_lock(&mutex);
        while (puts ? items == 2 : items == 0)
            pthread_cond_wait(puts ? &not_full : &not_empty, &mutex);
        if (puts)
            items++;
        else
            items--, got++;
        pthread_cond_signal(puts ? &not_empty : &not_full);
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

static void *read_and_write(void *number)
{
    for (unsigned i = 0; i < rounds; i++) {
        if ((i + (unsigned)number) % 4 == 0) {
            pthread_rwlock_wrlock(&rwlock);
            add_one(i);
            pthread_rwlock_unlock(&rwlock);
        } else {
            pthread_rwlock_rdlock(&rwlock);
            uint32_t seen = count;
            if (i % 5 == 0)
                sched_yield();
            pthread_rwlock_rdlock(&rwlock); /* twice, though a writer may wait */
            wrong += count != seen;
            pthread_rwlock_unlock(&rwlock);
            pthread_rwlock_unlock(&rwlock);
        }
    }
    return NULL;
}

static volatile uint32_t steps[THREADS];

static void *march(void *number)
{
    for (unsigned i = 1; i <= rounds; i++) {
        steps[(unsigned)number] = i;
        if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
            __atomic_fetch_add(&serial, 1, __ATOMIC_RELAXED);
        for (unsigned k = 0; k < THREADS; k++)
            wrong += steps[k] < i || steps[k] > i + 1;
    }
    return NULL;
}

static void make_mutex(int protocol)
{
    pthread_mutexattr_t attributes;

    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setprotocol(&attributes, protocol);
    pthread_mutex_init(&mutex, &attributes);
}

static void make_conditions(int shared)
{
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setpshared(&attributes, shared);
    pthread_cond_init(&not_empty, &attributes);
    pthread_cond_init(&not_full, &attributes);
}

void check_contention(unsigned wanted)
{
    rounds = wanted;
    for (int protocol = PTHREAD_PRIO_NONE; protocol <= PTHREAD_PRIO_PROTECT; protocol++) {
        make_mutex(protocol);
        run_all(add_locked, "mutex");
        TEST_EQUAL(count, THREADS * rounds, "a mutex (%d) loses nothing", protocol);
        make_conditions(protocol == PTHREAD_PRIO_PROTECT);
        run_all(exchange, "condition");
        TEST_EQUAL(got, THREADS / 2 * rounds, "conditions lose nothing");
        TEST_CHECK(pthread_cond_destroy(&not_empty) == 0 && pthread_cond_destroy(&not_full) == 0,
                   "and can be destroyed at once");
    }
    pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
    run_all(add_spinning, "spin lock");
    TEST_EQUAL(count, THREADS * rounds, "a spin lock loses nothing");
    run_all(read_and_write, "rwlock");
    TEST_EQUAL(pthread_rwlock_destroy(&rwlock), 0, "the rwlock is free at the end");
    pthread_barrier_init(&barrier, NULL, THREADS);
    memset((void *)steps, 0, sizeof steps);
    run_all(march, "barrier");
    TEST_EQUAL(serial, rounds, "one serial thread each round");
    TEST_EQUAL(pthread_barrier_destroy(&barrier), 0, "the barrier is left by all");
}
