/* SPDX-License-Identifier: MIT */
/*
 * Timers, as a treap: a binary tree ordered by deadline and heap-ordered by a pseudo-random
 * key, so that its depth is logarithmic whatever users choose. The links are in the TCB.
 */
#include "time.h"

#include "arch.h"
#include "ipc.h"
#include "sched.h"

#define EXPIRE_STEP 16 /* timers fired in one interrupt; the rest in the next, at once */

static struct {
    struct timer *root;
    uint32_t random;
} timers;

static bool earlier(const struct timer *a, const struct timer *b)
{
    return a->deadline != b->deadline ? a->deadline < b->deadline : a < b;
}

/* Splits a tree at `at`: what is earlier goes left. */
static void split(struct timer *tree, const struct timer *at, struct timer **left,
                  struct timer **right)
{
    while (tree) {
        if (earlier(tree, at)) {
            *left = tree;
            left = &tree->right;
            tree = tree->right;
        } else {
            *right = tree;
            right = &tree->left;
            tree = tree->left;
        }
    }
    *left = *right = NULL;
}

static struct timer *merge(struct timer *left, struct timer *right)
{
    struct timer *result, **at = &result;

    while (left && right) {
        if (left->key > right->key) {
            *at = left;
            at = &left->right;
            left = left->right;
        } else {
            *at = right;
            at = &right->left;
            right = right->left;
        }
    }
    *at = left ? left : right;
    return result;
}

void time_insert(struct timer *timer, uint64_t deadline)
{
    struct timer **at = &timers.root;

    assert(!timer->armed);
    timer->deadline = deadline;
    timer->armed = true;
    timers.random = timers.random * 1664525u + 1013904223u;
    timer->key = timers.random;
    while (*at && (*at)->key >= timer->key)
        at = earlier(*at, timer) ? &(*at)->right : &(*at)->left;
    split(*at, timer, &timer->left, &timer->right);
    *at = timer;
    cpu.attention |= CPU_TIMER;
}

void time_remove(struct timer *timer)
{
    struct timer **at = &timers.root;

    while (*at != timer)
        at = earlier(*at, timer) ? &(*at)->right : &(*at)->left;
    *at = merge(timer->left, timer->right);
    timer->armed = false;
}

static struct timer *first(void)
{
    struct timer *timer = timers.root;

    while (timer && timer->left)
        timer = timer->left;
    return timer;
}

void time_expire(void)
{
    uint64_t now = arch_now();

    for (unsigned i = 0; i < EXPIRE_STEP; i++) {
        struct timer *timer = first();
        if (!timer || timer->deadline > now)
            return;
        time_remove(timer);
        if (timer->is_budget)
            sched_replenish(container_of(timer, struct budget, timer));
        else
            ipc_timeout(container_of(timer, struct thread, timer));
    }
}

uint64_t time_next(void)
{
    struct timer *timer = first();

    if (!timer)
        return ~0ull;
    uint64_t now = arch_now();
    return timer->deadline > now ? arch_ns_to_cycles(timer->deadline - now) : 0;
}
