/* SPDX-License-Identifier: MIT */
/* What each thread has for itself: keys, and __thread. */
#include "behaviour.h"

#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>

static void *in_thread(void *(*function)(void *), void *argument)
{
    pthread_t thread;
    void *result = NULL;

    if (CHECK(pthread_create(&thread, NULL, function, argument) == 0))
        EQUAL(pthread_join(thread, &result), 0);
    return result;
}

static pthread_key_t key;
static int first, second;

/* ---- Keys ---- */

BEHAVIOUR(key_null, "XSH pthread_key_create: the value of a new key is NULL")
{
    REQUIRE(pthread_key_create(&key, NULL) == 0);
    CHECK(pthread_getspecific(key) == NULL);
    EQUAL(pthread_key_delete(key), 0);
}

BEHAVIOUR(key_value, "XSH pthread_setspecific: what is set is got")
{
    REQUIRE(pthread_key_create(&key, NULL) == 0);
    EQUAL(pthread_setspecific(key, &first), 0);
    CHECK(pthread_getspecific(key) == &first);
    EQUAL(pthread_setspecific(key, &second), 0);
    CHECK(pthread_getspecific(key) == &second);
    EQUAL(pthread_key_delete(key), 0);
}

static void *get_key(void *argument) { return pthread_getspecific(key) == NULL ? argument : NULL; }

BEHAVIOUR(key_null_in_new, "XSH pthread_getspecific: NULL in a new thread, whatever others set")
{
    REQUIRE(pthread_key_create(&key, NULL) == 0);
    EQUAL(pthread_setspecific(key, &first), 0);
    CHECK(in_thread(get_key, &second) == &second);
    EQUAL(pthread_key_delete(key), 0);
}

static void *set_key(void *argument)
{
    pthread_setspecific(key, argument);
    return pthread_getspecific(key);
}

BEHAVIOUR(key_own, "XSH pthread_setspecific: each thread has its own value")
{
    REQUIRE(pthread_key_create(&key, NULL) == 0);
    EQUAL(pthread_setspecific(key, &first), 0);
    CHECK(in_thread(set_key, &second) == &second);
    CHECK(pthread_getspecific(key) == &first);
    EQUAL(pthread_key_delete(key), 0);
}

BEHAVIOUR(keys_apart, "XSH pthread_key_create: keys have nothing to do with each other")
{
    pthread_key_t other;

    REQUIRE(pthread_key_create(&key, NULL) == 0 && pthread_key_create(&other, NULL) == 0);
    EQUAL(pthread_setspecific(key, &first), 0);
    CHECK(pthread_getspecific(other) == NULL);
    EQUAL(pthread_setspecific(other, &second), 0);
    CHECK(pthread_getspecific(key) == &first && pthread_getspecific(other) == &second);
    EQUAL(pthread_key_delete(key), 0);
    EQUAL(pthread_key_delete(other), 0);
}

BEHAVIOUR(key_reused,
          "XSH pthread_key_create: NULL again, also if the key's number was used before")
{
    REQUIRE(pthread_key_create(&key, NULL) == 0);
    EQUAL(pthread_setspecific(key, &first), 0);
    EQUAL(pthread_key_delete(key), 0);
    REQUIRE(pthread_key_create(&key, NULL) == 0);
    CHECK(pthread_getspecific(key) == NULL);
    EQUAL(pthread_key_delete(key), 0);
}

BEHAVIOUR(keys_many,
          "XBD limits.h: at least _POSIX_THREAD_KEYS_MAX (128) keys less those of the library")
{
    static pthread_key_t keys[100];
    int made = 0;

    while (made < 100 && pthread_key_create(&keys[made], NULL) == 0)
        made++;
    EQUAL(made, 100);
    for (int i = 0; i < made; i++)
        EQUAL(pthread_setspecific(keys[i], &keys[i]), 0);
    for (int i = 0; i < made; i++)
        CHECK(pthread_getspecific(keys[i]) == &keys[i]);
    for (int i = 0; i < made; i++)
        EQUAL(pthread_key_delete(keys[i]), 0);
}

BEHAVIOUR(key_deleted, "XSH pthread_setspecific, pthread_key_delete: of a deleted key are EINVAL")
{
    REQUIRE(pthread_key_create(&key, NULL) == 0);
    EQUAL(pthread_key_delete(key), 0);
    EQUAL(pthread_setspecific(key, &first), EINVAL);
    EQUAL(pthread_key_delete(key), EINVAL);
}

/* ---- Destructors ---- */

static int destroyed;
static void *last;

static void destroy(void *value)
{
    destroyed++;
    last = value;
}

static bool key_with(void (*destructor)(void *))
{
    destroyed = 0;
    last = NULL;
    return pthread_key_create(&key, destructor) == 0;
}

BEHAVIOUR(destructor_at_end,
          "XSH pthread_key_create: the destructor gets the value when a thread ends")
{
    REQUIRE(key_with(destroy));
    in_thread(set_key, &first);
    EQUAL(destroyed, 1);
    CHECK(last == &first);
    EQUAL(pthread_key_delete(key), 0);
}

BEHAVIOUR(destructor_not_null, "XSH pthread_key_create: no destructor for NULL")
{
    REQUIRE(key_with(destroy));
    in_thread(get_key, &first);
    in_thread(set_key, NULL);
    EQUAL(destroyed, 0);
    EQUAL(pthread_key_delete(key), 0);
}

static void *set_and_exit(void *argument)
{
    pthread_setspecific(key, argument);
    pthread_exit(argument);
    return NULL;
}

BEHAVIOUR(destructor_at_exit, "XSH pthread_exit: runs the destructors")
{
    REQUIRE(key_with(destroy));
    CHECK(in_thread(set_and_exit, &first) == &first);
    CHECK(destroyed == 1 && last == &first);
    EQUAL(pthread_key_delete(key), 0);
}

static sem_t ready;

static void *set_and_wait(void *argument)
{
    pthread_setspecific(key, argument);
    sem_post(&ready);
    for (;;)
        pause_for(1000);
    return NULL;
}

BEHAVIOUR(destructor_at_cancel, "XSH pthread_cancel: runs the destructors")
{
    pthread_t thread;

    REQUIRE(key_with(destroy) && sem_init(&ready, 0, 0) == 0);
    REQUIRE(pthread_create(&thread, NULL, set_and_wait, &first) == 0);
    CHECK(sem_wait(&ready) == 0);
    EQUAL(pthread_cancel(thread), 0);
    EQUAL(pthread_join(thread, NULL), 0);
    CHECK(destroyed == 1 && last == &first);
    EQUAL(pthread_key_delete(key), 0);
    sem_destroy(&ready);
}

static void destroy_twice(void *value)
{
    if (destroyed++ == 0)
        pthread_setspecific(key, value);
}

BEHAVIOUR(destructor_again,
          "XSH pthread_key_create: a destructor that sets a value is called again")
{
    REQUIRE(key_with(destroy_twice));
    in_thread(set_key, &first);
    EQUAL(destroyed, 2);
    EQUAL(pthread_key_delete(key), 0);
}

static void destroy_for_ever(void *value)
{
    destroyed++;
    pthread_setspecific(key, value);
}

BEHAVIOUR(destructor_limit,
          "XBD limits.h: at least _POSIX_THREAD_DESTRUCTOR_ITERATIONS times, and an end")
{
    REQUIRE(key_with(destroy_for_ever));
    in_thread(set_key, &first);
    CHECK(destroyed >= _POSIX_THREAD_DESTRUCTOR_ITERATIONS);
    EQUAL(pthread_key_delete(key), 0);
}

static void *null_seen;

static void look_at_value(void *value)
{
    destroyed++;
    last = value;
    null_seen = pthread_getspecific(key) == NULL ? value : NULL;
}

BEHAVIOUR(destructor_sees_null,
          "XSH pthread_key_create: the value is NULL when the destructor is called")
{
    REQUIRE(key_with(look_at_value));
    in_thread(set_key, &first);
    CHECK(null_seen == &first);
    EQUAL(pthread_key_delete(key), 0);
}

BEHAVIOUR(destructor_not_at_delete, "XSH pthread_key_delete: does not call the destructor")
{
    REQUIRE(key_with(destroy));
    EQUAL(pthread_setspecific(key, &first), 0);
    EQUAL(pthread_key_delete(key), 0);
    EQUAL(destroyed, 0);
}

/* ---- __thread: not POSIX's word, but what its XSH 2.9 means by thread-local data ---- */

static __thread int counted = 5;
static __thread char zeros[100];
static __thread double aligned = 1.5;
static __thread struct {
    int a, b;
} pair = {1, 2};

static void *count_here(void *argument)
{
    bool fresh = counted == 5;

    counted++;
    return fresh && counted == 6 ? argument : NULL;
}

BEHAVIOUR(local_initial,
          "XSH 2.9.1: __thread variables begin in each thread with their initial value")
{
    counted = 77;
    CHECK(in_thread(count_here, &first) == &first);
    CHECK(in_thread(count_here, &first) == &first);
    EQUAL(counted, 77);
    counted = 5;
}

static void *check_zeros(void *argument)
{
    for (size_t i = 0; i < sizeof zeros; i++)
        if (zeros[i] != 0)
            return NULL;
    memset(zeros, 1, sizeof zeros);
    return argument;
}

BEHAVIOUR(local_zero, "XSH 2.9.1: those without an initial value are zero")
{
    for (int i = 0; i < 5; i++)
        CHECK(in_thread(check_zeros, &first) == &first);
    EQUAL(zeros[0], 0);
}

static void *address_of_counted(void *argument)
{
    (void)argument;
    return (void *)((uintptr_t)&counted ^ 1);
}

BEHAVIOUR(local_addresses, "XSH 2.9.1: they lie at different addresses in different threads")
{
    uintptr_t there = (uintptr_t)in_thread(address_of_counted, NULL) ^ 1;

    CHECK(there != (uintptr_t)&counted);
    EQUAL(there % sizeof(int), 0);
}

static void *change_through(void *argument)
{
    ++*(int *)argument;
    return counted == 5 ? argument : NULL;
}

BEHAVIOUR(local_pointer, "XSH 2.9.1: a pointer to one thread's may be used by another")
{
    CHECK(in_thread(change_through, &counted) == &counted);
    EQUAL(counted, 6);
    counted = 5;
}

static void *check_others(void *argument)
{
    return aligned == 1.5 && pair.a == 1 && pair.b == 2 &&
                   (uintptr_t)&aligned % __alignof__(aligned) == 0
               ? argument
               : NULL;
}

BEHAVIOUR(local_types, "XSH 2.9.1: doubles and structures too, aligned as they have to be")
{
    aligned = 3;
    pair.a = 9;
    CHECK(in_thread(check_others, &first) == &first);
    CHECK(aligned == 3 && pair.a == 9);
    aligned = 1.5;
    pair.a = 1;
}
