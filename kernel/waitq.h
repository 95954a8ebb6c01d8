/* SPDX-License-Identifier: MIT */
/*
 * The wait queue: by priority, then first come. Nodes of one priority form a ring; the first of
 * each ring, its leader, is linked to the leaders of the next lower and higher priority. So all
 * operations are bounded by the number of priorities, not of nodes.
 */
#ifndef WAITQ_H
#define WAITQ_H

#include "kernel.h"

struct waitq_node {
    struct list ring;                  /* same priority */
    struct waitq_node *lower, *higher; /* leaders only */
    uint8_t priority;
    bool leader, queued;
};

struct waitq {
    struct waitq_node *first; /* leader of the highest priority, NULL: empty */
};

void waitq_insert(struct waitq *queue, struct waitq_node *node, unsigned priority);
void waitq_remove(struct waitq *queue, struct waitq_node *node);

#endif
