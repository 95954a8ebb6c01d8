/* SPDX-License-Identifier: MIT */
/*
 * Mutexes, conditions and semaphores. Each is a few words of ordinary memory: no handle, nothing to
 * make or to free, and all zero is a good start for mutexes and conditions. They work between all
 * who see the memory, in whatever space. Without contention none of them enters the kernel; with it
 * threads sleep by word_wait.
 *
 * Times are those of iris_clock_monotonic; IRIS_DEADLINE_NONE: for ever.
 */
#ifndef IRIS_SYNC_H
#define IRIS_SYNC_H

#include <stdbool.h>
#include <stdint.h>

#include <iris/ipc.h>

/*
 * Sleeps while *word is `value`: until it is woken or the word differs (0; also for no reason: look
 * again), or the deadline has passed (-ETIMEDOUT), or the wait was cancelled (-ECANCELED). -EFAULT:
 * no such memory.
 */
int iris_word_sleep(const uint32_t *word, uint32_t value, uint64_t deadline);
void iris_word_rouse(const uint32_t *word);     /* wakes one, if any sleeps */
void iris_word_rouse_all(const uint32_t *word); /* wakes all that sleep now */

/* ---- Mutexes: not recursive, and not fair ---- */

struct iris_mutex {
    uint32_t state; /* 0 free, 1 taken, 2 taken and somebody may sleep */
};

int iris_mutex_wait(struct iris_mutex *mutex,
                    uint64_t deadline); /* what lock does if it is taken */

static inline bool iris_mutex_try(struct iris_mutex *mutex)
{
    uint32_t free = 0;
    return __atomic_compare_exchange_n(&mutex->state, &free, 1, false, __ATOMIC_ACQUIRE,
                                       __ATOMIC_RELAXED);
}

/* 0, or -ETIMEDOUT: then it is not taken. */
static inline int iris_mutex_lock_until(struct iris_mutex *mutex, uint64_t deadline)
{
    return iris_mutex_try(mutex) ? 0 : iris_mutex_wait(mutex, deadline);
}

static inline void iris_mutex_lock(struct iris_mutex *mutex)
{
    if (!iris_mutex_try(mutex))
        iris_mutex_wait(mutex, IRIS_DEADLINE_NONE);
}

static inline void iris_mutex_unlock(struct iris_mutex *mutex)
{
    if (__atomic_exchange_n(&mutex->state, 0, __ATOMIC_RELEASE) == 2)
        iris_word_rouse(&mutex->state);
}

/* ---- Conditions ---- */

struct iris_condition {
    uint32_t sequence; /* counts signals */
    uint32_t waiters;
};

/* Gives the mutex up, sleeps until a signal, and takes the mutex again. May return without a
   signal: look at what is waited for, in a loop. 0 or -ETIMEDOUT, with the mutex taken in any case.
 */
int iris_condition_wait(struct iris_condition *condition, struct iris_mutex *mutex,
                        uint64_t deadline);
void iris_condition_signal(struct iris_condition *condition);    /* one waiter at least */
void iris_condition_broadcast(struct iris_condition *condition); /* all */

/* ---- Semaphores ---- */

struct iris_semaphore {
    uint32_t count;
    uint32_t waiters;
};

/* 0, or -ETIMEDOUT: then nothing was taken. IRIS_DEADLINE_POLL does not wait. */
int iris_semaphore_take(struct iris_semaphore *semaphore, uint64_t deadline);
void iris_semaphore_give(struct iris_semaphore *semaphore);

#endif
