/* SPDX-License-Identifier: MIT */
/*
 * bootfs: the boot archive as a read-only file system. It reads the archive where root mapped it.
 * Every open file or directory is a portal, whose badge is its number here; when the last handle
 * to it is closed, the kernel says so and the portal goes.
 */
#include <stdlib.h>
#include <string.h>

#include <iris/calls.h>

#include "file.h"          /* generated from file.idl */
#include "memory_object.h" /* generated from servers/mem/memory_object.idl */
#include "resident.h"
#include "server.h"
#include "service.h"
#include "slots.h"
#include "text.h"
#include "tree.h"

struct opened {
    uint32_t portal; /* slot, 0: free */
    uint32_t node;
};

/* Badge 0 is the root directory; the others are indices + OPENED_BADGE into this. */
#define OPENED_BADGE 16u
static struct {
    struct opened *opened;
    uint32_t count;
    struct tar archive;
} fs = {.archive = {.data = (const uint8_t *)SERVER_ARCHIVE}};

static uint32_t node_of(uint32_t badge)
{
    uint32_t index = badge - OPENED_BADGE;

    if (badge == SERVER_BADGE_PUBLIC)
        return TREE_ROOT;
    return index < fs.count && fs.opened[index].portal != 0 ? fs.opened[index].node : TREE_NONE;
}

/* ---- Open files ---- */

static int find_free(uint32_t *index)
{
    for (*index = 0; *index < fs.count; ++*index)
        if (fs.opened[*index].portal == 0)
            return 0;
    struct opened *larger = realloc(fs.opened, (fs.count + 16) * sizeof *larger);
    if (larger == NULL)
        return -ENOMEM;
    memset(larger + fs.count, 0, 16 * sizeof *larger);
    fs.opened = larger;
    fs.count += 16;
    return 0;
}

static int make_portal(uint32_t index)
{
    int slot = iris_slot_alloc();

    if (slot < 0)
        return slot;
    int status = iris_portal_create(SERVER_SLOT_PORT, (uint32_t)slot, index + OPENED_BADGE,
                                    IRIS_RIGHT_CALL | IRIS_RIGHT_COPY, 0);
    if (status < 0)
        iris_slot_free((uint32_t)slot);
    else
        fs.opened[index].portal = (uint32_t)slot;
    return status;
}

static void close_file(uint32_t index)
{
    if (index >= fs.count || fs.opened[index].portal == 0)
        return;
    iris_object_destroy(fs.opened[index].portal);
    iris_handle_discard(fs.opened[index].portal);
    fs.opened[index].portal = 0;
}

static int open_file(void *context, struct iris_request *rq, const char *path, uint32_t flags,
                     struct iris_handle_out *file)
{
    uint32_t node = tree_walk(node_of(iris_request_badge(rq)), path), index;

    (void)context;
    if (node == TREE_NONE)
        return -ENOENT;
    if (flags & FILE_OPEN_WRITE)
        return -EPERM;
    int status = find_free(&index);
    if (status == 0)
        status = make_portal(index);
    if (status < 0)
        return status;
    fs.opened[index].node = node;
    status = iris_portal_give(fs.opened[index].portal, IRIS_RIGHT_CALL | IRIS_RIGHT_COPY, file);
    if (status < 0)
        close_file(index);
    return status;
}

/* ---- What a file can do ---- */

static int read_file(void *context, struct iris_request *rq, uint64_t offset,
                     struct iris_buffer_ref data, uint32_t *count)
{
    const struct node *node = tree_node(node_of(iris_request_badge(rq)));

    (void)context;
    *count = 0;
    if (node->directory)
        return -EINVAL;
    if (offset >= node->size)
        return 0;
    uint32_t left = node->size - (uint32_t)offset;
    int done = iris_buffer_write(data, 0, fs.archive.data + node->offset + (uint32_t)offset,
                                 left < data.length ? left : data.length);
    if (done < 0)
        return done;
    *count = (uint32_t)done;
    return 0;
}

static int write_file(void *context, struct iris_request *rq, uint64_t offset,
                      struct iris_buffer_ref data, uint32_t *count)
{
    (void)context;
    (void)rq;
    (void)offset;
    (void)data;
    (void)count;
    return -EPERM;
}

static void fill_status(const struct node *node, struct file_status *status)
{
    *status =
        (struct file_status){.kind = node->directory ? FILE_KIND_DIRECTORY : FILE_KIND_REGULAR,
                             .size = node->size,
                             .mode = node->mode,
                             .archive_offset = node->offset,
                             .modified = node->modified};
}

static int file_status_of(void *context, struct iris_request *rq, struct file_status *status)
{
    (void)context;
    fill_status(tree_node(node_of(iris_request_badge(rq))), status);
    return 0;
}

static int entry_of(void *context, struct iris_request *rq, uint32_t index,
                    char name[TAR_NAME_MAX + 1], struct file_status *status)
{
    uint32_t directory = node_of(iris_request_badge(rq));

    (void)context;
    if (!tree_node(directory)->directory)
        return -EINVAL;
    uint32_t entry = tree_entry(directory, index);
    if (entry == TREE_NONE)
        return -ENOENT;
    strcpy(name, tree_node(entry)->name);
    fill_status(tree_node(entry), status);
    return 0;
}

static int object_of(void *context, struct iris_request *rq, uint32_t payer,
                     struct iris_handle_out *object)
{
    const struct node *node = tree_node(node_of(iris_request_badge(rq)));
    uint32_t made;

    (void)context;
    if (node->directory || node->size == 0)
        return -EINVAL;
    int status =
        memory_archive_object_create(SERVER_SLOT_OBJECTS, node->offset, node->size, payer, &made);
    if (status == 0)
        *object = (struct iris_handle_out){made, IRIS_RIGHT_CALL | IRIS_RIGHT_COPY | IRIS_MOVE};
    return status;
}

/* ---- The server ---- */

static const struct file_server operations = {.open = open_file,
                                              .read = read_file,
                                              .write = write_file,
                                              .status = file_status_of,
                                              .entry = entry_of,
                                              .object = object_of};
static const struct iris_service services[] = {FILE_SERVICE(&operations)};

static int locate(void *context, uint32_t badge, struct iris_target *target)
{
    (void)context;
    (void)target;
    return node_of(badge) != TREE_NONE ? 0 : -ENOENT;
}

static int event(void *context, struct iris_request *rq)
{
    (void)context;
    if (iris_tag_label(rq->message.tag) == IRIS_EVENT_DISCONNECT)
        close_file(rq->message.badge - OPENED_BADGE);
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
    if (!text_take_decimal(&size, &fs.archive.size) || !tree_build(&fs.archive))
        return ENOMEM;
    iris_resident(HEAP_BYTES);
    return -iris_server_run(&server);
}
