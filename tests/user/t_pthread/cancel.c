/* SPDX-License-Identifier: MIT */
/* Cancellation at every point, at any time, and in storms. */
#include "pthreads.h"

#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static volatile uint32_t cleaned, ready;

static void clean(void *amount) { cleaned += (uint32_t)amount; }

static void *sleep_long(void *unused)
{
    (void)unused;
    pthread_cleanup_push(clean, (void *)1);
    ready = 1;
    sleep(1000);
    pthread_cleanup_pop(0);
    return NULL;
}

static void unlock(void *unused)
{
    (void)unused;
    cleaned += pthread_mutex_unlock(&mutex) == 0 ? 10 : 0;
}

static void *wait_long(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&mutex);
    pthread_cleanup_push(unlock, NULL);
    ready = 1;
    for (;;)
        pthread_cond_wait(&condition, &mutex);
    pthread_cleanup_pop(0);
    return NULL;
}

static void *join_main(void *other)
{
    ready = 1;
    pthread_join((pthread_t)other, NULL);
    return NULL;
}

static volatile uint32_t spins;

static void *spin(void *unused)
{
    (void)unused;
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    ready = 1;
    for (;;)
        spins++;
    return NULL;
}

static volatile uint32_t go_on;

static void *disabled(void *unused)
{
    (void)unused;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
    ready = 1;
    while (!go_on) {
        const struct timespec time = {.tv_nsec = 1000000};
        nanosleep(&time, NULL);
    }
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
    pthread_testcancel();
    return NULL;
}

static pthread_t start_ready(void *(*function)(void *), void *argument)
{
    ready = 0;
    pthread_t thread = start(function, argument);
    kit_wait_word(&ready, 1);
    return thread;
}

static bool cancelled(pthread_t thread)
{
    return pthread_cancel(thread) == 0 && join(thread) == PTHREAD_CANCELED;
}

static void check_points(void)
{
    cleaned = 0;
    TEST_CHECK(cancelled(start_ready(sleep_long, NULL)), "sleep is a point");
    TEST_EQUAL(cleaned, 1, "the handler ran");
    TEST_CHECK(cancelled(start_ready(wait_long, NULL)), "pthread_cond_wait is");
    TEST_EQUAL(cleaned, 11, "with the mutex, which its handler gave back");
    pthread_t sleeper = start(sleep_long, NULL);
    TEST_CHECK(cancelled(start_ready(join_main, (void *)sleeper)), "pthread_join is");
    TEST_CHECK(cancelled(sleeper), "and that other can still be joined");
    TEST_CHECK(cancelled(start_ready(spin, NULL)), "at any time: a loop ends");
    pthread_t other = start_ready(disabled, NULL);
    TEST_EQUAL(pthread_cancel(other), 0, "who does not want it");
    usleep(5000);
    TEST_EQUAL(pthread_tryjoin_np(other, NULL), EBUSY, "goes on");
    go_on = 1;
    TEST_CHECK(join(other) == PTHREAD_CANCELED, "until it does");
}

/* Cancelled at whatever moment: before it runs, going to sleep, asleep, in its handler. */
static void check_storm(unsigned rounds)
{
    unsigned failed = 0;

    cleaned = 0;
    for (unsigned i = 0; i < rounds; i++) {
        pthread_t thread;
        failed += pthread_create(&thread, NULL, i % 3 ? wait_long : sleep_long, NULL) != 0;
        for (unsigned k = i % 5; k > 0; k--)
            sched_yield();
        failed += !cancelled(thread);
    }
    TEST_EQUAL(failed, 0, "%u threads cancelled at all moments", rounds);
    TEST_EQUAL(pthread_mutex_trylock(&mutex), 0, "none has kept the mutex");
    pthread_mutex_unlock(&mutex);
}

void check_cancel(unsigned rounds)
{
    check_points();
    check_storm(rounds);
}
