/* SPDX-License-Identifier: MIT */
/* Priorities that mutexes lend; what happens when there are no threads left to be had. */
#include "pthreads.h"

#include <stdlib.h>
#include <unistd.h>

/* ---- Inversion ---- */

static pthread_mutex_t mutex;
static struct iris_semaphore low_has_it;
static volatile uint32_t high_done, middle_ran, stop;

static void set_priority(int priority) { pthread_setschedprio(pthread_self(), priority); }

static uint32_t own_priority(void)
{
    struct iris_thread_info info;

    iris_space_inspect(0, IRIS_INSPECT_THREADS, iris_utcb()->slot, &info, 1);
    return info.priority;
}

static void *low(void *base)
{
    set_priority((int)base + 1);
    pthread_mutex_lock(&mutex);
    iris_semaphore_give(&low_has_it);
    while (own_priority() != (uint32_t)base + 3 && !stop)
        ; /* until it has inherited, or never */
    uint32_t lent = own_priority();
    pthread_mutex_unlock(&mutex);
    return (void *)(lent << 8 | own_priority());
}

static void *middle(void *base)
{
    set_priority((int)base + 2);
    while (!high_done && !stop)
        middle_ran++;
    return NULL;
}

static void *high(void *base)
{
    set_priority((int)base + 3);
    struct timespec time = in_ms(CLOCK_REALTIME, KIT_PATIENCE);
    int error = pthread_mutex_timedlock(&mutex, &time);
    high_done = 1;
    if (error == 0)
        pthread_mutex_unlock(&mutex);
    stop = 1;
    return (void *)error;
}

/* A low thread has the mutex, a middle one would keep it from running for ever. */
static void check_inheritance(int base)
{
    pthread_mutexattr_t attributes;

    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
    pthread_mutex_init(&mutex, &attributes);
    set_priority(base + 4);
    pthread_t low_thread = start(low, (void *)base);
    iris_semaphore_take(&low_has_it, IRIS_DEADLINE_NONE);
    pthread_t middle_thread = start(middle, (void *)base), high_thread = start(high, (void *)base);
    TEST_EQUAL((int)join(high_thread), 0,
               "the high thread gets the mutex, though a middle one runs");
    uint32_t seen = (uint32_t)join(low_thread);
    TEST_EQUAL(seen >> 8, base + 3, "for its owner inherited");
    TEST_EQUAL(seen & 0xff, base + 1, "and gave it back");
    join(middle_thread);
    set_priority(base);
}

static void check_ceiling(int base)
{
    pthread_mutexattr_t attributes;
    int old;

    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_PROTECT);
    pthread_mutexattr_setprioceiling(&attributes, base + 2);
    pthread_mutex_init(&mutex, &attributes);
    pthread_mutex_lock(&mutex);
    TEST_EQUAL(own_priority(), base + 2, "who has the mutex runs at its ceiling");
    set_priority(base + 1);
    TEST_EQUAL(own_priority(), base + 2, "whatever its own priority");
    pthread_mutex_unlock(&mutex);
    TEST_EQUAL(own_priority(), base + 1, "which it has afterwards");
    set_priority(base + 3);
    TEST_EQUAL(pthread_mutex_lock(&mutex), EINVAL, "who is above it may not have it");
    set_priority(base);
    TEST_EQUAL(pthread_mutex_setprioceiling(&mutex, base + 5, &old), 0, "a ceiling is changed");
    TEST_EQUAL(old, base + 2, "and the old one told");
}

void check_priorities(void)
{
    struct sched_param param;
    int policy;

    TEST_EQUAL(pthread_getschedparam(pthread_self(), &policy, &param), 0, "one's terms");
    TEST_EQUAL(param.sched_priority, kit_priority(), "are the kernel's");
    check_inheritance(param.sched_priority);
    check_ceiling(param.sched_priority);
}

/* ---- Exhaustion ---- */

#define MANY 1000

static void *wait_for_stop(void *semaphore)
{
    iris_semaphore_take(semaphore, IRIS_DEADLINE_NONE);
    return NULL;
}

void check_exhaustion(void)
{
    static pthread_t threads[MANY];
    static struct iris_semaphore semaphore;
    unsigned made = 0, failed = 0;
    int error = 0;

    uint32_t pages = kit_space(0).pages_used;
    while (made < MANY && error == 0) {
        error = pthread_create(&threads[made], NULL, wait_for_stop, &semaphore);
        made += error == 0;
    }
    TEST_EQUAL(error, EAGAIN, "no more threads after %u", made);
    TEST_CHECK(made >= 30, "but so many");
    for (unsigned i = 0; i < made; i++)
        iris_semaphore_give(&semaphore);
    for (unsigned i = 0; i < made; i++)
        failed += join(threads[i]) != NULL;
    TEST_EQUAL(failed, 0, "all of them ended");
    TEST_EQUAL(kit_space(0).threads, 1, "none is left");
    /* Handle and page tables stay as big as they were once. */
    TEST_CHECK(kit_space(0).pages_used <= pages + 6, "kernel pages are back (%u, were %u)",
               (unsigned)kit_space(0).pages_used, (unsigned)pages);
}
