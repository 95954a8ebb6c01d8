/* SPDX-License-Identifier: MIT */
#include <iris/sync.h>

#include <iris/calls.h>
#include <iris/error.h>
#include <iris/object.h>

int iris_word_sleep(const uint32_t *word, uint32_t value, uint64_t deadline)
{
    struct iris_word wanted = {(uint32_t)word, value};

    for (bool touched = false;; touched = true) {
        int result = iris_word_wait(&wanted, 1, (uint32_t)deadline, (uint32_t)(deadline >> 32));
        if (result >= 0 || result == -EAGAIN)
            return 0;
        if (result != -EFAULT || touched)
            return result;
        /* A page that was not there yet: the pager brings it. */
        if (__atomic_load_n(word, __ATOMIC_RELAXED) != value)
            return 0;
    }
}

void iris_word_rouse(const uint32_t *word) { iris_word_wake(word, 1); }

void iris_word_rouse_all(const uint32_t *word)
{
    while (iris_word_wake(word, UINT32_MAX) > 0)
        ;
}

/* ---- Mutexes ---- */

/* Who has slept takes it as one that somebody may sleep at: it cannot know of others. */
int iris_mutex_wait(struct iris_mutex *mutex, uint64_t deadline)
{
    while (__atomic_exchange_n(&mutex->state, 2, __ATOMIC_ACQUIRE) != 0) {
        int error = iris_word_sleep(&mutex->state, 2, deadline);
        if (error == -ETIMEDOUT)
            return error;
    }
    return 0;
}

/* ---- Conditions ---- */

int iris_condition_wait(struct iris_condition *condition, struct iris_mutex *mutex,
                        uint64_t deadline)
{
    uint32_t sequence = __atomic_load_n(&condition->sequence, __ATOMIC_RELAXED);

    __atomic_fetch_add(&condition->waiters, 1, __ATOMIC_SEQ_CST);
    iris_mutex_unlock(mutex);
    int error = iris_word_sleep(&condition->sequence, sequence, deadline);
    __atomic_fetch_sub(&condition->waiters, 1, __ATOMIC_SEQ_CST);
    if (!iris_mutex_try(mutex))
        iris_mutex_wait(mutex, IRIS_DEADLINE_NONE);
    return error == -ETIMEDOUT ? error : 0;
}

/* False: nobody has to be woken. Who counts itself in later sees the new sequence. */
static bool condition_advance(struct iris_condition *condition)
{
    __atomic_fetch_add(&condition->sequence, 1, __ATOMIC_SEQ_CST);
    return __atomic_load_n(&condition->waiters, __ATOMIC_SEQ_CST) != 0;
}

void iris_condition_signal(struct iris_condition *condition)
{
    if (condition_advance(condition))
        iris_word_rouse(&condition->sequence);
}

void iris_condition_broadcast(struct iris_condition *condition)
{
    if (condition_advance(condition))
        iris_word_rouse_all(&condition->sequence);
}

/* ---- Semaphores ---- */

static bool semaphore_try(struct iris_semaphore *semaphore)
{
    uint32_t count = __atomic_load_n(&semaphore->count, __ATOMIC_RELAXED);

    while (count > 0)
        if (__atomic_compare_exchange_n(&semaphore->count, &count, count - 1, false,
                                        __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            return true;
    return false;
}

int iris_semaphore_take(struct iris_semaphore *semaphore, uint64_t deadline)
{
    int error = 0;

    if (semaphore_try(semaphore))
        return 0;
    __atomic_fetch_add(&semaphore->waiters, 1, __ATOMIC_SEQ_CST);
    while (!semaphore_try(semaphore)) {
        error = iris_word_sleep(&semaphore->count, 0, deadline);
        if (error == -ETIMEDOUT)
            break;
        error = 0;
    }
    __atomic_fetch_sub(&semaphore->waiters, 1, __ATOMIC_SEQ_CST);
    return error;
}

void iris_semaphore_give(struct iris_semaphore *semaphore)
{
    __atomic_fetch_add(&semaphore->count, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&semaphore->waiters, __ATOMIC_SEQ_CST) != 0)
        iris_word_rouse(&semaphore->count);
}
