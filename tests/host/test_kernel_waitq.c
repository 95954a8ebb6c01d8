/* SPDX-License-Identifier: MIT */
/* The wait queue against a list that is searched anew each time. */
#include "../../kernel/waitq.c"

#include "kernel_test.h"

#define NODES 200
#define STEPS 40000

static struct waitq queue;
static struct waitq_node nodes[NODES];
static struct {
    unsigned priority;
    unsigned long arrived; /* 0: not queued */
} model[NODES];

/* The node that should come after `before` (-1: first): higher priority, then first come. */
static int model_next(int before)
{
    int best = -1;

    for (int i = 0; i < NODES; i++) {
        if (!model[i].arrived)
            continue;
        if (before >= 0 && (model[i].priority > model[before].priority ||
                            (model[i].priority == model[before].priority &&
                             model[i].arrived <= model[before].arrived)))
            continue;
        if (best < 0 || model[i].priority > model[best].priority ||
            (model[i].priority == model[best].priority && model[i].arrived < model[best].arrived))
            best = i;
    }
    return best;
}

static void compare(void)
{
    int expected = model_next(-1);
    struct waitq_node *higher = NULL;

    for (struct waitq_node *leader = queue.first; leader; leader = leader->lower) {
        CHECK(leader->leader && leader->queued && leader->higher == higher);
        CHECK(!higher || higher->priority > leader->priority);
        struct waitq_node *node = leader;
        do {
            CHECK_EQUAL(node - nodes, expected);
            CHECK(node->queued && node->priority == model[expected].priority);
            CHECK(node == leader || !node->leader);
            expected = model_next(expected);
            node = list_first(&node->ring, struct waitq_node, ring);
        } while (node != leader);
        higher = leader;
    }
    CHECK_EQUAL(expected, -1);
    for (int i = 0; i < NODES; i++)
        CHECK(nodes[i].queued == (model[i].arrived != 0));
}

static void remove_node(int i)
{
    waitq_remove(&queue, &nodes[i]);
    model[i].arrived = 0;
}

int main(void)
{
    test_begin();
    for (test_step = 1; test_step <= STEPS; test_step++) {
        int i = (int)test_below(NODES);
        if (model[i].arrived) {
            remove_node(i);
        } else if (test_chance(3) && queue.first) {
            remove_node((int)(queue.first - nodes)); /* what a server does */
        } else {
            /* Few priorities make long rings, all 64 long chains of leaders. */
            unsigned priority = test_below(test_step < STEPS / 2 ? 4 : IRIS_PRIORITIES);
            waitq_insert(&queue, &nodes[i], priority);
            model[i].priority = priority;
            model[i].arrived = test_step;
        }
        if (test_step % 16 == 0)
            compare();
    }
    while (queue.first)
        remove_node((int)(queue.first - nodes));
    compare();
    return test_end();
}
