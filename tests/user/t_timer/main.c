/* SPDX-License-Identifier: MIT */
/* Timers that call a function or nothing, semaphores with and without names, protected memory. */
#include <iris/summary.h>

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "kit.h"
#include "memory.h" /* generated from servers/mem/memory.idl */

IRIS_SUMMARY("test: timers, semaphores, protected memory, message queues");

#define MS 1000000L

static sem_t called;
static volatile int value_seen;

static void note(union sigval value)
{
    value_seen = value.sival_int;
    sem_post(&called);
}

static struct timespec in_seconds(int seconds)
{
    struct timespec time;

    clock_gettime(CLOCK_REALTIME, &time);
    time.tv_sec += seconds;
    return time;
}

static void check_timers(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = note};
    struct itimerspec set = {.it_value = {.tv_nsec = 20 * MS}, .it_interval = {.tv_nsec = 10 * MS}};
    struct timespec patience = in_seconds(30);
    timer_t timer, silent;
    int calls = 0;

    sem_init(&called, 0, 0);
    event.sigev_value.sival_int = 42;
    TEST_EQUAL(timer_create(CLOCK_MONOTONIC, &event, &timer), 0, "a timer that calls");
    TEST_EQUAL(timer_settime(timer, 0, &set, NULL), 0, "is set");
    while (calls < 3 && sem_timedwait(&called, &patience) == 0)
        calls++;
    TEST_CHECK(calls == 3 && value_seen == 42, "it calls again and again, with its value");
    TEST_EQUAL(timer_delete(timer), 0, "and is gone");
    TEST_CHECK(timer_delete(timer) == -1 && errno == EINVAL, "for good");

    event.sigev_notify = SIGEV_NONE;
    set = (struct itimerspec){.it_value = {.tv_sec = 100}};
    TEST_EQUAL(timer_create(CLOCK_REALTIME, &event, &silent), 0, "one that tells nobody");
    timer_settime(silent, 0, &set, NULL);
    TEST_EQUAL(timer_gettime(silent, &set), 0, "can be asked");
    TEST_CHECK(set.it_value.tv_sec >= 90 && set.it_value.tv_sec < 100, "how long it still takes");
    set = (struct itimerspec){.it_value = {.tv_nsec = 1000 * MS}};
    TEST_CHECK(timer_settime(silent, 0, &set, NULL) == -1 && errno == EINVAL, "no such time");
    timer_delete(silent);
}

static void check_many_timers(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_NONE};
    timer_t timers[65];
    int made = 0;

    while (made < 65 && timer_create(CLOCK_MONOTONIC, &event, &timers[made]) == 0)
        made++;
    TEST_CHECK(made == 64 && errno == EAGAIN, "as many timers as promised, then EAGAIN");
    while (made > 0)
        timer_delete(timers[--made]);
}

static void *post_many(void *semaphore)
{
    for (int i = 0; i < 100; i++)
        sem_post(semaphore);
    return NULL;
}

static void check_semaphores(void)
{
    pthread_t threads[3];
    int value = -1;
    sem_t semaphore;

    TEST_CHECK(sem_init(&semaphore, 0, 0x80000000u) == -1 && errno == EINVAL, "too high a value");
    sem_init(&semaphore, 0, 0);
    TEST_CHECK(sem_trywait(&semaphore) == -1 && errno == EAGAIN, "an empty one");
    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, post_many, &semaphore);
    for (int i = 0; i < 300; i++)
        sem_wait(&semaphore);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    TEST_CHECK(sem_getvalue(&semaphore, &value) == 0 && value == 0, "300 posts, 300 waits");
    TEST_EQUAL(sem_destroy(&semaphore), 0, "then it is destroyed");

    sem_t *named = sem_open("/t_timer", O_CREAT | O_EXCL, 0600, 2);
    TEST_CHECK(named != SEM_FAILED, "a named one");
    TEST_CHECK(sem_open("t_timer", 0) == named, "has one address under its name");
    TEST_CHECK(sem_wait(named) == 0 && sem_getvalue(named, &value) == 0 && value == 1, "and works");
    TEST_CHECK(sem_close(named) == 0 && sem_close(named) == 0, "is closed as often as opened");
    TEST_CHECK(sem_close(named) == -1 && errno == EINVAL, "not more often");
    TEST_EQUAL(sem_unlink("/t_timer"), 0, "and its name goes");
    TEST_CHECK(sem_open("/t_timer", 0) == SEM_FAILED && errno == ENOENT, "for good");
}

static void check_protection(void)
{
    char *memory = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint32_t done = 0;

    TEST_CHECK(memory != MAP_FAILED, "three pages");
    memset(memory, 7, 3 * 4096);
    TEST_EQUAL(mprotect(memory + 4096, 4096, PROT_NONE), 0, "the middle one out of reach");
    TEST_EQUAL(memory_present(IRIS_SLOT_MEMORY, (uint32_t)memory + 4096, 1, 0, &done), -EFAULT,
               "cannot be touched");
    TEST_EQUAL(mprotect(memory, 3 * 4096, PROT_READ), 0, "all to be read");
    TEST_CHECK(memory[0] == 7 && memory[4096] == 7 && memory[2 * 4096] == 7, "as they were");
    TEST_EQUAL(memory_present(IRIS_SLOT_MEMORY, (uint32_t)memory, 1, MEMORY_WRITE, &done), -EFAULT,
               "not to be written");
    TEST_EQUAL(mprotect(memory, 3 * 4096, PROT_READ | PROT_WRITE), 0, "or written again");
    memory[4096] = 8;
    TEST_CHECK(mprotect(memory + 1, 4096, PROT_READ) == -1 && errno == EINVAL, "whole pages only");
    munmap(memory, 3 * 4096);
    TEST_CHECK(mprotect(memory, 4096, PROT_READ) == -1 && errno == ENOMEM, "of what is there");
    TEST_CHECK(mprotect((void *)check_protection, 1, PROT_READ) == -1, "not the program itself");
}

/* ---- Message queues ---- */

static void *send_late(void *queue)
{
    usleep(20000);
    mq_send(*(mqd_t *)queue, "late", 5, 3);
    return NULL;
}

static void check_queues(void)
{
    struct mq_attr attributes = {.mq_maxmsg = 3, .mq_msgsize = 16}, told;
    struct timespec past = {.tv_sec = 1};
    unsigned priority = 0;
    char text[16];
    pthread_t thread;

    mqd_t queue = mq_open("/t_timer", O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
    mqd_t other = mq_open("/t_timer", O_RDONLY | O_NONBLOCK);
    TEST_CHECK(queue >= 0 && other >= 0, "a queue, opened twice");
    TEST_CHECK(mq_receive(other, text, sizeof text, NULL) == -1 && errno == EAGAIN, "is empty");
    TEST_CHECK(mq_send(other, "x", 1, 0) == -1 && errno == EBADF, "and here only to be read");
    TEST_EQUAL(mq_send(queue, "low", 4, 1), 0, "a message");
    TEST_EQUAL(mq_send(queue, "high", 5, 9), 0, "one more, more urgent");
    TEST_EQUAL(mq_send(queue, "low2", 5, 1), 0, "and one less");
    TEST_CHECK(mq_timedsend(queue, "x", 1, 0, &past) == -1 && errno == ETIMEDOUT, "it is full");
    TEST_CHECK(mq_getattr(queue, &told) == 0 && told.mq_curmsgs == 3 && told.mq_maxmsg == 3,
               "as its attributes say");
    TEST_CHECK(mq_receive(queue, text, sizeof text, &priority) == 5 && priority == 9 &&
                   strcmp(text, "high") == 0,
               "the urgent one comes first");
    mq_receive(queue, text, sizeof text, NULL);
    TEST_CHECK(strcmp(text, "low") == 0, "then the others in their order");
    mq_receive(other, text, sizeof text, NULL);
    TEST_CHECK(strcmp(text, "low2") == 0, "by whichever descriptor");
    TEST_CHECK(mq_receive(queue, text, 8, NULL) == -1 && errno == EMSGSIZE, "too small a place");
    pthread_create(&thread, NULL, send_late, &queue);
    TEST_CHECK(mq_receive(queue, text, sizeof text, &priority) == 5 && priority == 3,
               "who waits gets it");
    pthread_join(thread, NULL);
    TEST_CHECK(mq_close(queue) == 0 && mq_close(other) == 0 && mq_unlink("/t_timer") == 0, "gone");
    TEST_CHECK(mq_send(queue, "x", 1, 0) == -1 && errno == EBADF, "closed");
}

int main(void)
{
    test_begin("t_timer");
    check_timers();
    check_many_timers();
    check_semaphores();
    check_protection();
    check_queues();
    return test_end();
}
