/* SPDX-License-Identifier: MIT */
/*
 * Nodes in one array, each with the index of its directory; and their indices in the order of
 * (directory, name), so that a name is found by halving and an entry by counting.
 */
#include "tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TREE_ROOT 0u
#define TREE_NONE UINT32_MAX

static struct {
    struct node *node;
    uint32_t *order;
    uint32_t count, capacity;
} tree;

static uint32_t index_of(const struct node *node) { return (uint32_t)(node - tree.node); }

const struct node *tree_root(void) { return &tree.node[TREE_ROOT]; }

uint32_t tree_number(const struct node *node) { return index_of(node) + 1; }

/* Above 0 if a node comes after the name in the directory, 0 if it is that. */
static int compare(const struct node *node, uint32_t parent, const char *name, uint32_t length)
{
    if (node->parent != parent)
        return node->parent > parent ? 1 : -1;
    int order = strncmp(node->name, name, length);
    return order != 0 ? order : node->name[length] != '\0';
}

/* The place in the order where a name is or would be. The root, an entry of nothing, has none. */
static uint32_t place_of(uint32_t parent, const char *name, uint32_t length)
{
    uint32_t low = 0, high = tree.count == 0 ? 0 : tree.count - 1;

    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (compare(&tree.node[tree.order[middle]], parent, name, length) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_at(uint32_t place, uint32_t parent)
{
    return place < tree.count - 1 && tree.node[tree.order[place]].parent == parent;
}

static uint32_t child(uint32_t parent, const char *name, uint32_t length)
{
    uint32_t place = place_of(parent, name, length);

    if (!is_at(place, parent) || compare(&tree.node[tree.order[place]], parent, name, length) != 0)
        return TREE_NONE;
    return tree.order[place];
}

static bool grow(void)
{
    uint32_t capacity = tree.capacity != 0 ? 2 * tree.capacity : 128;
    struct node *node = realloc(tree.node, capacity * sizeof *node);

    if (node == NULL)
        return false;
    tree.node = node;
    uint32_t *order = realloc(tree.order, capacity * sizeof *order);
    if (order == NULL)
        return false;
    tree.order = order;
    tree.capacity = capacity;
    return true;
}

static uint32_t add(uint32_t parent, const char *name, uint32_t length)
{
    char *copy = strndup(name, length);

    if (copy == NULL || (tree.count == tree.capacity && !grow()))
        return TREE_NONE;
    if (tree.count != TREE_ROOT) {
        uint32_t place = place_of(parent, name, length);
        memmove(&tree.order[place + 1], &tree.order[place],
                (tree.count - 1 - place) * sizeof *tree.order);
        tree.order[place] = tree.count;
    }
    /* A directory until told otherwise. */
    tree.node[tree.count] =
        (struct node){.name = copy, .parent = parent, .directory = true, .mode = 0555};
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

const struct node *tree_entry(const struct node *in, uint32_t index)
{
    uint32_t directory = index_of(in), first = place_of(directory, "", 0);

    if (index >= tree.count || !is_at(first + index, directory))
        return NULL;
    return &tree.node[tree.order[first + index]];
}
