/* SPDX-License-Identifier: MIT */
#include "threads.h"

#include <errno.h>
#include <stdlib.h>

#include <iris/calls.h>
#include <iris/object.h>
#include <iris/vdso.h>

struct iris_mutex threads_lock;
struct thread *threads_first;

static struct thread main_record;

void thread_enter(struct thread *thread)
{
    static int last = 1;

    iris_mutex_lock(&threads_lock);
    thread->number = thread == &main_record ? 1 : ++last;
    thread->next = threads_first;
    thread->previous = NULL;
    if (threads_first != NULL)
        threads_first->previous = thread;
    threads_first = thread;
    iris_mutex_unlock(&threads_lock);
}

void thread_leave(struct thread *thread)
{
    iris_mutex_lock(&threads_lock);
    if (thread->previous != NULL)
        thread->previous->next = thread->next;
    else
        threads_first = thread->next;
    if (thread->next != NULL)
        thread->next->previous = thread->previous;
    iris_mutex_unlock(&threads_lock);
}

void thread_leave_running(struct thread *thread)
{
    iris_mutex_lock(&threads_lock);
    thread->utcb = NULL;
    iris_mutex_unlock(&threads_lock);
}

struct thread *thread_find(uint32_t id)
{
    struct thread *thread = threads_first;

    while (thread != NULL && thread->id != id)
        thread = thread->next;
    return thread;
}

struct thread *thread_of(pthread_t name)
{
    struct thread *thread = threads_first;

    while (thread != NULL && (pthread_t)thread != name)
        thread = thread->next;
    return thread;
}

struct thread *thread_numbered(int number)
{
    struct thread *thread = threads_first;

    while (thread != NULL && thread->number != number)
        thread = thread->next;
    return thread;
}

static int own_priority(void)
{
    struct iris_thread_info info;
    uint32_t slot = iris_utcb()->slot;
    int count = iris_space_inspect(IRIS_SLOT_SPACE, IRIS_INSPECT_THREADS, slot, &info, 1);

    return count == 1 ? (int)info.priority : 0;
}

/* The main thread is the one that has newlib's static structure (reent.c). */
static struct thread *make_record(struct iris_thread_block *block)
{
    struct thread *thread = block->reent == NULL ? &main_record : calloc(1, sizeof *thread);

    if (thread == NULL)
        return NULL;
    thread->utcb = block->utcb;
    thread->cancel_flags = &block->reserved[THREAD_WORD_CANCEL];
    thread->signal_flag = &block->reserved[THREAD_WORD_SIGNALS];
    thread->signal_mask = thread == &main_record ? start_info.blocked : ~0ull;
    thread->id = iris_thread_id();
    thread->handle = thread == &main_record ? IRIS_SLOT_THREAD : 0;
    thread->priority = thread->effective = own_priority();
    block->reserved[THREAD_WORD_RECORD] = (uint32_t)thread;
    thread_enter(thread);
    return thread;
}

struct thread *thread_self(void)
{
    struct iris_thread_block *block = thread_block();
    struct thread *thread = thread_record(block);

    return thread != NULL ? thread : make_record(block);
}

/* ---- Sleeping ---- */

/* Pages that are not there yet are touched once: the pager brings them. */
static int sleep_once(const struct iris_word words[2], uint64_t deadline)
{
    int result = iris_word_wait(words, 2, (uint32_t)deadline, (uint32_t)(deadline >> 32));

    if (result != -EFAULT)
        return result;
    for (int i = 0; i < 2; i++)
        (void)__atomic_load_n((const uint32_t *)words[i].address, __ATOMIC_RELAXED);
    return iris_word_wait(words, 2, (uint32_t)deadline, (uint32_t)(deadline >> 32));
}

/* The bits of `interrupt` that must not be slept over. */
static uint32_t concerning(void)
{
    bool off = thread_block()->reserved[THREAD_WORD_CANCEL] & THREAD_CANCEL_OFF;
    return off ? 0 : THREAD_CANCELLED;
}

bool thread_is_cancelled(void)
{
    const struct thread *self = thread_record(thread_block());
    return self != NULL && __atomic_load_n(&self->interrupt, __ATOMIC_ACQUIRE) & concerning();
}

int thread_sleep(const uint32_t *word, uint32_t value, uint64_t deadline)
{
    struct thread *self = thread_self();

    if (self == NULL)
        return iris_word_sleep(word, value, deadline);
    uint32_t interrupt = __atomic_load_n(&self->interrupt, __ATOMIC_ACQUIRE);
    if (interrupt & concerning())
        return -EINTR;
    const struct iris_word words[2] = {{(uint32_t)word, value},
                                       {(uint32_t)&self->interrupt, interrupt}};
    int result = sleep_once(words, deadline);
    if (result == -ECANCELED || thread_is_cancelled())
        return -EINTR;
    return result >= 0 || result == -EAGAIN ? 0 : result;
}

void thread_interrupt(struct thread *thread, uint32_t bits)
{
    __atomic_fetch_or(&thread->interrupt, bits, __ATOMIC_ACQ_REL);
    iris_word_rouse_all(&thread->interrupt);
}
