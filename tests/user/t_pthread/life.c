/* SPDX-License-Identifier: MIT */
/* Beginning and end; what a thread has of its own; nothing is left. */
#include "pthreads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *give(void *argument) { return argument; }

static void *exit_deep(void *argument)
{
    pthread_exit(argument);
    return NULL;
}

static void check_results(void)
{
    TEST_CHECK(join(start(give, (void *)7)) == (void *)7, "return gives the result");
    TEST_CHECK(join(start(exit_deep, (void *)8)) == (void *)8, "so does pthread_exit");
    pthread_t thread = start(give, NULL);
    join(thread);
    TEST_EQUAL(pthread_join(thread, NULL), ESRCH, "joined once, it is gone");
    TEST_EQUAL(pthread_join(pthread_self(), NULL), EDEADLK, "nobody joins itself");
    thread = start(give, NULL);
    TEST_EQUAL(pthread_detach(thread), 0, "detached");
    int error = pthread_join(thread, NULL);
    TEST_CHECK(error == EINVAL || error == ESRCH, "it cannot be joined (%d)", error);
    TEST_CHECK(pthread_self() == pthread_self() && pthread_equal(pthread_self(), pthread_self()),
               "one is oneself");
}

/* ---- What each has of its own ---- */

static __thread int mine = 5;
static pthread_key_t key;
static int destroyed;

static void destroy(void *value) { destroyed += (int)value; }

static void *look(void *argument)
{
    bool fresh = mine == 5 && errno == 0 && pthread_getspecific(key) == NULL;

    mine = errno = (int)argument;
    pthread_setspecific(key, argument);
    for (int i = 0; i < 10; i++)
        sched_yield();
    char text[40];
    snprintf(text, sizeof text, "%.3f", (double)mine); /* newlib's memory for numbers */
    return (void *)(fresh && mine == (int)argument && errno == (int)argument &&
                    pthread_getspecific(key) == argument && atof(text) == mine);
}

static void check_own(void)
{
    pthread_t threads[4];
    unsigned good = 0;

    TEST_EQUAL(pthread_key_create(&key, destroy), 0, "a key");
    errno = 3;
    for (int i = 0; i < 4; i++)
        threads[i] = start(look, (void *)(10 + i));
    for (int i = 0; i < 4; i++)
        good += join(threads[i]) == (void *)1;
    TEST_EQUAL(good, 4, "errno, __thread and keys are each thread's own");
    TEST_CHECK(errno == 3 && mine == 5, "and the main thread's are untouched");
    TEST_EQUAL(destroyed, 10 + 11 + 12 + 13, "destructors get the values");
    TEST_EQUAL(pthread_key_delete(key), 0, "the key goes");
    TEST_EQUAL(pthread_setspecific(key, NULL), EINVAL, "and is no key any more");
    unsigned made = 0;
    pthread_key_t keys[PTHREAD_KEYS_MAX + 1];
    while (made <= PTHREAD_KEYS_MAX && pthread_key_create(&keys[made], NULL) == 0)
        made++;
    TEST_EQUAL(made, PTHREAD_KEYS_MAX, "as many keys as promised, then EAGAIN");
    while (made > 0)
        pthread_key_delete(keys[--made]);
}

/* ---- Stacks ---- */

static void *where(void *unused)
{
    (void)unused;
    return __builtin_frame_address(0);
}

static void check_stacks(void)
{
    static char memory[PTHREAD_STACK_MIN] __attribute__((aligned(16)));
    pthread_attr_t attributes;
    pthread_t thread;
    void *result = NULL;

    pthread_attr_init(&attributes);
    memset(memory, 0xff, sizeof memory);
    TEST_EQUAL(pthread_attr_setstack(&attributes, memory, sizeof memory), 0,
               "a stack of one's own");
    TEST_EQUAL(pthread_create(&thread, &attributes, where, NULL), 0, "is used");
    pthread_join(thread, &result);
    TEST_CHECK((char *)result > memory && (char *)result < memory + sizeof memory, "indeed");
    TEST_EQUAL(pthread_create(&thread, &attributes, where, NULL), 0, "and again, as it was left");
    pthread_join(thread, NULL);
    TEST_EQUAL(pthread_attr_setstacksize(&attributes, 100), EINVAL, "no stack is that small");
    pthread_attr_destroy(&attributes);
    TEST_EQUAL(pthread_create(&thread, &attributes, where, NULL), EINVAL, "attributes no more");
}

/* ---- Nothing is left ---- */

static void *sleep_and_end(void *unused)
{
    const struct timespec time = {.tv_nsec = 1000000};

    (void)unused;
    nanosleep(&time, NULL);
    return NULL;
}

static void check_rounds(unsigned rounds)
{
    uint32_t pages = 0, handles = 0, failed = 0;
    unsigned slots = 0;

    for (unsigned i = 0; i < rounds + 2; i++) {
        if (i == 2) { /* what is made once is there now */
            pages = kit_space(0).pages_used;
            handles = kit_space(0).handles;
            slots = iris_slots_used();
        }
        pthread_t thread;
        failed += pthread_create(&thread, NULL, give, (void *)i) != 0;
        failed += join(thread) != (void *)i;
    }
    TEST_EQUAL(failed, 0, "%u threads came and went", rounds);
    TEST_EQUAL(kit_space(0).pages_used, pages, "kernel pages are what they were");
    TEST_EQUAL(kit_space(0).handles, handles, "and handles");
    TEST_EQUAL(iris_slots_used(), slots, "and slots");
}

static void check_detached(unsigned rounds)
{
    pthread_attr_t attributes;
    pthread_t thread;
    unsigned failed = 0;

    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    for (unsigned i = 0; i < rounds; i++) {
        while (kit_space(0).threads > 20)
            sched_yield();
        failed += pthread_create(&thread, &attributes, i % 8 ? give : sleep_and_end, NULL) != 0;
    }
    TEST_EQUAL(failed, 0, "%u detached threads came and went", rounds);
    while (kit_space(0).threads > 1)
        sched_yield();
    join(start(give, NULL)); /* gives back what they left */
    TEST_EQUAL(kit_space(0).threads, 1, "none is left");
}

void check_life(unsigned rounds)
{
    check_results();
    check_own();
    check_stacks();
    check_rounds(rounds);
    check_detached(rounds);
}
