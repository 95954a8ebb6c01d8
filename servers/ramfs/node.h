/* SPDX-License-Identifier: MIT */
/*
 * The tree: files and directories. A node lives while it has a name or is open; a directory has one
 * name only, so there are no circles.
 */
#ifndef RAMFS_NODE_H
#define RAMFS_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include "file.h" /* generated from servers/lib/file.idl */
#include "store.h"

struct entry; /* a name in a directory */

struct node {
    uint32_t number; /* while it lives; from 1 on */
    uint32_t kind;   /* FILE_KIND_REGULAR or FILE_KIND_DIRECTORY */
    uint32_t mode;
    uint32_t links;  /* names; of a directory also itself and its directories. 0: taken away */
    uint32_t opened; /* open files that lead to it */
    uint64_t accessed, modified, changed;
    struct store store;                     /* of a file */
    struct node *parent;                    /* of a directory; NULL: taken away */
    struct entry *first_entry, *last_entry; /* in order of serial */
    uint32_t serial;                        /* of the last entry that was added */
};

/* A path's last component, and the directory it is looked for in. */
struct name {
    struct node *directory;
    const char *text; /* not ended by a zero byte necessarily; length 0: the directory itself */
    uint32_t length;
};

#define NODE_READ 4u /* permission bits */
#define NODE_WRITE 2u
#define NODE_EXECUTE 1u

/* Makes the root. */
void node_begin(void);
struct node *node_root(void);

/* 0 or -EACCES: there are no users, so the owner's bits count for everybody. */
int node_permits(const struct node *node, uint32_t bits);

/* ---- Paths: 0 or -ENOENT, -ENOTDIR, -EACCES, -ENAMETOOLONG ---- */

int node_walk(struct node *from, const char *path, struct node **found);

/* All but the last component. */
int node_walk_name(struct node *from, const char *path, struct name *name);

/* NULL: there is none. */
struct node *node_find(const struct name *name);

/* Entry behind a cursor, NULL: no more; its text ends with a zero byte. */
struct node *node_entry(const struct node *directory, uint32_t cursor, uint32_t *next,
                        const char **text);

/* ---- Changes: 0 or a negative error number ---- */

int node_create(const struct name *name, uint32_t kind, uint32_t mode, struct node **made);
int node_link(const struct name *name, struct node *node);
int node_remove(const struct name *name, bool directory);
int node_rename(const struct name *from, const struct name *to);

/* An open file leads to it from now on, or does no more: the last one frees it if it has no name.
 */
void node_hold(struct node *node);
void node_drop(struct node *node);

/* It was changed: contents (modified), or only what is known about it. */
void node_touch(struct node *node, bool modified);

#endif
