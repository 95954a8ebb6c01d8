/* SPDX-License-Identifier: MIT */
/*
 * Nodes in one array, each with the index of its directory. A boot archive has a hundred files or
 * two: a linear search is quick enough, and nothing has to be kept in order.
 */
#include "tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TREE_ROOT 0u
#define TREE_NONE UINT32_MAX

static struct {
    struct node *node;
    uint32_t count, capacity;
} tree;

static uint32_t index_of(const struct node *node) { return (uint32_t)(node - tree.node); }

const struct node *tree_root(void) { return &tree.node[TREE_ROOT]; }

uint32_t tree_number(const struct node *node) { return index_of(node) + 1; }

static uint32_t child(uint32_t parent, const char *name, uint32_t length)
{
    for (uint32_t i = 1; i < tree.count; i++) {
        const struct node *node = &tree.node[i];
        if (node->parent == parent && strncmp(node->name, name, length) == 0 &&
            node->name[length] == '\0')
            return i;
    }
    return TREE_NONE;
}

static uint32_t add(uint32_t parent, const char *name, uint32_t length)
{
    if (tree.count == tree.capacity) {
        uint32_t capacity = tree.capacity != 0 ? 2 * tree.capacity : 128;
        struct node *larger = realloc(tree.node, capacity * sizeof *larger);
        if (larger == NULL)
            return TREE_NONE;
        tree.node = larger;
        tree.capacity = capacity;
    }
    struct node *node = &tree.node[tree.count];
    memset(node, 0, sizeof *node);
    memcpy(node->name, name, length);
    node->parent = parent;
    node->directory = true; /* until told otherwise */
    node->mode = 0555;
    return tree.count++;
}

/* The node of a file's name, made with its directories as needed. */
static uint32_t make_path(const char *path)
{
    uint32_t at = TREE_ROOT;

    while (*path != '\0' && at != TREE_NONE) {
        uint32_t length = (uint32_t)strcspn(path, "/");
        if (length > 0) {
            uint32_t next = child(at, path, length);
            at = next != TREE_NONE ? next : add(at, path, length);
        }
        path += length + (path[length] == '/');
    }
    return at;
}

bool tree_build(const struct tar *tar)
{
    struct tar_file file;
    uint32_t cursor = 0;

    if (add(TREE_ROOT, "", 0) == TREE_NONE)
        return false;
    while (tar_next(tar, &cursor, &file) == 1) {
        uint32_t index = make_path(file.name);
        if (index == TREE_NONE)
            return false;
        struct node *node = &tree.node[index];
        node->directory = false;
        node->offset = file.offset;
        node->size = file.size;
        node->mode = file.mode & 0555; /* nobody writes here */
        node->modified = file.modified;
    }
    return true;
}

static uint32_t step(uint32_t at, const char *name, uint32_t length)
{
    if (length == 0 || (length == 1 && name[0] == '.'))
        return at;
    if (length == 2 && name[0] == '.' && name[1] == '.')
        return tree.node[at].parent;
    return child(at, name, length);
}

int tree_walk(const struct node *from, const char *path, const struct node **found)
{
    uint32_t at = index_of(from);

    *found = NULL;
    while (*path != '\0' && at != TREE_NONE) {
        uint32_t length = (uint32_t)strcspn(path, "/");
        if (!tree.node[at].directory)
            return -ENOTDIR;
        at = step(at, path, length);
        path += length + (path[length] == '/');
    }
    if (at == TREE_NONE)
        return -ENOENT;
    *found = &tree.node[at];
    return 0;
}

/* The entry with the smallest name above `after` (NULL: of all). */
static uint32_t next_entry(uint32_t directory, const char *after)
{
    uint32_t best = TREE_NONE;

    for (uint32_t i = 1; i < tree.count; i++) {
        const struct node *node = &tree.node[i];
        if (node->parent == directory && (after == NULL || strcmp(node->name, after) > 0) &&
            (best == TREE_NONE || strcmp(node->name, tree.node[best].name) < 0))
            best = i;
    }
    return best;
}

const struct node *tree_entry(const struct node *in, uint32_t index)
{
    /* Clients enumerate in order: go on from where the last one stopped. */
    static uint32_t last_directory = TREE_NONE, last_index, last_node;
    uint32_t directory = index_of(in), node = TREE_NONE, i = 0;

    if (directory == last_directory && index > last_index) {
        node = last_node;
        i = last_index + 1;
    }
    for (; i <= index; i++) {
        node = next_entry(directory, node != TREE_NONE ? tree.node[node].name : NULL);
        if (node == TREE_NONE)
            return NULL;
    }
    last_directory = directory, last_index = index, last_node = node;
    return &tree.node[node];
}
