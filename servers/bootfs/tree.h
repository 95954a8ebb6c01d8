/* SPDX-License-Identifier: MIT */
/* The boot archive as a tree: its files, and the directories that their names imply. */
#ifndef BOOTFS_TREE_H
#define BOOTFS_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "tar.h"

struct node {
    char name[TAR_NAME_MAX + 1]; /* one component */
    uint32_t parent;             /* index of its directory; the root's is itself */
    bool directory;
    uint32_t offset, size, mode, modified;
};

#define TREE_ROOT 0u
#define TREE_NONE UINT32_MAX

/* Builds the tree; false: no memory. A damaged archive yields what comes before the damage. */
bool tree_build(const struct tar *tar);

const struct node *tree_node(uint32_t index);

/* The node a relative path leads to from a directory, TREE_NONE: none. "." and ".." work. */
uint32_t tree_walk(uint32_t from, const char *path);

/* Entry number `index` of a directory in name order, TREE_NONE past the end. */
uint32_t tree_entry(uint32_t directory, uint32_t index);

#endif
