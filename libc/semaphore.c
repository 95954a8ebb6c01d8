/* SPDX-License-Identifier: MIT */
/*
 * Semaphores: count and waiters in one double word, changed together. So whoever posts touches the
 * semaphore once; the thread it lets through may destroy it at once.
 */
#include <semaphore.h>

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/neutrino.h>

#include "clocks.h"
#include "libc.h"
#include "threads.h"

/* The low half is the count, on which waiters sleep; the high half counts them. */
#define WAITER (1ull << 32)

static uint64_t load(const sem_t *semaphore)
{
    return (uint64_t)__atomic_load_n(&semaphore->__waiters, __ATOMIC_SEQ_CST) << 32 |
           __atomic_load_n(&semaphore->__count, __ATOMIC_SEQ_CST);
}

/* Halves read one after the other are checked by the exchange. */
static bool change(sem_t *semaphore, uint64_t from, uint64_t to)
{
    bool done;

    __asm__ volatile("lock cmpxchg8b %1\n\tsete %0"
                     : "=q"(done), "+m"(*(uint64_t *)(void *)semaphore), "+A"(from)
                     : "b"((uint32_t)to), "c"((uint32_t)(to >> 32))
                     : "memory", "cc");
    return done;
}

/* Adds to both halves at once; returns what was there. */
static uint64_t add(sem_t *semaphore, uint64_t amount)
{
    uint64_t value = load(semaphore);

    while (!change(semaphore, value, value + amount))
        value = load(semaphore);
    return value;
}

int sem_init(sem_t *semaphore, int shared, unsigned value)
{
    (void)shared; /* all of it lies in the memory that is shared */
    if (value > SEM_VALUE_MAX)
        return libc_result(-EINVAL);
    *semaphore = (sem_t){.__count = value};
    return 0;
}

int sem_destroy(sem_t *semaphore) { return load(semaphore) >= WAITER ? libc_result(-EBUSY) : 0; }

int sem_getvalue(sem_t *restrict semaphore, int *restrict value)
{
    *value = (int)(uint32_t)load(semaphore);
    return 0;
}

int sem_post(sem_t *semaphore)
{
    uint64_t value = load(semaphore);

    do {
        value = load(semaphore);
        if ((uint32_t)value == SEM_VALUE_MAX)
            return libc_result(-EOVERFLOW);
    } while (!change(semaphore, value, value + 1));
    if (value >= WAITER)
        iris_word_rouse(&semaphore->__count);
    return 0;
}

static bool take(sem_t *semaphore)
{
    uint64_t value = load(semaphore);

    while ((uint32_t)value > 0) {
        if (change(semaphore, value, value - 1))
            return true;
        value = load(semaphore);
    }
    return false;
}

/* Who goes without having taken anything passes a wake-up on that may have been its own. */
static void give_up(sem_t *semaphore)
{
    uint64_t left = add(semaphore, -WAITER) - WAITER;

    if (left >= WAITER && (uint32_t)left > 0)
        iris_word_rouse(&semaphore->__count);
}

/* A handler with SA_RESTART does not end the wait, another one does. */
static int sleep_for(sem_t *semaphore, uint64_t deadline)
{
    thread_forget_handlers();
    int error = thread_sleep(&semaphore->__count, 0, deadline);
    bool goes_on = error == -EINTR && thread_was_signalled() && !thread_was_broken();
    return goes_on ? 0 : error;
}

static int wait_until(sem_t *semaphore, uint64_t deadline)
{
    int error = 0;

    add(semaphore, WAITER);
    while (error == 0 && !take(semaphore))
        error = sleep_for(semaphore, deadline);
    if (error == 0)
        add(semaphore, -WAITER);
    else
        give_up(semaphore);
    return error;
}

static int wait_and_tell(sem_t *semaphore, uint64_t deadline)
{
    int error = wait_until(semaphore, deadline);

    if (error == -EINTR && thread_cancel_now != NULL)
        thread_cancel_now();
    return libc_result(error);
}

int sem_trywait(sem_t *semaphore) { return take(semaphore) ? 0 : libc_result(-EAGAIN); }

int sem_wait(sem_t *semaphore)
{
    if (thread_cancel_now != NULL)
        thread_cancel_now();
    return take(semaphore) ? 0 : wait_and_tell(semaphore, thread_deadline(_NTO_TIMEOUT_SEM));
}

int sem_clockwait(sem_t *restrict semaphore, clockid_t clock, const struct timespec *restrict time)
{
    uint64_t deadline;

    if (thread_cancel_now != NULL)
        thread_cancel_now();
    if (take(semaphore))
        return 0;
    int error = deadline_of(clock, time, &deadline);
    return error != 0 ? libc_result(-error) : wait_and_tell(semaphore, deadline);
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict time)
{
    return sem_clockwait(semaphore, CLOCK_REALTIME, time);
}
