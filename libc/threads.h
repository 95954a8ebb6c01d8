/* SPDX-License-Identifier: MIT */
/*
 * What the library knows of each thread of the program. The record is made by pthread_create, for
 * the main thread it is there from the start, and for threads that were made otherwise
 * (iris_thread_launch) it is made when first asked for.
 */
#ifndef LIBC_THREADS_H
#define LIBC_THREADS_H

#include <stdbool.h>
#include <stdint.h>

#include <iris/ipc.h>
#include <iris/sync.h>

#include "libc.h"

struct thread {
    struct thread *next, *previous; /* of all, under threads_lock */
    struct iris_utcb *utcb;
    uint32_t id; /* the kernel's, never used again */
    /*
     * Not 0: something came for this thread, so it must not sleep. Whoever sleeps in the library
     * waits on this word too (thread_sleep), whoever calls a server is cancelled.
     */
    uint32_t interrupt;
    uint64_t signal_mask, signal_pending;
};

/* Bits of `interrupt`. */
#define THREAD_CANCELLED 1u /* pthread_cancel */
#define THREAD_SIGNALLED 2u /* a signal was delivered, or waits for it */

/* The calling thread's. Never NULL, unless memory is short when first asked in a thread that is not
   of pthread_create. */
struct thread *thread_self(void);

/* All of them. Whoever wants to halt threads holds the lock, so that none is halted that has it. */
extern struct iris_mutex threads_lock;
extern struct thread *threads_first;

/* The thread with this kernel id; NULL. Under the lock. */
struct thread *thread_find(uint32_t id);

void thread_enter(struct thread *thread); /* into the list */
void thread_leave(struct thread *thread); /* out of it */

/*
 * Sleeps while *word is `value` and nothing interrupts the thread: 0 (look again), -ETIMEDOUT,
 * -EINTR. What interrupts it before it sleeps is not missed.
 */
int thread_sleep(const uint32_t *word, uint32_t value, uint64_t deadline);

/* Sets bits in its `interrupt` word and wakes it if it sleeps there. */
void thread_interrupt(struct thread *thread, uint32_t bits);

#endif
