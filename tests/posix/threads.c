/* SPDX-License-Identifier: MIT */
/* Threads: create, join, detach, cancel, once. */
#include "behaviour.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

static pthread_t start(void *(*function)(void *), void *argument)
{
    pthread_t thread = pthread_self();

    EQUAL(pthread_create(&thread, NULL, function, argument), 0);
    return thread;
}

static void *joined(pthread_t thread)
{
    void *result = NULL;

    EQUAL(pthread_join(thread, &result), 0);
    return result;
}

static void *give_back(void *argument) { return argument; }

static void *add_one(void *argument)
{
    ++*(int *)argument;
    return NULL;
}

/* ---- create, join, detach ---- */

BEHAVIOUR(create_argument, "XSH pthread_create: the thread gets the argument and shares the memory")
{
    int number = 1;

    joined(start(add_one, &number));
    EQUAL(number, 2);
}

BEHAVIOUR(join_result, "XSH pthread_join: gets what the function returned")
{
    int here;

    CHECK(joined(start(give_back, &here)) == &here);
}

static void *exit_deep(void *argument)
{
    pthread_exit(argument);
    return NULL;
}

BEHAVIOUR(exit_result, "XSH pthread_exit: ends the thread with that result")
{
    int here;

    CHECK(joined(start(exit_deep, &here)) == &here);
}

BEHAVIOUR(join_no_result, "XSH pthread_join: the result may not be wanted")
{
    EQUAL(pthread_join(start(give_back, NULL), NULL), 0);
}

BEHAVIOUR(join_self, "XSH pthread_join: of oneself is EDEADLK")
{
    EQUAL(pthread_join(pthread_self(), NULL), EDEADLK);
}

static void *tell_self(void *argument)
{
    *(pthread_t *)argument = pthread_self();
    return NULL;
}

BEHAVIOUR(self_and_equal,
          "XSH pthread_self, pthread_equal: the id that create stored, and no other's")
{
    pthread_t inside = pthread_self(), thread = start(tell_self, &inside);

    joined(thread);
    CHECK(pthread_equal(inside, thread) != 0);
    CHECK(pthread_equal(inside, pthread_self()) == 0);
    CHECK(pthread_equal(pthread_self(), pthread_self()) != 0);
}

BEHAVIOUR(many_threads,
          "XSH pthread_create: twenty threads at once, each joined with its own result")
{
    pthread_t threads[20];
    int numbers[20];

    for (int i = 0; i < 20; i++)
        threads[i] = start(give_back, &numbers[i]);
    for (int i = 0; i < 20; i++)
        CHECK(joined(threads[i]) == &numbers[i]);
}

BEHAVIOUR(many_in_turn, "XSH pthread_join: gives back what a thread used: two hundred in turn")
{
    int number = 0;

    for (int i = 0; i < 200; i++)
        joined(start(add_one, &number));
    EQUAL(number, 200);
}

static sem_t step;

static void *post_step(void *argument)
{
    sem_post(&step);
    return argument;
}

BEHAVIOUR(detach_runs, "XSH pthread_detach: a detached thread runs to its end")
{
    REQUIRE(sem_init(&step, 0, 0) == 0);
    EQUAL(pthread_detach(start(post_step, NULL)), 0);
    CHECK(sem_wait(&step) == 0 && sem_destroy(&step) == 0);
}

BEHAVIOUR(create_detached, "XSH pthread_attr_setdetachstate: threads can be made detached")
{
    pthread_attr_t attributes;
    pthread_t thread;
    int state = -1;

    REQUIRE(sem_init(&step, 0, 0) == 0 && pthread_attr_init(&attributes) == 0);
    EQUAL(pthread_attr_getdetachstate(&attributes, &state), 0);
    EQUAL(state, PTHREAD_CREATE_JOINABLE);
    EQUAL(pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED), 0);
    EQUAL(pthread_create(&thread, &attributes, post_step, NULL), 0);
    CHECK(sem_wait(&step) == 0 && sem_destroy(&step) == 0);
    EQUAL(pthread_attr_setdetachstate(&attributes, 99), EINVAL);
    EQUAL(pthread_attr_destroy(&attributes), 0);
}

static void *use_stack(void *argument)
{
    volatile char large[100000];

    large[0] = large[sizeof large - 1] = 1;
    return large[0] == 1 ? argument : NULL;
}

BEHAVIOUR(stack_size, "XSH pthread_attr_setstacksize: the thread has that much stack")
{
    pthread_attr_t attributes;
    pthread_t thread;
    size_t size = 0;
    int here;

    REQUIRE(pthread_attr_init(&attributes) == 0);
    EQUAL(pthread_attr_setstacksize(&attributes, 200000), 0);
    CHECK(pthread_attr_getstacksize(&attributes, &size) == 0 && size == 200000);
    EQUAL(pthread_attr_setstacksize(&attributes, 1), EINVAL);
    EQUAL(pthread_create(&thread, &attributes, use_stack, &here), 0);
    CHECK(joined(thread) == &here);
    pthread_attr_destroy(&attributes);
}

static int __attribute__((noinline)) deeper(int depth)
{
    volatile char frame[1000];

    frame[0] = (char)depth;
    return depth == 0 ? 0 : deeper(depth - 1) + frame[0];
}

static void *overflow(void *argument) { return deeper(1 << 20) == 1 ? argument : NULL; }

/* Its own way out is never taken. */
CHILD(overflows)
{
    pthread_t thread;

    signal(SIGSEGV, SIG_DFL);
    if (pthread_create(&thread, NULL, overflow, NULL) != 0)
        return 1;
    pthread_join(thread, NULL);
    return 0;
}

BEHAVIOUR(stack_overflow,
          "XSH pthread_attr_setguardsize: a thread that overflows its stack ends by SIGSEGV")
{
    int status = 0;
    pid_t child = start_child("overflows", NULL, NULL);

    REQUIRE(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

static sigjmp_buf out_of_overflow;

static void leave_overflow(int signo)
{
    (void)signo;
    siglongjmp(out_of_overflow, 1);
}

static void *survive_overflow(void *argument)
{
    static char handlers_stack[1 << 16];
    const stack_t stack = {.ss_sp = handlers_stack, .ss_size = sizeof handlers_stack};

    if (sigaltstack(&stack, NULL) != 0 || !handle_signal(SIGSEGV, leave_overflow, SA_ONSTACK))
        return NULL;
    return sigsetjmp(out_of_overflow, 1) != 0 ? argument : overflow(NULL);
}

BEHAVIOUR(stack_overflow_caught,
          "XSH sigaltstack: a handler on it can leave a thread whose own stack is used up")
{
    pthread_t thread;
    int here;

    REQUIRE(pthread_create(&thread, NULL, survive_overflow, &here) == 0);
    CHECK(joined(thread) == &here);
    signal(SIGSEGV, SIG_DFL);
}

static void *set_errno(void *argument)
{
    errno = EXDEV;
    sem_post(&step);
    return argument;
}

BEHAVIOUR(errno_own, "XSH 2.9.1: errno is each thread's own")
{
    REQUIRE(sem_init(&step, 0, 0) == 0);
    errno = ENOENT;
    pthread_t thread = start(set_errno, NULL);
    joined(thread);
    EQUAL(errno, ENOENT);
    sem_destroy(&step);
}

/* ---- once ---- */

static int initialised;

static void initialise(void)
{
    pause_for(20);
    initialised++;
}

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void *do_once(void *argument)
{
    pthread_once(&once, initialise);
    return initialised == 1 ? argument : NULL;
}

BEHAVIOUR(once_once, "XSH pthread_once: one thread does it, the others wait until it is done")
{
    pthread_t threads[4];
    int here;

    for (int i = 0; i < 4; i++)
        threads[i] = start(do_once, &here);
    for (int i = 0; i < 4; i++)
        CHECK(joined(threads[i]) == &here);
    EQUAL(pthread_once(&once, initialise), 0);
    EQUAL(initialised, 1);
}

/* ---- cancel ---- */

static void *wait_for_ever(void *argument)
{
    sem_post(&step);
    for (;;)
        pause_for(1000);
    return argument;
}

BEHAVIOUR(cancel_sleeping,
          "XSH pthread_cancel: ends a thread that sleeps; join gets PTHREAD_CANCELED")
{
    REQUIRE(sem_init(&step, 0, 0) == 0);
    pthread_t thread = start(wait_for_ever, NULL);
    CHECK(sem_wait(&step) == 0);
    EQUAL(pthread_cancel(thread), 0);
    CHECK(joined(thread) == PTHREAD_CANCELED);
    sem_destroy(&step);
}

static void *read_for_ever(void *argument)
{
    char byte;

    sem_post(&step);
    return read(*(int *)argument, &byte, 1) == 1 ? argument : NULL;
}

BEHAVIOUR(cancel_reading, "XSH 2.9.5: read is a cancellation point")
{
    int ends[2];

    REQUIRE(sem_init(&step, 0, 0) == 0 && pipe(ends) == 0);
    pthread_t thread = start(read_for_ever, &ends[0]);
    CHECK(sem_wait(&step) == 0);
    EQUAL(pthread_cancel(thread), 0);
    CHECK(joined(thread) == PTHREAD_CANCELED);
    sem_destroy(&step);
}

static void *compute(void *argument)
{
    sem_post(&step);
    while (*(volatile int *)argument == 0)
        sched_yield();
    pthread_testcancel();
    return argument;
}

BEHAVIOUR(cancel_deferred, "XSH pthread_testcancel: a request waits for a cancellation point")
{
    volatile int go = 0;

    REQUIRE(sem_init(&step, 0, 0) == 0);
    pthread_t thread = start(compute, (void *)&go);
    CHECK(sem_wait(&step) == 0);
    EQUAL(pthread_cancel(thread), 0);
    go = 1;
    CHECK(joined(thread) == PTHREAD_CANCELED);
    sem_destroy(&step);
}

static void *refuse_cancel(void *argument)
{
    int before = -1;

    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    sem_post(&step);
    pause_for(60);
    pthread_testcancel();
    return before == PTHREAD_CANCEL_ENABLE ? argument : NULL;
}

BEHAVIOUR(cancel_disabled,
          "XSH pthread_setcancelstate: disabled, a request does not end the thread")
{
    int here;

    REQUIRE(sem_init(&step, 0, 0) == 0);
    pthread_t thread = start(refuse_cancel, &here);
    CHECK(sem_wait(&step) == 0);
    EQUAL(pthread_cancel(thread), 0);
    CHECK(joined(thread) == &here);
    sem_destroy(&step);
}

BEHAVIOUR(cancel_state_invalid,
          "XSH pthread_setcancelstate, pthread_setcanceltype: unknown is EINVAL")
{
    int before;

    EQUAL(pthread_setcancelstate(99, &before), EINVAL);
    EQUAL(pthread_setcanceltype(99, &before), EINVAL);
    EQUAL(pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, &before), 0);
    EQUAL(before, PTHREAD_CANCEL_DEFERRED);
}

static char order[8];

static void append(void *letter) { strcat(order, letter); }

static void *with_handlers(void *argument)
{
    static char a[] = "a", b[] = "b", c[] = "c";

    pthread_cleanup_push(append, a);
    pthread_cleanup_push(append, b);
    pthread_cleanup_push(append, c);
    pthread_cleanup_pop(1);
    if (argument == NULL)
        pthread_exit(NULL);
    wait_for_ever(NULL);
    pthread_cleanup_pop(0);
    pthread_cleanup_pop(0);
    return NULL;
}

BEHAVIOUR(cleanup_exit, "XSH pthread_cleanup_push: handlers run at pthread_exit, the last first")
{
    order[0] = '\0';
    joined(start(with_handlers, NULL));
    CHECK(strcmp(order, "cba") == 0);
}

BEHAVIOUR(cleanup_cancel, "XSH pthread_cleanup_push: and when the thread is cancelled")
{
    order[0] = '\0';
    REQUIRE(sem_init(&step, 0, 0) == 0);
    pthread_t thread = start(with_handlers, order);
    CHECK(sem_wait(&step) == 0);
    EQUAL(pthread_cancel(thread), 0);
    CHECK(joined(thread) == PTHREAD_CANCELED);
    CHECK(strcmp(order, "cba") == 0);
    sem_destroy(&step);
}

/* ---- Scheduling and signals ---- */

BEHAVIOUR(sched_values,
          "XSH sched_get_priority_min: an unknown policy is EINVAL; sched_yield returns 0")
{
    int least = sched_get_priority_min(SCHED_FIFO), most = sched_get_priority_max(SCHED_FIFO);

    CHECK(least != -1 && most > least);
    CHECK(sched_yield() == 0);
    FAILS(sched_get_priority_max(9999), EINVAL);
}

static volatile pthread_t handled_by;

static void note_thread(int signo)
{
    (void)signo;
    handled_by = pthread_self();
    sem_post(&step);
}

static void *wait_signal(void *argument)
{
    sem_post(&step);
    pause_for(100);
    return argument;
}

BEHAVIOUR(pthread_kill_thread, "XSH pthread_kill: the handler runs in that thread")
{
    REQUIRE(sem_init(&step, 0, 0) == 0);
    signal(SIGUSR1, note_thread);
    pthread_t thread = start(wait_signal, NULL);
    CHECK(sem_wait(&step) == 0);
    EQUAL(pthread_kill(thread, SIGUSR1), 0);
    while (sem_wait(&step) == -1 && errno == EINTR)
        ;
    CHECK(pthread_equal(handled_by, thread) != 0);
    EQUAL(pthread_kill(thread, 9999), EINVAL);
    joined(thread);
    signal(SIGUSR1, SIG_DFL);
    sem_destroy(&step);
}

static void *block_one(void *argument)
{
    sigset_t set, now;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    return pthread_sigmask(SIG_BLOCK, NULL, &now) == 0 && sigismember(&now, SIGUSR1) == 1 ? argument
                                                                                          : NULL;
}

BEHAVIOUR(sigmask_own,
          "XSH pthread_sigmask: each thread has its own mask, inherited at its creation")
{
    sigset_t now;
    int here;

    CHECK(joined(start(block_one, &here)) == &here);
    CHECK(pthread_sigmask(SIG_BLOCK, NULL, &now) == 0 && sigismember(&now, SIGUSR1) == 0);
}
