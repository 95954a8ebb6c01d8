/* SPDX-License-Identifier: MIT */
/* Semaphores, unnamed and named. */
#include "behaviour.h"

#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int value_of(sem_t *semaphore)
{
    int value = -99;

    CHECK(sem_getvalue(semaphore, &value) == 0);
    return value;
}

static struct timespec in_ms(long ms)
{
    struct timespec time;

    clock_gettime(CLOCK_REALTIME, &time);
    time.tv_nsec += ms * 1000000;
    time.tv_sec += time.tv_nsec / 1000000000;
    time.tv_nsec %= 1000000000;
    return time;
}

static pthread_t start(void *(*function)(void *), void *argument)
{
    pthread_t thread = pthread_self();

    EQUAL(pthread_create(&thread, NULL, function, argument), 0);
    return thread;
}

/* ---- Unnamed ---- */

BEHAVIOUR(init_value, "XSH sem_init: the value is what was given")
{
    sem_t semaphore;

    REQUIRE(sem_init(&semaphore, 0, 3) == 0);
    EQUAL(value_of(&semaphore), 3);
    CHECK(sem_destroy(&semaphore) == 0);
}

BEHAVIOUR(init_invalid, "XSH sem_init: a value above SEM_VALUE_MAX is EINVAL")
{
    sem_t semaphore;

    FAILS(sem_init(&semaphore, 0, (unsigned)SEM_VALUE_MAX + 1u), EINVAL);
    CHECK(SEM_VALUE_MAX >= _POSIX_SEM_VALUE_MAX);
}

BEHAVIOUR(wait_decrements, "XSH sem_wait: takes one without waiting while the value is above 0")
{
    sem_t semaphore;

    REQUIRE(sem_init(&semaphore, 0, 2) == 0);
    CHECK(sem_wait(&semaphore) == 0 && value_of(&semaphore) == 1);
    CHECK(sem_wait(&semaphore) == 0 && value_of(&semaphore) == 0);
    CHECK(sem_destroy(&semaphore) == 0);
}

BEHAVIOUR(trywait_zero, "XSH sem_trywait: at 0 EAGAIN, and the value stays")
{
    sem_t semaphore;

    REQUIRE(sem_init(&semaphore, 0, 1) == 0);
    CHECK(sem_trywait(&semaphore) == 0);
    FAILS(sem_trywait(&semaphore), EAGAIN);
    EQUAL(value_of(&semaphore), 0);
    CHECK(sem_destroy(&semaphore) == 0);
}

BEHAVIOUR(post_increments, "XSH sem_post: adds one if nobody waits")
{
    sem_t semaphore;

    REQUIRE(sem_init(&semaphore, 0, 0) == 0);
    CHECK(sem_post(&semaphore) == 0 && sem_post(&semaphore) == 0);
    EQUAL(value_of(&semaphore), 2);
    CHECK(sem_destroy(&semaphore) == 0);
}

static void *wait_one(void *semaphore) { return sem_wait(semaphore) == 0 ? semaphore : NULL; }

BEHAVIOUR(post_wakes, "XSH sem_post: lets a thread that waits go on, and the value stays 0")
{
    sem_t semaphore;
    void *result = NULL;

    REQUIRE(sem_init(&semaphore, 0, 0) == 0);
    pthread_t thread = start(wait_one, &semaphore);
    pause_for(20);
    CHECK(sem_post(&semaphore) == 0);
    EQUAL(pthread_join(thread, &result), 0);
    CHECK(result == &semaphore);
    EQUAL(value_of(&semaphore), 0);
    CHECK(sem_destroy(&semaphore) == 0);
}

BEHAVIOUR(post_each, "XSH sem_post: as many posts as there are waiters let all of them go on")
{
    pthread_t threads[4];
    sem_t semaphore;

    REQUIRE(sem_init(&semaphore, 0, 0) == 0);
    for (int i = 0; i < 4; i++)
        threads[i] = start(wait_one, &semaphore);
    for (int i = 0; i < 4; i++)
        CHECK(sem_post(&semaphore) == 0);
    for (int i = 0; i < 4; i++)
        EQUAL(pthread_join(threads[i], NULL), 0);
    EQUAL(value_of(&semaphore), 0);
    CHECK(sem_destroy(&semaphore) == 0);
}

BEHAVIOUR(timedwait_ends, "XSH sem_timedwait: ETIMEDOUT not before the time")
{
    sem_t semaphore;

    REQUIRE(sem_init(&semaphore, 0, 0) == 0);
    struct timespec end = in_ms(40);
    long long before = milliseconds();
    FAILS(sem_timedwait(&semaphore, &end), ETIMEDOUT);
    CHECK(milliseconds() - before >= 38);
    CHECK(sem_destroy(&semaphore) == 0);
}

BEHAVIOUR(timedwait_available,
          "XSH sem_timedwait: succeeds if it need not wait, however late it is")
{
    const struct timespec past = {1, 0};
    sem_t semaphore;

    REQUIRE(sem_init(&semaphore, 0, 1) == 0);
    CHECK(sem_timedwait(&semaphore, &past) == 0);
    FAILS(sem_timedwait(&semaphore, &past), ETIMEDOUT);
    CHECK(sem_destroy(&semaphore) == 0);
}

BEHAVIOUR(timedwait_invalid, "XSH sem_timedwait: if it has to wait, wrong nanoseconds are EINVAL")
{
    const struct timespec wrong = {1, 1000000000};
    sem_t semaphore;

    REQUIRE(sem_init(&semaphore, 0, 0) == 0);
    FAILS(sem_timedwait(&semaphore, &wrong), EINVAL);
    CHECK(sem_destroy(&semaphore) == 0);
}

static volatile sig_atomic_t caught;

static void note(int signo) { caught = signo; }

BEHAVIOUR(wait_interrupted, "XSH sem_wait: a handled signal ends it with EINTR")
{
    sem_t semaphore;

    REQUIRE(sem_init(&semaphore, 0, 0) == 0 && handle_signal(SIGALRM, note, 0));
    caught = 0;
    ring_every(50);
    FAILS(sem_wait(&semaphore), EINTR);
    ring_every(0);
    EQUAL(caught, SIGALRM);
    signal(SIGALRM, SIG_DFL);
    CHECK(sem_destroy(&semaphore) == 0);
}

BEHAVIOUR(timedwait_interrupted, "XSH sem_timedwait: a handled signal ends it with EINTR")
{
    struct timespec end;
    sem_t semaphore;

    REQUIRE(sem_init(&semaphore, 0, 0) == 0 && handle_signal(SIGALRM, note, 0));
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += 100;
    ring_every(50);
    FAILS(sem_timedwait(&semaphore, &end), EINTR);
    ring_every(0);
    signal(SIGALRM, SIG_DFL);
    CHECK(sem_destroy(&semaphore) == 0);
}

static sem_t *posted;

static void post_it(int signo)
{
    (void)signo;
    sem_post(posted);
}

BEHAVIOUR(post_in_handler, "XSH sem_post: may be called in a signal handler")
{
    sem_t semaphore;

    REQUIRE(sem_init(&semaphore, 0, 0) == 0);
    posted = &semaphore;
    signal(SIGUSR1, post_it);
    CHECK(raise(SIGUSR1) == 0);
    CHECK(sem_trywait(&semaphore) == 0);
    signal(SIGUSR1, SIG_DFL);
    CHECK(sem_destroy(&semaphore) == 0);
}

static volatile sig_atomic_t rings;

static void post_third(int signo)
{
    (void)signo;
    if (++rings == 3)
        sem_post(posted);
}

BEHAVIOUR(wait_restarted, "XSH sigaction: with SA_RESTART sem_wait goes on waiting")
{
    sem_t semaphore;

    REQUIRE(sem_init(&semaphore, 0, 0) == 0 && handle_signal(SIGALRM, post_third, SA_RESTART));
    posted = &semaphore;
    rings = 0;
    ring_every(50);
    CHECK(sem_wait(&semaphore) == 0);
    ring_every(0);
    CHECK(rings >= 3);
    signal(SIGALRM, SIG_DFL);
    CHECK(sem_destroy(&semaphore) == 0);
}

/* ---- Named ---- */

#define NAME "/posix-semaphore"

BEHAVIOUR(named_create, "XSH sem_open: O_CREAT makes one with that value")
{
    sem_t *semaphore = sem_open(NAME, O_CREAT | O_EXCL, 0600, 2);

    REQUIRE(semaphore != SEM_FAILED);
    EQUAL(value_of(semaphore), 2);
    CHECK(sem_close(semaphore) == 0 && sem_unlink(NAME) == 0);
}

BEHAVIOUR(named_exclusive, "XSH sem_open: O_CREAT|O_EXCL of one that exists is EEXIST")
{
    sem_t *semaphore = sem_open(NAME, O_CREAT | O_EXCL, 0600, 0);

    REQUIRE(semaphore != SEM_FAILED);
    errno = 0;
    CHECK(sem_open(NAME, O_CREAT | O_EXCL, 0600, 0) == SEM_FAILED && errno == EEXIST);
    CHECK(sem_close(semaphore) == 0 && sem_unlink(NAME) == 0);
}

BEHAVIOUR(named_missing, "XSH sem_open: without O_CREAT one that does not exist is ENOENT")
{
    errno = 0;
    CHECK(sem_open("/posix-not-there", 0) == SEM_FAILED && errno == ENOENT);
}

BEHAVIOUR(named_value_invalid, "XSH sem_open: a value above SEM_VALUE_MAX is EINVAL")
{
    errno = 0;
    CHECK(sem_open(NAME, O_CREAT, 0600, (unsigned)SEM_VALUE_MAX + 1u) == SEM_FAILED);
    EQUAL(errno, EINVAL);
}

BEHAVIOUR(named_same, "XSH sem_open: the same name gives the same semaphore")
{
    sem_t *first = sem_open(NAME, O_CREAT | O_EXCL, 0600, 0), *second = sem_open(NAME, 0);

    REQUIRE(first != SEM_FAILED && second != SEM_FAILED);
    CHECK(sem_post(first) == 0 && sem_trywait(second) == 0);
    CHECK(sem_close(second) == 0 && sem_close(first) == 0 && sem_unlink(NAME) == 0);
}

BEHAVIOUR(named_existing_value,
          "XSH sem_open: O_CREAT of one that exists does not change its value")
{
    sem_t *first = sem_open(NAME, O_CREAT | O_EXCL, 0600, 3),
          *second = sem_open(NAME, O_CREAT, 0600, 7);

    REQUIRE(first != SEM_FAILED && second != SEM_FAILED);
    EQUAL(value_of(second), 3);
    CHECK(sem_close(second) == 0 && sem_close(first) == 0 && sem_unlink(NAME) == 0);
}

BEHAVIOUR(named_kept, "XSH sem_close: the semaphore keeps its value until it is unlinked")
{
    sem_t *semaphore = sem_open(NAME, O_CREAT | O_EXCL, 0600, 0);

    REQUIRE(semaphore != SEM_FAILED);
    CHECK(sem_post(semaphore) == 0 && sem_close(semaphore) == 0);
    semaphore = sem_open(NAME, 0);
    REQUIRE(semaphore != SEM_FAILED);
    EQUAL(value_of(semaphore), 1);
    CHECK(sem_close(semaphore) == 0 && sem_unlink(NAME) == 0);
}

BEHAVIOUR(named_unlink, "XSH sem_unlink: the name goes at once, who has it open goes on")
{
    sem_t *semaphore = sem_open(NAME, O_CREAT | O_EXCL, 0600, 0);

    REQUIRE(semaphore != SEM_FAILED);
    CHECK(sem_unlink(NAME) == 0);
    errno = 0;
    CHECK(sem_open(NAME, 0) == SEM_FAILED && errno == ENOENT);
    CHECK(sem_post(semaphore) == 0 && sem_trywait(semaphore) == 0);
    CHECK(sem_close(semaphore) == 0);
}

BEHAVIOUR(named_unlink_missing, "XSH sem_unlink: a name that does not exist is ENOENT")
{
    FAILS(sem_unlink("/posix-not-there"), ENOENT);
}

CHILD(posts_named)
{
    sem_t *semaphore = sem_open(argv[1], 0);
    return semaphore == SEM_FAILED || sem_post(semaphore) != 0 || sem_close(semaphore) != 0;
}

BEHAVIOUR(named_between, "XSH sem_open: two processes share a named semaphore")
{
    sem_t *semaphore = sem_open(NAME, O_CREAT | O_EXCL, 0600, 0);

    REQUIRE(semaphore != SEM_FAILED);
    pid_t child = start_child("posts_named", NAME, NULL);
    CHECK(sem_wait(semaphore) == 0);
    EQUAL(exit_status(child), 0);
    CHECK(sem_close(semaphore) == 0 && sem_unlink(NAME) == 0);
}
