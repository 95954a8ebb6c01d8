/* SPDX-License-Identifier: MIT */
/*
 * bootfs: the boot archive as a read-only file system. It reads the archive where root mapped it.
 */
#include <errno.h>
#include <string.h>

#include "file.h" /* generated from servers/lib/file.idl */
#include "locks.h"
#include "memory_object.h" /* generated from servers/mem/memory_object.idl */
#include "opened.h"
#include "resident.h"
#include "server.h"
#include "service.h"
#include "text.h"
#include "tree.h"

#define OPEN_FILES_MAX 200u
#define NS 1000000000ull

static struct tar archive = {.data = (const uint8_t *)SERVER_ARCHIVE};
static struct opened_table table = {.most = OPEN_FILES_MAX};
static struct opened root = {.flags = FILE_OPEN_READ}; /* what the name leads to */

/* The tree never changes: what an open file leads to stays what it is. */
static const struct node *node_of(void *context)
{
    const struct opened *opened = context;
    return opened->node;
}

/* ---- Opening ---- */

/* What cannot be created, and cannot be written if it is there. */
static int refuse(const struct node *node, uint32_t flags)
{
    if (node == NULL)
        return flags & FILE_OPEN_CREATE ? -EROFS : -ENOENT;
    if ((flags & FILE_OPEN_CREATE) && (flags & FILE_OPEN_EXCLUSIVE))
        return -EEXIST;
    if ((flags & FILE_OPEN_DIRECTORY) && !node->directory)
        return -ENOTDIR;
    if (flags & (FILE_OPEN_WRITE | FILE_OPEN_TRUNCATE))
        return node->directory ? -EISDIR : -EROFS;
    return 0;
}

static int open_file(void *context, struct iris_request *rq, const char *path, uint32_t flags,
                     uint32_t mode, struct iris_handle_out *file)
{
    const struct node *node;
    int status = tree_walk(node_of(context), path, &node);

    (void)rq;
    (void)mode;
    if (status == 0 || status == -ENOENT)
        status = refuse(node, flags);
    return status < 0 ? status : opened_give(&table, flags, (void *)(uintptr_t)node, file);
}

/* ---- Reading ---- */

static int read_at(void *context, struct iris_request *rq, uint64_t offset,
                   struct iris_buffer_ref data, uint32_t *count)
{
    const struct node *node = node_of(context);
    int status = opened_may_read(context);

    (void)rq;
    if (status < 0 || node->directory)
        return status < 0 ? status : -EISDIR;
    uint32_t most = opened_reach(offset, data.length, node->size);
    if (most > 0)
        status = iris_buffer_write(data, 0, archive.data + node->offset + (uint32_t)offset, most);
    *count = status > 0 ? (uint32_t)status : 0;
    return status < 0 ? status : 0;
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

static int seek(void *context, struct iris_request *rq, int64_t offset, uint32_t whence,
                uint64_t *position)
{
    (void)rq;
    return opened_seek(context, node_of(context)->size, offset, whence, position);
}

static void fill_status(const struct node *node, struct file_status *status)
{
    uint64_t time = node->modified * NS;

    *status =
        (struct file_status){.kind = node->directory ? FILE_KIND_DIRECTORY : FILE_KIND_REGULAR,
                             .mode = node->mode,
                             .node = tree_number(node),
                             .device = table.device,
                             .links = 1,
                             .size = node->size,
                             .accessed = time,
                             .modified = time,
                             .changed = time};
}

static int status_of(void *context, struct iris_request *rq, struct file_status *status)
{
    (void)rq;
    fill_status(node_of(context), status);
    return 0;
}

static int entry_of(void *context, struct iris_request *rq, uint32_t cursor, uint32_t *next,
                    char name[TAR_NAME_MAX + 1], struct file_status *status)
{
    (void)rq;
    if (!node_of(context)->directory)
        return -ENOTDIR;
    const struct node *entry = tree_entry(node_of(context), cursor);
    if (entry == NULL)
        return -ENOENT;
    *next = cursor + 1;
    strcpy(name, entry->name);
    fill_status(entry, status);
    return 0;
}

static int object_of(void *context, struct iris_request *rq, uint32_t payer,
                     struct iris_handle_out *object)
{
    const struct node *node = node_of(context);
    uint32_t made;

    (void)rq;
    if (node->directory || node->size == 0)
        return -EINVAL;
    int status =
        memory_archive_object_create(SERVER_SLOT_OBJECTS, node->offset, node->size, payer, &made);
    if (status == 0)
        *object = (struct iris_handle_out){made, IRIS_RIGHT_CALL | IRIS_RIGHT_COPY | IRIS_MOVE};
    return status;
}

/* ---- What a file system that nobody writes to says ---- */

static int set_status(void *context, struct iris_request *rq, uint32_t which, uint32_t mode,
                      uint64_t accessed, uint64_t modified)
{
    (void)context;
    (void)rq;
    (void)which;
    (void)mode;
    (void)accessed;
    (void)modified;
    return -EROFS;
}

/* EROFS if the path leads somewhere, else the error of looking. */
static int refuse_change(void *context, const char *path)
{
    const struct node *node;
    int status = tree_walk(node_of(context), path, &node);

    return status < 0 ? status : -EROFS;
}

static int remove_name(void *context, struct iris_request *rq, const char *path, bool directory)
{
    (void)rq;
    (void)directory;
    return refuse_change(context, path);
}

static int make_directory(void *context, struct iris_request *rq, const char *path, uint32_t mode)
{
    const struct node *node;
    int status = tree_walk(node_of(context), path, &node);

    (void)rq;
    (void)mode;
    return status == 0 ? -EEXIST : status == -ENOENT ? -EROFS : status;
}

static int rename_file(void *context, struct iris_request *rq, const char *from, const char *path,
                       uint32_t to)
{
    (void)rq;
    (void)path;
    return opened_behind(&table, &root, to) == NULL ? -EXDEV : refuse_change(context, from);
}

/* ---- The server ---- */

static const struct file_server operations = {.open = open_file,
                                              .read = read_file,
                                              .read_at = read_at,
                                              .seek = seek,
                                              .flags = opened_flags,
                                              .status = status_of,
                                              .set_status = set_status,
                                              .sync = opened_sync,
                                              .entry = entry_of,
                                              .object = object_of,
                                              .remove = remove_name,
                                              .make_directory = make_directory,
                                              .rename = rename_file,
                                              .link = rename_file,
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
    locks_closed(opened);
    opened_free(&table, opened);
    return 0;
}

static const struct iris_server server = {
    .port = SERVER_SLOT_PORT, .services = services, .count = 1, .locate = locate, .event = event};

#define HEAP_BYTES (16u * 1024) /* for open files */

int main(int argc, char **argv)
{
    struct text_scanner size = {.at = "", .end = ""};

    if (argc > 1)
        size = (struct text_scanner){.at = argv[1], .end = argv[1] + strlen(argv[1])};
    if (!text_take_decimal(&size, &archive.size) || !tree_build(&archive))
        return ENOMEM;
    root.node = (void *)(uintptr_t)tree_root();
    locks_begin(&table);
    iris_resident(HEAP_BYTES);
    int status = opened_begin(&table, SERVER_SLOT_PORT);
    return status < 0 ? -status : -iris_server_run(&server);
}
