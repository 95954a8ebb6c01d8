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

/* The process that mq_notify has registered. Its thread sleeps on `round`, which every change of
   the registration counts up. */
struct queue_watcher {
    uint32_t pid, space; /* pid 0: none; the space tells whether it is still that process */
    uint32_t round;
    uint32_t name;   /* for the process itself */
    uint32_t sender; /* whose message it was */
};

/* In the file; the slots, each with room for one message, follow. */
struct queue {
    pthread_mutex_t mutex;
    pthread_cond_t not_empty, not_full;
    uint32_t messages, size, count, order;
    uint32_t receivers; /* that wait */
    struct queue_watcher watcher;
};

/* An open one of this program. */
struct queue_opened {
    struct queue_opened *next;
    mqd_t descriptor;
    int flags; /* access mode and O_NONBLOCK */
    struct queue *queue;
    size_t bytes;
};

struct queue_opened *queue_find(mqd_t descriptor); /* NULL: there is none */

/* With the queue's mutex: a message has come to the empty queue. */
void queue_ring(struct queue *queue);

/* This process is not told of the queue any more, and does not look at it. */
void queue_unwatch(struct queue *queue);

#endif
