/* SPDX-License-Identifier: MIT */
/*
 * Further threads in one's own space: stack, thread-local storage and C library state from the
 * memory service, a UTCB slot, and the START message.
 */
#ifndef IRIS_LIB_THREAD_H
#define IRIS_LIB_THREAD_H

#include <stdbool.h>
#include <stdint.h>

#define IRIS_THREAD_STACK 65536u /* default size of a stack, bytes; given page by page on touch */
#define IRIS_THREAD_PRIORITY_SAME -1 /* as the thread that starts it */

struct iris_thread_options {
    uint32_t stack;   /* bytes, 0: IRIS_THREAD_STACK */
    int priority;     /* 0-63, or IRIS_THREAD_PRIORITY_SAME */
    uint32_t guard;   /* bytes below the stack that cannot be touched */
    uint32_t memory;  /* `stack` bytes of the starter's, who keeps them; 0: the memory service's */
    bool unannounced; /* no port: who started it learns its end otherwise, and calls
                         iris_thread_discard instead of iris_thread_join */
};

/* Owned by the starter; must stay in place until joined. */
struct iris_thread {
    int (*function)(void *argument);
    void *argument;
    int result;
    uint32_t handle; /* of the thread, with all rights */
    uint32_t id;     /* the kernel's */
    /* The port lives as long as the thread: a call to the portal fails when the thread is done. */
    uint32_t port, portal;
    uint32_t memory, memory_size; /* stack, and the thread block at its top */
    uint32_t guard;               /* bytes of it, from `memory` on, that cannot be touched */
    struct iris_thread_options options;
};

/*
 * Starts a thread that calls function(argument) and ends when that returns; `options` may be NULL.
 * 0, or -ENOMEM, or what the kernel or the memory service said.
 */
int iris_thread_launch(struct iris_thread *thread, int (*function)(void *argument), void *argument,
                       const struct iris_thread_options *options);

/* Waits for its end, gives everything of it back, and tells what it returned (`result` may be
   NULL). Once for each thread launched. 0 or a negative error number. */
int iris_thread_join(struct iris_thread *thread, int *result);

/* Ends it wherever it is, and gives everything of it back. */
void iris_thread_discard(struct iris_thread *thread);

#endif
