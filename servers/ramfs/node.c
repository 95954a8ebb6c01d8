/* SPDX-License-Identifier: MIT */
#include "node.h"

#include <errno.h>
#include <string.h>

#include <iris/vdso.h>

#include "slab.h"

#define NODES_MAX 8192u
#define LINKS_MAX 32000u

struct entry {
    struct entry *next, *previous;
    struct node *node;
    uint32_t serial; /* rises within a directory: what cursors are */
    uint32_t hash;
    uint32_t length;
    char text[];
};

/* Not in the pool: an empty file system has none of it. */
static struct node root;

struct node *node_root(void) { return &root; }

int node_permits(const struct node *node, uint32_t bits)
{
    return (node->mode >> 6 & bits) == bits ? 0 : -EACCES;
}

void node_touch(struct node *node, bool modified)
{
    node->changed = iris_clock_realtime();
    if (modified)
        node->modified = node->changed;
}

/* ---- Nodes ---- */

/* Numbers are small, as programs have only 16 bits for them: those of freed nodes are given again.
 */
static struct {
    uint16_t freed[NODES_MAX];
    uint32_t freed_count, used;
} numbers;

static bool number_take(uint32_t *number)
{
    if (numbers.freed_count > 0)
        *number = numbers.freed[--numbers.freed_count];
    else if (numbers.used < NODES_MAX)
        *number = ++numbers.used;
    else
        return false;
    return true;
}

static void begin(struct node *node, uint32_t kind, uint32_t mode)
{
    node->kind = kind;
    node->mode = mode & 07777;
    node_touch(node, true);
    node->accessed = node->changed;
}

static struct node *make(uint32_t kind, uint32_t mode)
{
    struct node *node = slab_alloc(sizeof *node);

    if (node == NULL)
        return NULL;
    if (!number_take(&node->number)) {
        slab_free(node);
        return NULL;
    }
    begin(node, kind, mode);
    return node;
}

static void free_if_unused(struct node *node)
{
    if (node->links > 0 || node->opened > 0)
        return;
    store_free(&node->store);
    numbers.freed[numbers.freed_count++] = (uint16_t)node->number;
    slab_free(node);
}

void node_hold(struct node *node) { node->opened++; }

void node_drop(struct node *node)
{
    if (--node->opened == 0)
        store_settle(&node->store);
    free_if_unused(node);
}

void node_begin(void)
{
    begin(&root, FILE_KIND_DIRECTORY, 01777);
    number_take(&root.number);
    root.links = 2;
    root.parent = &root;
}

/* ---- Entries ---- */

static uint32_t hash_of(const char *text, uint32_t length)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (uint32_t i = 0; i < length; i++)
        hash = (hash ^ (uint8_t)text[i]) * 16777619u;
    return hash;
}

static struct entry *find(const struct name *name)
{
    uint32_t hash = hash_of(name->text, name->length);
    struct entry *entry = name->directory->first_entry;

    while (entry != NULL && (entry->hash != hash || entry->length != name->length ||
                             memcmp(entry->text, name->text, name->length) != 0))
        entry = entry->next;
    return entry;
}

static struct entry *entry_make(const struct name *name)
{
    struct entry *entry = slab_alloc((uint32_t)sizeof *entry + name->length + 1);

    if (entry == NULL)
        return NULL;
    entry->hash = hash_of(name->text, name->length);
    entry->length = name->length;
    memcpy(entry->text, name->text, name->length);
    return entry;
}

/* A directory's own name and its ".." are links too. */
static void entry_add(struct node *directory, struct entry *entry, struct node *node)
{
    entry->node = node;
    entry->serial = ++directory->serial;
    entry->previous = directory->last_entry;
    if (entry->previous != NULL)
        entry->previous->next = entry;
    else
        directory->first_entry = entry;
    directory->last_entry = entry;
    node->links++;
    if (node->kind == FILE_KIND_DIRECTORY) {
        node->parent = directory;
        directory->links++;
    }
    node_touch(directory, true);
}

static void entry_remove(struct node *directory, struct entry *entry)
{
    if (entry->next != NULL)
        entry->next->previous = entry->previous;
    else
        directory->last_entry = entry->previous;
    if (entry->previous != NULL)
        entry->previous->next = entry->next;
    else
        directory->first_entry = entry->next;
    entry->node->links--;
    if (entry->node->kind == FILE_KIND_DIRECTORY)
        directory->links--;
    node_touch(directory, true);
    node_touch(entry->node, false);
    slab_free(entry);
}

struct node *node_entry(const struct node *directory, uint32_t cursor, uint32_t *next,
                        const char **text)
{
    const struct entry *entry = directory->first_entry;

    while (entry != NULL && entry->serial <= cursor)
        entry = entry->next;
    if (entry == NULL)
        return NULL;
    *next = entry->serial;
    *text = entry->text;
    return entry->node;
}

/* ---- Paths ---- */

static bool is(const struct name *name, const char *text)
{
    return name->length == strlen(text) && memcmp(name->text, text, name->length) == 0;
}

static int step(struct name *name)
{
    struct node *next;

    if (name->directory->kind != FILE_KIND_DIRECTORY)
        return -ENOTDIR;
    if (name->length > FILE_MAX_NAME)
        return -ENAMETOOLONG;
    if (node_permits(name->directory, NODE_EXECUTE) < 0)
        return -EACCES;
    if (name->length == 0 || is(name, "."))
        next = name->directory;
    else
        next = is(name, "..") ? name->directory->parent : node_find(name);
    if (next == NULL)
        return -ENOENT;
    name->directory = next;
    return 0;
}

int node_walk_name(struct node *from, const char *path, struct name *name)
{
    int status = 0;

    *name = (struct name){.directory = from, .text = path};
    for (;;) {
        name->length = (uint32_t)strcspn(name->text, "/");
        if (name->text[name->length] == '\0')
            break;
        status = step(name);
        if (status < 0)
            return status;
        name->text += name->length + 1;
    }
    if (name->length > 0 && name->directory->kind != FILE_KIND_DIRECTORY)
        return -ENOTDIR;
    if (name->length > FILE_MAX_NAME)
        return -ENAMETOOLONG;
    return name->length > 0 ? node_permits(name->directory, NODE_EXECUTE) : 0;
}

struct node *node_find(const struct name *name)
{
    const struct entry *entry = find(name);
    return entry != NULL ? entry->node : NULL;
}

int node_walk(struct node *from, const char *path, struct node **found)
{
    struct name name;
    int status = node_walk_name(from, path, &name);

    if (status == 0 && name.length > 0)
        status = step(&name);
    *found = name.directory;
    return status;
}

/* ---- Changes ---- */

/* Whether a name may be added to or taken out of its directory. */
static int may_change(const struct name *name)
{
    if (name->length == 0)
        return -EBUSY; /* the root, or what an open file leads to */
    if (is(name, ".") || is(name, ".."))
        return -EINVAL;
    if (name->directory->links == 0)
        return -ENOENT; /* it was taken away itself */
    return node_permits(name->directory, NODE_WRITE | NODE_EXECUTE);
}

int node_create(const struct name *name, uint32_t kind, uint32_t mode, struct node **made)
{
    int status = may_change(name);

    if (status < 0)
        return status;
    struct entry *entry = entry_make(name);
    struct node *node = entry != NULL ? make(kind, mode) : NULL;
    if (node == NULL) {
        slab_free(entry);
        return -ENOSPC;
    }
    node->links = kind == FILE_KIND_DIRECTORY; /* its own "." */
    entry_add(name->directory, entry, node);
    *made = node;
    return 0;
}

int node_link(const struct name *name, struct node *node)
{
    int status = may_change(name);

    if (status < 0)
        return status;
    if (node->kind == FILE_KIND_DIRECTORY)
        return -EPERM;
    if (find(name) != NULL)
        return -EEXIST;
    if (node->links == 0 || node->links >= LINKS_MAX)
        return node->links == 0 ? -ENOENT : -EMLINK;
    struct entry *entry = entry_make(name);
    if (entry == NULL)
        return -ENOSPC;
    entry_add(name->directory, entry, node);
    node_touch(node, false);
    return 0;
}

/* Takes an entry away that leads to a directory, which is empty, or to a file. */
static void take_away(struct node *directory, struct entry *entry)
{
    struct node *node = entry->node;

    entry_remove(directory, entry);
    if (node->kind == FILE_KIND_DIRECTORY) {
        node->links = 0;
        node->parent = NULL;
    }
    free_if_unused(node);
}

/* Whether what is there may go, to be nothing or something else of that kind. */
static int may_go(const struct node *node, bool directory)
{
    bool is_directory = node->kind == FILE_KIND_DIRECTORY;

    if (is_directory != directory)
        return directory ? -ENOTDIR : -EISDIR;
    return is_directory && node->first_entry != NULL ? -ENOTEMPTY : 0;
}

int node_remove(const struct name *name, bool directory)
{
    int status = may_change(name);
    struct entry *entry = status == 0 ? find(name) : NULL;

    if (entry == NULL)
        return status < 0 ? status : -ENOENT;
    status = may_go(entry->node, directory);
    if (status == 0)
        take_away(name->directory, entry);
    return status == -EISDIR ? -EPERM : status; /* POSIX unlink has EPERM for directories */
}

static bool is_within(const struct node *node, const struct node *directory)
{
    while (node != NULL && node != directory && node->parent != node)
        node = node->parent;
    return node == directory;
}

int node_rename(const struct name *from, const struct name *to)
{
    int status = may_change(from);
    struct entry *old = status == 0 ? find(from) : NULL;

    if (old == NULL)
        return status < 0 ? status : -ENOENT;
    status = may_change(to);
    if (status < 0)
        return status;
    struct node *node = old->node;
    bool directory = node->kind == FILE_KIND_DIRECTORY;
    struct entry *there = find(to);
    if (directory && is_within(to->directory, node))
        return -EINVAL;
    if (there != NULL && there->node == node)
        return 0; /* POSIX: two names of one file stay */
    if (there != NULL && (status = may_go(there->node, directory)) < 0)
        return status;
    struct entry *entry = entry_make(to);
    if (entry == NULL)
        return -ENOSPC;
    if (there != NULL)
        take_away(to->directory, there);
    entry_remove(from->directory, old);
    entry_add(to->directory, entry, node);
    node_touch(node, false);
    return 0;
}
