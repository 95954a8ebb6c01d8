/* SPDX-License-Identifier: MIT */
#include "waitq.h"

static void leader_link(struct waitq *queue, struct waitq_node *node, struct waitq_node *higher,
                        struct waitq_node *lower)
{
    node->leader = true;
    node->higher = higher;
    node->lower = lower;
    if (lower)
        lower->higher = node;
    if (higher)
        higher->lower = node;
    else
        queue->first = node;
}

void waitq_insert(struct waitq *queue, struct waitq_node *node, unsigned priority)
{
    struct waitq_node *higher = NULL, *at = queue->first;

    assert(!node->queued);
    node->priority = (uint8_t)priority;
    node->queued = true;
    node->leader = false;
    list_init(&node->ring);
    while (at && at->priority > priority) {
        higher = at;
        at = at->lower;
    }
    if (at && at->priority == priority)
        list_insert(&at->ring, &node->ring);
    else
        leader_link(queue, node, higher, at);
}

void waitq_remove(struct waitq *queue, struct waitq_node *node)
{
    assert(node->queued);
    if (node->leader && !list_empty(&node->ring)) {
        struct waitq_node *next = list_first(&node->ring, struct waitq_node, ring);
        leader_link(queue, next, node->higher, node->lower);
    } else if (node->leader) {
        if (node->lower)
            node->lower->higher = node->higher;
        if (node->higher)
            node->higher->lower = node->lower;
        else
            queue->first = node->lower;
    }
    list_remove(&node->ring);
    node->queued = node->leader = false;
}
