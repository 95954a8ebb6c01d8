/* SPDX-License-Identifier: MIT */
/* Trees: against a table, their shape, and that they stay flat whatever is put in. */
#include "../../kernel/tree.c"

#include "kernel_test.h"

#define NODES 600
#define STEPS 30000

void *host_current_page;
uint64_t host_cycles;

static struct tree_node nodes[NODES], *root;
static bool in[NODES];

static unsigned size(const struct tree_node *node, unsigned depth, unsigned *deepest)
{
    if (!node)
        return 0;
    *deepest = max(*deepest, depth);
    CHECK(!node->left || (before(node->left, node) && node->left->weight <= node->weight));
    CHECK(!node->right || (before(node, node->right) && node->right->weight <= node->weight));
    return 1 + size(node->left, depth + 1, deepest) + size(node->right, depth + 1, deepest);
}

static void compare(void)
{
    unsigned count = 0, deepest = 0;

    for (unsigned i = 0; i < NODES; i++)
        count += in[i];
    CHECK_EQUAL(size(root, 1, &deepest), count);
    CHECK(deepest <= 48);
}

static void find(uint64_t order)
{
    const struct tree_node *best = NULL;

    for (unsigned i = 0; i < NODES; i++)
        if (in[i] && nodes[i].order >= order && (!best || before(&nodes[i], best)))
            best = &nodes[i];
    CHECK(tree_find(root, order) == best);
}

/* Few different ones, big ones, and any. */
static uint64_t some_order(void)
{
    switch (test_below(3)) {
    case 0:
        return test_below(40);
    case 1:
        return (uint64_t)test_random() << 32 | test_random();
    default:
        return ~0ull - test_below(5);
    }
}

static void change(unsigned i)
{
    host_cycles += test_below(5);
    if (in[i])
        tree_remove(&root, &nodes[i]);
    else
        tree_insert(&root, &nodes[i], some_order());
    in[i] = !in[i];
}

/* In order, the worst case of a tree that is not balanced. */
static void ascending(bool down)
{
    for (unsigned i = 0; i < NODES; i++)
        if (in[i])
            change(i);
    CHECK(!root);
    for (unsigned i = 0; i < NODES; i++) {
        tree_insert(&root, &nodes[i], down ? NODES - i : i);
        in[i] = true;
    }
    compare();
}

int main(void)
{
    test_begin();
    for (; test_step < STEPS; test_step++) {
        change(test_below(NODES));
        find(some_order());
        if (test_step % 64 == 0)
            compare();
    }
    ascending(false);
    ascending(true);
    return test_end();
}
