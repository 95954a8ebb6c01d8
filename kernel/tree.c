/* SPDX-License-Identifier: MIT */
#include "tree.h"

#include "arch.h"

static bool before(const struct tree_node *a, const struct tree_node *b)
{
    return a->order != b->order ? a->order < b->order : a < b;
}

/* What is before `at` goes left. */
static void split(struct tree_node *tree, const struct tree_node *at, struct tree_node **left,
                  struct tree_node **right)
{
    while (tree) {
        if (before(tree, at)) {
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

static struct tree_node *merge(struct tree_node *left, struct tree_node *right)
{
    struct tree_node *result, **at = &result;

    while (left && right) {
        if (left->weight > right->weight) {
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

void tree_insert(struct tree_node **root, struct tree_node *node, uint64_t order)
{
    static uint32_t random;

    /* The time of day is in it: who knew the numbers to come could build a tree that is a list. */
    random = (random ^ (uint32_t)arch_cycles()) * 1664525u + 1013904223u;
    node->weight = random;
    node->order = order;
    while (*root && (*root)->weight >= node->weight)
        root = before(*root, node) ? &(*root)->right : &(*root)->left;
    split(*root, node, &node->left, &node->right);
    *root = node;
}

void tree_remove(struct tree_node **root, struct tree_node *node)
{
    while (*root != node)
        root = before(*root, node) ? &(*root)->right : &(*root)->left;
    *root = merge(node->left, node->right);
}

struct tree_node *tree_find(struct tree_node *root, uint64_t order)
{
    struct tree_node *found = NULL;

    while (root) {
        if (root->order >= order) {
            found = root;
            root = root->left;
        } else {
            root = root->right;
        }
    }
    return found;
}
