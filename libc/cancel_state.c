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

/* Ends the thread if its cancellation is due now. In programs without pthread_cancel: nothing. */
void thread_cancel_now(void) __attribute__((weak, visibility("hidden")));

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
