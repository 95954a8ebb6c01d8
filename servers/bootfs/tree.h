/* SPDX-License-Identifier: MIT */
/* The boot archive as a tree: its files, and the directories that their names imply. */
#ifndef BOOTFS_TREE_H
#define BOOTFS_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "tar.h"

struct node {
    const char *name; /* one component */
    uint32_t parent;  /* index of its directory; the root's is itself */
    bool directory;
    uint32_t offset, size, mode, modified;
};

/* Builds the tree; false: no memory. A damaged archive yields what comes before the damage. */
bool tree_build(const struct tar *tar);

const struct node *tree_root(void);

/* Which node it is, from 1 on. */
uint32_t tree_number(const struct node *node);

/*
 * Follows a relative path from a directory; "." and ".." work. 0; -ENOENT, with *found NULL; or
 * -ENOTDIR.
 */
int tree_walk(const struct node *from, const char *path, const struct node **found);

/* Entry number `index` of a directory in name order, NULL past the end. */
const struct node *tree_entry(const struct node *directory, uint32_t index);

#endif
