/* SPDX-License-Identifier: MIT */
/* Mutexes, condition variables, read-write locks, barriers, spin locks. */
#include "behaviour.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <time.h>

static pthread_t start(void *(*function)(void *), void *argument)
{
    pthread_t thread = pthread_self();

    EQUAL(pthread_create(&thread, NULL, function, argument), 0);
    return thread;
}

/* A result of pthread functions as another thread gets it. */
struct call {
    int (*function)(void *);
    void *object;
    int result;
};

static void *make_call(void *argument)
{
    struct call *call = argument;

    call->result = call->function(call->object);
    return NULL;
}

static int elsewhere(int (*function)(void *), void *object)
{
    struct call call = {function, object, -1};

    EQUAL(pthread_join(start(make_call, &call), NULL), 0);
    return call.result;
}

static struct timespec in_ms(clockid_t clock, long ms)
{
    struct timespec time;

    clock_gettime(clock, &time);
    time.tv_nsec += ms % 1000 * 1000000;
    time.tv_sec += ms / 1000 + time.tv_nsec / 1000000000;
    time.tv_nsec %= 1000000000;
    return time;
}

/* ---- Mutexes ---- */

static int trylock(void *mutex) { return pthread_mutex_trylock(mutex); }
static int unlock(void *mutex) { return pthread_mutex_unlock(mutex); }
static int lock_and_leave(void *mutex) { return pthread_mutex_lock(mutex); }

static bool mutex_of_type(pthread_mutex_t *mutex, int type)
{
    pthread_mutexattr_t attributes;

    return pthread_mutexattr_init(&attributes) == 0 &&
           pthread_mutexattr_settype(&attributes, type) == 0 &&
           pthread_mutex_init(mutex, &attributes) == 0 &&
           pthread_mutexattr_destroy(&attributes) == 0;
}

BEHAVIOUR(mutex_exclusive, "XSH pthread_mutex_trylock: EBUSY while another holds it")
{
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

    EQUAL(pthread_mutex_lock(&mutex), 0);
    EQUAL(elsewhere(trylock, &mutex), EBUSY);
    EQUAL(pthread_mutex_trylock(&mutex), EBUSY);
    EQUAL(pthread_mutex_unlock(&mutex), 0);
    EQUAL(pthread_mutex_trylock(&mutex), 0);
    EQUAL(pthread_mutex_unlock(&mutex), 0);
    EQUAL(pthread_mutex_destroy(&mutex), 0);
}

struct counter {
    pthread_mutex_t mutex;
    int number;
};

static void *count_up(void *argument)
{
    struct counter *counter = argument;

    for (int i = 0; i < 200; i++) {
        pthread_mutex_lock(&counter->mutex);
        int number = counter->number;
        if (i % 50 == 0)
            sched_yield();
        counter->number = number + 1;
        pthread_mutex_unlock(&counter->mutex);
    }
    return NULL;
}

BEHAVIOUR(mutex_counts, "XSH pthread_mutex_lock: protects what several threads change")
{
    struct counter counter = {PTHREAD_MUTEX_INITIALIZER, 0};
    pthread_t threads[4];

    for (int i = 0; i < 4; i++)
        threads[i] = start(count_up, &counter);
    for (int i = 0; i < 4; i++)
        EQUAL(pthread_join(threads[i], NULL), 0);
    EQUAL(counter.number, 800);
}

BEHAVIOUR(mutex_errorcheck,
          "XSH pthread_mutex_lock: ERRORCHECK: again EDEADLK, not the owner's EPERM")
{
    pthread_mutex_t mutex;

    REQUIRE(mutex_of_type(&mutex, PTHREAD_MUTEX_ERRORCHECK));
    EQUAL(pthread_mutex_unlock(&mutex), EPERM);
    EQUAL(pthread_mutex_lock(&mutex), 0);
    EQUAL(pthread_mutex_lock(&mutex), EDEADLK);
    EQUAL(elsewhere(unlock, &mutex), EPERM);
    EQUAL(pthread_mutex_unlock(&mutex), 0);
    EQUAL(pthread_mutex_destroy(&mutex), 0);
}

BEHAVIOUR(mutex_recursive, "XSH pthread_mutex_lock: RECURSIVE: locked as often as unlocked")
{
    pthread_mutex_t mutex;

    REQUIRE(mutex_of_type(&mutex, PTHREAD_MUTEX_RECURSIVE));
    EQUAL(pthread_mutex_lock(&mutex), 0);
    EQUAL(pthread_mutex_lock(&mutex), 0);
    EQUAL(pthread_mutex_trylock(&mutex), 0);
    EQUAL(pthread_mutex_unlock(&mutex), 0);
    EQUAL(pthread_mutex_unlock(&mutex), 0);
    EQUAL(elsewhere(trylock, &mutex), EBUSY);
    EQUAL(pthread_mutex_unlock(&mutex), 0);
    EQUAL(pthread_mutex_unlock(&mutex), EPERM);
    EQUAL(pthread_mutex_destroy(&mutex), 0);
}

BEHAVIOUR(mutex_type_values, "XSH pthread_mutexattr_settype: default is DEFAULT; unknown is EINVAL")
{
    pthread_mutexattr_t attributes;
    int type = -1;

    REQUIRE(pthread_mutexattr_init(&attributes) == 0);
    EQUAL(pthread_mutexattr_gettype(&attributes, &type), 0);
    EQUAL(type, PTHREAD_MUTEX_DEFAULT);
    EQUAL(pthread_mutexattr_settype(&attributes, 99), EINVAL);
    EQUAL(pthread_mutexattr_destroy(&attributes), 0);
}

BEHAVIOUR(mutex_timed, "XSH pthread_mutex_timedlock: ETIMEDOUT not before the time")
{
    pthread_mutex_t mutex;

    REQUIRE(mutex_of_type(&mutex, PTHREAD_MUTEX_NORMAL));
    EQUAL(pthread_mutex_lock(&mutex), 0);
    struct timespec end = in_ms(CLOCK_REALTIME, 40);
    long long before = milliseconds();
    EQUAL(pthread_mutex_timedlock(&mutex, &end), ETIMEDOUT);
    CHECK(milliseconds() - before >= 38);
    EQUAL(pthread_mutex_unlock(&mutex), 0);
    EQUAL(pthread_mutex_timedlock(&mutex, &end), 0);
    EQUAL(pthread_mutex_unlock(&mutex), 0);
    EQUAL(pthread_mutex_destroy(&mutex), 0);
}

BEHAVIOUR(mutex_robust,
          "XSH pthread_mutex_lock: ROBUST: EOWNERDEAD, and usable again when consistent")
{
    pthread_mutexattr_t attributes;
    pthread_mutex_t mutex;

    REQUIRE(pthread_mutexattr_init(&attributes) == 0);
    EQUAL(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST), 0);
    REQUIRE(pthread_mutex_init(&mutex, &attributes) == 0);
    EQUAL(elsewhere(lock_and_leave, &mutex), 0);
    EQUAL(pthread_mutex_lock(&mutex), EOWNERDEAD);
    EQUAL(pthread_mutex_consistent(&mutex), 0);
    EQUAL(pthread_mutex_unlock(&mutex), 0);
    EQUAL(pthread_mutex_lock(&mutex), 0);
    EQUAL(pthread_mutex_unlock(&mutex), 0);
    EQUAL(pthread_mutex_destroy(&mutex), 0);
    pthread_mutexattr_destroy(&attributes);
}

BEHAVIOUR(mutex_not_recoverable,
          "XSH pthread_mutex_lock: ENOTRECOVERABLE if nobody made it consistent")
{
    pthread_mutexattr_t attributes;
    pthread_mutex_t mutex;

    REQUIRE(pthread_mutexattr_init(&attributes) == 0);
    EQUAL(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST), 0);
    REQUIRE(pthread_mutex_init(&mutex, &attributes) == 0);
    EQUAL(elsewhere(lock_and_leave, &mutex), 0);
    EQUAL(pthread_mutex_lock(&mutex), EOWNERDEAD);
    EQUAL(pthread_mutex_unlock(&mutex), 0);
    EQUAL(pthread_mutex_lock(&mutex), ENOTRECOVERABLE);
    EQUAL(pthread_mutex_destroy(&mutex), 0);
    pthread_mutexattr_destroy(&attributes);
}

BEHAVIOUR(mutex_inherit,
          "XSH pthread_mutexattr_setprotocol: PTHREAD_PRIO_INHERIT mutexes lock as others")
{
    pthread_mutexattr_t attributes;
    pthread_mutex_t mutex;
    int protocol = -1;

    REQUIRE(pthread_mutexattr_init(&attributes) == 0);
    EQUAL(pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT), 0);
    EQUAL(pthread_mutexattr_getprotocol(&attributes, &protocol), 0);
    EQUAL(protocol, PTHREAD_PRIO_INHERIT);
    REQUIRE(pthread_mutex_init(&mutex, &attributes) == 0);
    EQUAL(pthread_mutex_lock(&mutex), 0);
    EQUAL(elsewhere(trylock, &mutex), EBUSY);
    EQUAL(pthread_mutex_unlock(&mutex), 0);
    EQUAL(elsewhere(lock_and_leave, &mutex), 0);
    pthread_mutexattr_destroy(&attributes);
}

/* ---- Conditions ---- */

struct gate {
    pthread_mutex_t mutex;
    pthread_cond_t condition;
    int waiting, passed, open;
};
#define GATE                                                                                       \
    {                                                                                              \
        PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0, 0                               \
    }

static void *pass_gate(void *argument)
{
    struct gate *gate = argument;

    pthread_mutex_lock(&gate->mutex);
    gate->waiting++;
    while (gate->open == 0)
        pthread_cond_wait(&gate->condition, &gate->mutex);
    gate->open--;
    gate->passed++;
    pthread_mutex_unlock(&gate->mutex);
    return NULL;
}

/* Holds the mutex of the gate when so many wait there. */
static void lock_with_waiting(struct gate *gate, int waiting)
{
    pthread_mutex_lock(&gate->mutex);
    while (gate->waiting < waiting) {
        pthread_mutex_unlock(&gate->mutex);
        pause_for(5);
        pthread_mutex_lock(&gate->mutex);
    }
}

BEHAVIOUR(cond_signal_one, "XSH pthread_cond_signal: wakes a waiter, who then holds the mutex")
{
    struct gate gate = GATE;
    pthread_t thread = start(pass_gate, &gate);

    lock_with_waiting(&gate, 1);
    gate.open = 1;
    EQUAL(pthread_cond_signal(&gate.condition), 0);
    EQUAL(gate.passed, 0);
    EQUAL(pthread_mutex_unlock(&gate.mutex), 0);
    EQUAL(pthread_join(thread, NULL), 0);
    EQUAL(gate.passed, 1);
}

BEHAVIOUR(cond_broadcast_all, "XSH pthread_cond_broadcast: wakes all who wait")
{
    struct gate gate = GATE;
    pthread_t threads[3];

    for (int i = 0; i < 3; i++)
        threads[i] = start(pass_gate, &gate);
    lock_with_waiting(&gate, 3);
    gate.open = 3;
    EQUAL(pthread_cond_broadcast(&gate.condition), 0);
    EQUAL(pthread_mutex_unlock(&gate.mutex), 0);
    for (int i = 0; i < 3; i++)
        EQUAL(pthread_join(threads[i], NULL), 0);
    EQUAL(gate.passed, 3);
}

BEHAVIOUR(cond_nobody, "XSH pthread_cond_signal: with nobody waiting it is lost, and no error")
{
    struct gate gate = GATE;
    struct timespec end = in_ms(CLOCK_REALTIME, 30);

    EQUAL(pthread_cond_signal(&gate.condition), 0);
    EQUAL(pthread_cond_broadcast(&gate.condition), 0);
    EQUAL(pthread_mutex_lock(&gate.mutex), 0);
    EQUAL(pthread_cond_timedwait(&gate.condition, &gate.mutex, &end), ETIMEDOUT);
    EQUAL(pthread_mutex_unlock(&gate.mutex), 0);
    EQUAL(pthread_cond_destroy(&gate.condition), 0);
}

BEHAVIOUR(cond_timed,
          "XSH pthread_cond_timedwait: ETIMEDOUT not before the time, holding the mutex")
{
    struct gate gate = GATE;

    EQUAL(pthread_mutex_lock(&gate.mutex), 0);
    struct timespec end = in_ms(CLOCK_REALTIME, 40);
    long long before = milliseconds();
    EQUAL(pthread_cond_timedwait(&gate.condition, &gate.mutex, &end), ETIMEDOUT);
    CHECK(milliseconds() - before >= 38);
    EQUAL(elsewhere(trylock, &gate.mutex), EBUSY);
    EQUAL(pthread_mutex_unlock(&gate.mutex), 0);
}

BEHAVIOUR(cond_monotonic, "XSH pthread_condattr_setclock: CLOCK_MONOTONIC counts the time")
{
    pthread_condattr_t attributes;
    pthread_cond_t condition;
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    clockid_t clock = CLOCK_REALTIME;

    REQUIRE(pthread_condattr_init(&attributes) == 0);
    EQUAL(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC), 0);
    CHECK(pthread_condattr_getclock(&attributes, &clock) == 0 && clock == CLOCK_MONOTONIC);
    REQUIRE(pthread_cond_init(&condition, &attributes) == 0);
    struct timespec end = in_ms(CLOCK_MONOTONIC, 40);
    long long before = milliseconds();
    EQUAL(pthread_mutex_lock(&mutex), 0);
    EQUAL(pthread_cond_timedwait(&condition, &mutex, &end), ETIMEDOUT);
    CHECK(milliseconds() - before >= 39);
    EQUAL(pthread_mutex_unlock(&mutex), 0);
    EQUAL(pthread_cond_destroy(&condition), 0);
    pthread_condattr_destroy(&attributes);
}

static void unlock_at_end(void *mutex) { pthread_mutex_unlock(mutex); }

static void *wait_cancelled(void *argument)
{
    struct gate *gate = argument;

    pthread_mutex_lock(&gate->mutex);
    pthread_cleanup_push(unlock_at_end, &gate->mutex);
    gate->waiting++;
    for (;;)
        pthread_cond_wait(&gate->condition, &gate->mutex);
    pthread_cleanup_pop(1);
    return NULL;
}

BEHAVIOUR(cond_cancelled,
          "XSH pthread_cond_wait: cancelled, the thread holds the mutex in its handlers")
{
    struct gate gate = GATE;
    pthread_t thread = start(wait_cancelled, &gate);
    void *result = NULL;

    lock_with_waiting(&gate, 1);
    EQUAL(pthread_mutex_unlock(&gate.mutex), 0);
    EQUAL(pthread_cancel(thread), 0);
    EQUAL(pthread_join(thread, &result), 0);
    CHECK(result == PTHREAD_CANCELED);
    EQUAL(pthread_mutex_trylock(&gate.mutex), 0);
}

/* ---- Read-write locks ---- */

static int tryread(void *lock)
{
    int error = pthread_rwlock_tryrdlock(lock);

    if (error == 0)
        pthread_rwlock_unlock(lock);
    return error;
}

static int trywrite(void *lock)
{
    int error = pthread_rwlock_trywrlock(lock);

    if (error == 0)
        pthread_rwlock_unlock(lock);
    return error;
}

BEHAVIOUR(rwlock_readers, "XSH pthread_rwlock_rdlock: several may read; a writer gets EBUSY")
{
    pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;

    EQUAL(pthread_rwlock_rdlock(&lock), 0);
    EQUAL(elsewhere(tryread, &lock), 0);
    EQUAL(elsewhere(trywrite, &lock), EBUSY);
    EQUAL(pthread_rwlock_unlock(&lock), 0);
    EQUAL(elsewhere(trywrite, &lock), 0);
    EQUAL(pthread_rwlock_destroy(&lock), 0);
}

BEHAVIOUR(rwlock_writer, "XSH pthread_rwlock_wrlock: alone; readers and writers get EBUSY")
{
    pthread_rwlock_t lock;

    REQUIRE(pthread_rwlock_init(&lock, NULL) == 0);
    EQUAL(pthread_rwlock_wrlock(&lock), 0);
    EQUAL(elsewhere(tryread, &lock), EBUSY);
    EQUAL(elsewhere(trywrite, &lock), EBUSY);
    EQUAL(pthread_rwlock_unlock(&lock), 0);
    EQUAL(elsewhere(tryread, &lock), 0);
    EQUAL(pthread_rwlock_destroy(&lock), 0);
}

static int timed_read(void *lock)
{
    struct timespec end = in_ms(CLOCK_REALTIME, 30);
    return pthread_rwlock_timedrdlock(lock, &end);
}

BEHAVIOUR(rwlock_timed, "XSH pthread_rwlock_timedrdlock: ETIMEDOUT while another writes")
{
    pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;

    EQUAL(pthread_rwlock_wrlock(&lock), 0);
    EQUAL(elsewhere(timed_read, &lock), ETIMEDOUT);
    EQUAL(pthread_rwlock_unlock(&lock), 0);
}

/* ---- Barriers ---- */

static int wait_barrier(void *barrier) { return pthread_barrier_wait(barrier); }

BEHAVIOUR(barrier_all, "XSH pthread_barrier_wait: all go on together, one is the serial thread")
{
    pthread_barrier_t barrier;
    struct call calls[2] = {{wait_barrier, &barrier, -1}, {wait_barrier, &barrier, -1}};
    pthread_t threads[2];

    REQUIRE(pthread_barrier_init(&barrier, NULL, 3) == 0);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 2; i++)
            threads[i] = start(make_call, &calls[i]);
        int results[3] = {pthread_barrier_wait(&barrier), 0, 0}, serial = 0;
        for (int i = 0; i < 2; i++) {
            pthread_join(threads[i], NULL);
            results[i + 1] = calls[i].result;
        }
        for (int i = 0; i < 3; i++) {
            CHECK(results[i] == 0 || results[i] == PTHREAD_BARRIER_SERIAL_THREAD);
            serial += results[i] == PTHREAD_BARRIER_SERIAL_THREAD;
        }
        EQUAL(serial, 1);
    }
    EQUAL(pthread_barrier_destroy(&barrier), 0);
}

BEHAVIOUR(barrier_invalid, "XSH pthread_barrier_init: a count of 0 is EINVAL")
{
    pthread_barrier_t barrier;

    EQUAL(pthread_barrier_init(&barrier, NULL, 0), EINVAL);
}

/* ---- Spin locks ---- */

static int spin_try(void *lock)
{
    int error = pthread_spin_trylock(lock);

    if (error == 0)
        pthread_spin_unlock(lock);
    return error;
}

BEHAVIOUR(spin_exclusive, "XSH pthread_spin_trylock: EBUSY while another holds it")
{
    pthread_spinlock_t lock;

    REQUIRE(pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE) == 0);
    EQUAL(pthread_spin_lock(&lock), 0);
    EQUAL(elsewhere(spin_try, (void *)&lock), EBUSY);
    EQUAL(pthread_spin_unlock(&lock), 0);
    EQUAL(elsewhere(spin_try, (void *)&lock), 0);
    EQUAL(pthread_spin_destroy(&lock), 0);
}

static pthread_spinlock_t spin;
static int spun;

static void *spin_up(void *argument)
{
    for (int i = 0; i < 100; i++) {
        pthread_spin_lock(&spin);
        int number = spun;
        spun = number + 1;
        pthread_spin_unlock(&spin);
    }
    return argument;
}

BEHAVIOUR(spin_counts, "XSH pthread_spin_lock: protects what several threads change")
{
    pthread_t threads[3];

    REQUIRE(pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE) == 0);
    for (int i = 0; i < 3; i++)
        threads[i] = start(spin_up, NULL);
    for (int i = 0; i < 3; i++)
        EQUAL(pthread_join(threads[i], NULL), 0);
    EQUAL(spun, 300);
    EQUAL(pthread_spin_destroy(&spin), 0);
}
