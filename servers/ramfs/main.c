/* SPDX-License-Identifier: MIT */
/*
 * ramfs: a file system in memory. What is in it is gone with the machine; its size is bounded by
 * its quota and by half of the machine's memory.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <iris/calls.h>
#include <iris/vdso.h>

#include "locks.h"
#include "memory.h" /* generated from servers/mem/memory.idl */
#include "node.h"
#include "opened.h"
#include "pool.h"
#include "resident.h"
#include "server.h"
#include "service.h"

#define OPEN_FILES_MAX 400u

/* Of the kernel's: two for the records and tables of a chunk's pages, some for open files. */
#define KERNEL_PAGES_KEPT 8u

static struct opened_table table = {.most = OPEN_FILES_MAX};
static struct opened root = {.flags = FILE_OPEN_READ}; /* what the name leads to */

static struct node *node_of(void *context)
{
    const struct opened *opened = context;
    return opened->node;
}

/* ---- Memory ---- */

/* A page that is promised still needs a record and a page table of the kernel when it is touched:
   whoever lacks them then does not live to say so. */
static bool kernel_has_room(void)
{
    struct iris_space_info own;

    return iris_space_inspect(IRIS_SLOT_SPACE, IRIS_INSPECT_SPACE, 0, &own, 1) == 1 &&
           own.pages_limit - own.pages_used >= KERNEL_PAGES_KEPT;
}

void *pool_chunk_take(void)
{
    uint32_t at = 0;

    if (!kernel_has_room())
        return NULL;
    int status =
        memory_allocate(IRIS_SLOT_MEMORY, POOL_CHUNK_PAGES * IRIS_PAGE_SIZE, MEMORY_WRITE, &at);
    return status == 0 ? (void *)at : NULL;
}

bool pool_chunk_give(void *chunk)
{
    return memory_release(IRIS_SLOT_MEMORY, (uint32_t)chunk, POOL_CHUNK_PAGES * IRIS_PAGE_SIZE) ==
           0;
}

/* ---- Opening ---- */

/* Whether a file that is there may be opened so. */
static int may_open(const struct node *node, uint32_t flags)
{
    bool directory = node->kind == FILE_KIND_DIRECTORY;
    uint32_t bits = (flags & FILE_OPEN_READ ? NODE_READ : 0) |
                    (flags & (FILE_OPEN_WRITE | FILE_OPEN_TRUNCATE) ? NODE_WRITE : 0);

    if ((flags & FILE_OPEN_CREATE) && (flags & FILE_OPEN_EXCLUSIVE))
        return -EEXIST;
    if (directory && (flags & (FILE_OPEN_WRITE | FILE_OPEN_TRUNCATE | FILE_OPEN_CREATE)))
        return -EISDIR;
    if (!directory && (flags & FILE_OPEN_DIRECTORY))
        return -ENOTDIR;
    return node_permits(node, bits);
}

static int give(struct node *node, uint32_t flags, struct iris_handle_out *file)
{
    int status = opened_give(&table, flags, node, file);

    if (status == 0)
        node_hold(node);
    return status;
}

static int create(const struct name *name, uint32_t flags, uint32_t mode,
                  struct iris_handle_out *file)
{
    struct node *node;
    int status = node_create(name, FILE_KIND_REGULAR, mode, &node);

    if (status < 0)
        return status;
    status = give(node, flags, file);
    if (status < 0)
        node_remove(name, false);
    return status;
}

static int open_file(void *context, struct iris_request *rq, const char *path, uint32_t flags,
                     uint32_t mode, struct iris_handle_out *file)
{
    struct name name;
    struct node *node;
    int status = node_walk_name(node_of(context), path, &name);

    (void)rq;
    if (status < 0)
        return status;
    status = node_walk(name.directory, name.text, &node);
    if (status == -ENOENT && (flags & FILE_OPEN_CREATE) && name.length > 0)
        return create(&name, flags, mode, file);
    if (status == 0)
        status = may_open(node, flags);
    if (status == 0)
        status = give(node, flags, file);
    if (status == 0 && (flags & FILE_OPEN_TRUNCATE) && (flags & FILE_OPEN_WRITE)) {
        store_resize(&node->store, 0);
        node_touch(node, true);
    }
    return status;
}

/* ---- Contents ---- */

static int read_at(void *context, struct iris_request *rq, uint64_t offset,
                   struct iris_buffer_ref data, uint32_t *count)
{
    struct node *node = node_of(context);
    int status = opened_may_read(context);

    (void)rq;
    if (status < 0 || node->kind == FILE_KIND_DIRECTORY)
        return status < 0 ? status : -EISDIR;
    uint32_t reach = opened_reach(offset, data.length, node->store.size);
    status = store_read(&node->store, (uint32_t)offset, data, reach);
    if (status < 0)
        return status;
    *count = (uint32_t)status;
    if (data.length > 0)
        node->accessed = iris_clock_realtime();
    return 0;
}

static int read_file(void *context, struct iris_request *rq, struct iris_buffer_ref data,
                     uint32_t *count)
{
    struct opened *opened = context;
    int status = read_at(context, rq, opened->position, data, count);

    if (status == 0)
        opened->position += *count;
    return status;
}

static int write_at(void *context, struct iris_request *rq, uint64_t offset,
                    struct iris_buffer_ref data, uint32_t *count)
{
    struct node *node = node_of(context);
    int status = opened_may_write(context);

    (void)rq;
    if (status < 0)
        return status;
    if (offset > FILE_MAX_SIZE)
        return -EFBIG;
    *count = 0;
    if (data.length == 0)
        return 0;
    status = store_write(&node->store, (uint32_t)offset, data);
    if (status < 0)
        return status;
    *count = (uint32_t)status;
    node_touch(node, true);
    return 0;
}

static int write_file(void *context, struct iris_request *rq, struct iris_buffer_ref data,
                      uint32_t *count)
{
    struct opened *opened = context;
    uint32_t at =
        opened->flags & FILE_OPEN_APPEND ? node_of(context)->store.size : opened->position;
    int status = write_at(context, rq, at, data, count);

    if (status == 0)
        opened->position = at + *count;
    return status;
}

static int truncate_file(void *context, struct iris_request *rq, uint64_t size)
{
    struct node *node = node_of(context);
    int status = opened_may_write(context);

    (void)rq;
    if (status == 0)
        status = size > FILE_MAX_SIZE ? -EFBIG : store_resize(&node->store, (uint32_t)size);
    if (status == 0)
        node_touch(node, true);
    return status;
}

static int seek(void *context, struct iris_request *rq, int64_t offset, uint32_t whence,
                uint64_t *position)
{
    (void)rq;
    return opened_seek(context, node_of(context)->store.size, offset, whence, position);
}

static int object_of(void *context, struct iris_request *rq, uint32_t payer,
                     struct iris_handle_out *object)
{
    const struct opened *opened = context;
    struct node *node = node_of(context);
    int status = opened_may_read(opened);

    (void)rq;
    (void)payer; /* the pages are the file's, whoever sees them */
    if (status < 0 || node->kind == FILE_KIND_DIRECTORY)
        return status < 0 ? -EACCES : -EINVAL;
    return store_object(&node->store, opened->flags & FILE_OPEN_WRITE, object);
}

/* ---- Status ---- */

static void fill_status(const struct node *node, struct file_status *status)
{
    *status = (struct file_status){.kind = node->kind,
                                   .mode = node->mode,
                                   .node = node->number,
                                   .device = table.device,
                                   .links = node->links,
                                   .size = node->store.size,
                                   .accessed = node->accessed,
                                   .modified = node->modified,
                                   .changed = node->changed};
}

static int status_of(void *context, struct iris_request *rq, struct file_status *status)
{
    (void)rq;
    fill_status(node_of(context), status);
    return 0;
}

static int set_status(void *context, struct iris_request *rq, uint32_t which, uint32_t mode,
                      uint64_t accessed, uint64_t modified)
{
    struct node *node = node_of(context);

    (void)rq;
    node_touch(node, false);
    if (which & FILE_SET_MODE)
        node->mode = mode & 07777;
    if (which & FILE_SET_ACCESSED)
        node->accessed = accessed;
    if (which & FILE_SET_MODIFIED)
        node->modified = modified;
    return 0;
}

/* ---- Directories ---- */

static int entry_of(void *context, struct iris_request *rq, uint32_t cursor, uint32_t *next,
                    char text[FILE_MAX_NAME + 1], struct file_status *status)
{
    const char *found;

    (void)rq;
    if (node_of(context)->kind != FILE_KIND_DIRECTORY)
        return -ENOTDIR;
    const struct node *node = node_entry(node_of(context), cursor, next, &found);
    if (node == NULL)
        return -ENOENT;
    strcpy(text, found);
    fill_status(node, status);
    return 0;
}

static int remove_name(void *context, struct iris_request *rq, const char *path, bool directory)
{
    struct name name;
    int status = node_walk_name(node_of(context), path, &name);

    (void)rq;
    return status < 0 ? status : node_remove(&name, directory);
}

static int make_directory(void *context, struct iris_request *rq, const char *path, uint32_t mode)
{
    struct name name;
    struct node *node;
    int status = node_walk_name(node_of(context), path, &name);

    (void)rq;
    if (status < 0)
        return status;
    if (name.length == 0 || node_find(&name) != NULL)
        return -EEXIST;
    return node_create(&name, FILE_KIND_DIRECTORY, mode, &node);
}

static int walk_pair(void *context, const char *from, const char *path, uint32_t to,
                     struct name *old, struct name *new)
{
    struct opened *directory = opened_behind(&table, &root, to);

    if (directory == NULL)
        return -EXDEV;
    int status = node_walk_name(node_of(context), from, old);
    return status < 0 ? status : node_walk_name(directory->node, path, new);
}

static int rename_file(void *context, struct iris_request *rq, const char *from, const char *path,
                       uint32_t to)
{
    struct name old, new;
    int status = walk_pair(context, from, path, to, &old, &new);

    (void)rq;
    return status < 0 ? status : node_rename(&old, &new);
}

static int link_file(void *context, struct iris_request *rq, const char *from, const char *path,
                     uint32_t to)
{
    struct name old, new;
    struct node *node = NULL;
    int status = walk_pair(context, from, path, to, &old, &new);

    (void)rq;
    if (status == 0)
        status = node_walk(node_of(context), from, &node);
    return status < 0 ? status : node_link(&new, node);
}

/* ---- The server ---- */

static const struct file_server operations = {.open = open_file,
                                              .read = read_file,
                                              .write = write_file,
                                              .read_at = read_at,
                                              .write_at = write_at,
                                              .seek = seek,
                                              .flags = opened_flags,
                                              .status = status_of,
                                              .set_status = set_status,
                                              .truncate = truncate_file,
                                              .sync = opened_sync,
                                              .entry = entry_of,
                                              .object = object_of,
                                              .remove = remove_name,
                                              .make_directory = make_directory,
                                              .rename = rename_file,
                                              .link = link_file,
                                              .poll = opened_poll,
                                              .locker = locks_locker,
                                              .lock = locks_lock,
                                              .lock_test = locks_test,
                                              .lock_whole = locks_whole};
static const struct iris_service services[] = {FILE_SERVICE(&operations)};

static int locate(void *context, uint32_t badge, struct iris_target *target)
{
    (void)context;
    target->context = badge == SERVER_BADGE_PUBLIC ? &root : opened_find(&table, badge);
    return target->context != NULL ? 0 : -ENOENT;
}

static int event(void *context, struct iris_request *rq)
{
    struct opened *opened = opened_find(&table, rq->message.badge);

    (void)context;
    if (iris_tag_label(rq->message.tag) != IRIS_EVENT_DISCONNECT ||
        locks_event(rq->message.badge) || opened == NULL)
        return 0;
    struct node *node = opened->node;
    locks_closed(opened);
    opened_free(&table, opened);
    node_drop(node);
    return 0;
}

static const struct iris_server server = {
    .port = SERVER_SLOT_PORT, .services = services, .count = 1, .locate = locate, .event = event};

#define HEAP_BYTES (48u * 1024) /* for open files and the list of chunks */

static int begin(void)
{
    struct memory_summary memory;
    int status = memory_summary(IRIS_SLOT_MEMORY, &memory);

    if (status < 0)
        return status;
    pool_most = memory.total_pages / 2;
    node_begin();
    root.node = node_root();
    locks_begin(&table);
    return opened_begin(&table, SERVER_SLOT_PORT);
}

int main(void)
{
    iris_resident(HEAP_BYTES);
    int status = begin();
    return status < 0 ? -status : -iris_server_run(&server);
}
