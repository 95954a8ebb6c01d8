/* SPDX-License-Identifier: MIT */
/*
 * Deadlines, as a treap: a binary tree ordered by deadline and heap-ordered by a pseudo-random
 * key, so that its depth is logarithmic whatever users choose. The links are in the TCB.
 */
#include "time.h"

#include "arch.h"
#include "ipc.h"
#include "sched.h"

#define EXPIRE_STEP 16 /* waits ended in one interrupt; the rest in the next, at once */

static struct {
    struct thread *root;
    uint32_t random;
} timers;

static bool earlier(const struct thread *a, const struct thread *b)
{
    return a->deadline != b->deadline ? a->deadline < b->deadline : a < b;
}

/* Splits a tree at `at`: what is earlier goes left. */
static void split(struct thread *tree, const struct thread *at, struct thread **left,
                  struct thread **right)
{
    while (tree) {
        if (earlier(tree, at)) {
            *left = tree;
            left = &tree->timer.right;
            tree = tree->timer.right;
        } else {
            *right = tree;
            right = &tree->timer.left;
            tree = tree->timer.left;
        }
    }
    *left = *right = NULL;
}

static struct thread *merge(struct thread *left, struct thread *right)
{
    struct thread *result, **at = &result;

    while (left && right) {
        if (left->timer.key > right->timer.key) {
            *at = left;
            at = &left->timer.right;
            left = left->timer.right;
        } else {
            *at = right;
            at = &right->timer.left;
            right = right->timer.left;
        }
    }
    *at = left ? left : right;
    return result;
}

void time_insert(struct thread *thread, uint64_t deadline)
{
    struct thread **at = &timers.root;

    assert(!thread->timed);
    thread->deadline = deadline;
    thread->timed = true;
    timers.random = timers.random * 1664525u + 1013904223u;
    thread->timer.key = timers.random;
    while (*at && (*at)->timer.key >= thread->timer.key)
        at = earlier(*at, thread) ? &(*at)->timer.right : &(*at)->timer.left;
    split(*at, thread, &thread->timer.left, &thread->timer.right);
    *at = thread;
    cpu.attention |= CPU_TIMER;
}

void time_remove(struct thread *thread)
{
    struct thread **at = &timers.root;

    while (*at != thread)
        at = earlier(*at, thread) ? &(*at)->timer.right : &(*at)->timer.left;
    *at = merge(thread->timer.left, thread->timer.right);
    thread->timed = false;
}

static struct thread *first(void)
{
    struct thread *thread = timers.root;

    while (thread && thread->timer.left)
        thread = thread->timer.left;
    return thread;
}

void time_expire(void)
{
    uint64_t now = arch_now();

    for (unsigned i = 0; i < EXPIRE_STEP; i++) {
        struct thread *thread = first();
        if (!thread || thread->deadline > now)
            return;
        time_disarm(thread);
        ipc_timeout(thread);
    }
}

uint64_t time_next(void)
{
    struct thread *thread = first();

    if (!thread)
        return ~0ull;
    uint64_t now = arch_now();
    return thread->deadline > now ? arch_ns_to_cycles(thread->deadline - now) : 0;
}
