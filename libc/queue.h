/* SPDX-License-Identifier: MIT */
/* Message queues, between mqueue.c and mq_notify.c. */
#ifndef LIBC_QUEUE_H
#define LIBC_QUEUE_H

#include <mqueue.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

struct queue_slot {
    uint32_t order; /* 0: free; else counted up */
    uint32_t priority, size;
};

/*
 * Whoever dies, at whatever moment, leaves the queue usable. The lock is the file's
 * (file.lock_whole): the kernel tells its server of the death. Under it a change is one word that
 * is written last, and those who sleep are woken before: they need the lock to look, so they see
 * the change, or that there was none. Who waits or is registered is known by pid and space, so that
 * the dead do not count.
 */

/* What a process is known by for as long as it runs; pid 0: nobody. */
struct queue_process {
    uint32_t pid;
    uint32_t space; /* the kernel's id, never used again */
};

/* A process with threads that wait for a message. */
struct queue_receiver {
    struct queue_process process;
    uint32_t count; /* atomic: to leave needs no lock */
};

/* The process that mq_notify has registered, if `armed` is still the round. Its thread sleeps on
   `bell`. */
struct queue_watcher {
    struct queue_process process;
    uint32_t round, armed;
    uint32_t bell;
    uint32_t name;   /* for the process itself */
    uint32_t sender; /* whose message it was */
};

#define QUEUE_RECEIVERS 16u /* more processes that wait than these are not heeded by mq_notify */

/* In the file; the slots, each with room for one message, follow. */
struct queue {
    uint32_t messages, size, order;
    uint32_t came, went; /* messages: words to sleep on */
    struct queue_receiver receiver[QUEUE_RECEIVERS];
    struct queue_watcher watcher;
};

/* An open one of this program. */
struct queue_opened {
    struct queue_opened *next;
    mqd_t descriptor;
    uint32_t handle; /* the descriptor's file */
    int flags;       /* access mode and O_NONBLOCK */
    struct queue *queue;
    size_t bytes;
    pthread_mutex_t mutex; /* of this program's threads: they have the file's lock together */
};

struct queue_opened *queue_find(mqd_t descriptor); /* NULL: there is none */

/* 0 or an error number: not locked, but to be unlocked nevertheless. */
int queue_lock(struct queue_opened *opened);
void queue_unlock(struct queue_opened *opened);

/* Wakes all who sleep on one of the words, before what they wait for is done. */
void queue_rouse(uint32_t *word);

/* With the lock: a message comes to the empty queue, and nobody waits for it. */
void queue_ring(struct queue *queue);

/* ---- mq_notify.c ---- */

/* With the lock: this process counts as one that waits until queue_leave. NULL: it does not. */
struct queue_receiver *queue_enter(struct queue *queue);
void queue_leave(struct queue_receiver *receiver);

/* This process is not told of the queue any more, and does not look at it. */
void queue_unwatch(struct queue *queue);

#endif
