/* SPDX-License-Identifier: MIT */
/*
 * Whether and when a thread may be cancelled (POSIX.1-2017, pthread_setcancelstate). In a file of
 * its own, and kept in the thread block, because stdio asks for it whenever it takes a lock:
 * servers have it too.
 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "libc.h"
#include "threads.h"

static void change(uint32_t bit, bool set, bool *was_set)
{
    struct iris_thread_block *block = thread_block();
    uint32_t *flags = &block->reserved[THREAD_WORD_CANCEL];

    if (block == NULL) { /* a server's thread without a block: nobody can cancel it */
        *was_set = false;
        return;
    }
    *was_set = (*flags & bit) != 0;
    *flags = set ? *flags | bit : *flags & ~bit;
    if (*flags == THREAD_CANCEL_ASYNC && thread_cancel_now != NULL)
        thread_cancel_now();
}

int pthread_setcancelstate(int state, int *old)
{
    bool was_off;

    if (state != PTHREAD_CANCEL_ENABLE && state != PTHREAD_CANCEL_DISABLE)
        return EINVAL;
    change(THREAD_CANCEL_OFF, state == PTHREAD_CANCEL_DISABLE, &was_off);
    if (old != NULL)
        *old = was_off ? PTHREAD_CANCEL_DISABLE : PTHREAD_CANCEL_ENABLE;
    return 0;
}

int pthread_setcanceltype(int type, int *old)
{
    bool was_async;

    if (type != PTHREAD_CANCEL_DEFERRED && type != PTHREAD_CANCEL_ASYNCHRONOUS)
        return EINVAL;
    change(THREAD_CANCEL_ASYNC, type == PTHREAD_CANCEL_ASYNCHRONOUS, &was_async);
    if (old != NULL)
        *old = was_async ? PTHREAD_CANCEL_ASYNCHRONOUS : PTHREAD_CANCEL_DEFERRED;
    return 0;
}

/* ---- Calls that may last; programs without records of threads only pass through ---- */

void thread_call_begin(void)
{
    struct thread *self = thread_record(thread_block());

    if (self == NULL)
        return;
    thread_forget_handlers();
    /* Before it looks: whoever cancels it later sees that it is in a call. */
    __atomic_store_n(&self->calling, 1, __ATOMIC_SEQ_CST);
    if (thread_cancel_now != NULL && self->interrupt != 0) {
        self->calling = 0;
        thread_cancel_now();
        __atomic_store_n(&self->calling, 1, __ATOMIC_SEQ_CST);
    }
}

int thread_call_end(int result)
{
    struct thread *self = thread_record(thread_block());

    if (self != NULL)
        __atomic_store_n(&self->calling, 0, __ATOMIC_SEQ_CST);
    if (result != -ECANCELED)
        return result;
    if (self != NULL && thread_cancel_now != NULL)
        thread_cancel_now();
    return -EINTR;
}
