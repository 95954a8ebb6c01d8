/* SPDX-License-Identifier: MIT */
/*
 * Ordered sets without memory of their own, as treaps: binary trees ordered by `order` and
 * heap-ordered by a random number, so that their depth is logarithmic whatever users choose.
 */
#ifndef TREE_H
#define TREE_H

#include "kernel.h"

struct tree_node {
    struct tree_node *left, *right;
    uint64_t order; /* equal ones: by address */
    uint32_t weight;
};

void tree_insert(struct tree_node **root, struct tree_node *node, uint64_t order);
void tree_remove(struct tree_node **root, struct tree_node *node);
/* The first whose order is not less; NULL: none. */
struct tree_node *tree_find(struct tree_node *root, uint64_t order);

#endif
