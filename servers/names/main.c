/* SPDX-License-Identifier: MIT */
/*
 * names: paths to portals. One flat context: an array in order of path. Who holds root's portal
 * registers; everybody may look up.
 */
#include <stdlib.h>
#include <string.h>

#include <iris/calls.h>

#include "names.h" /* generated from names.idl */
#include "resident.h"
#include "server.h"
#include "service.h"
#include "slots.h"

#define PATH_MAX_LENGTH 120

struct entry {
    char *path;
    uint32_t portal; /* slot */
    uint32_t port;   /* the kernel's id of the port it leads to */
    uint32_t order;  /* of registration: a port goes by the first of its names */
};

static struct {
    struct entry *entry;
    uint32_t count, capacity;
    uint32_t order; /* of the next to be registered */
} context;

/* The index of a path, or where it would be. */
static uint32_t position(const char *path)
{
    uint32_t low = 0, high = context.count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (strcmp(context.entry[middle].path, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct entry *find(const char *path)
{
    uint32_t at = position(path);
    struct entry *entry = at < context.count ? &context.entry[at] : NULL;

    return entry != NULL && strcmp(entry->path, path) == 0 ? entry : NULL;
}

static int make_room(void)
{
    if (context.count < context.capacity)
        return 0;
    uint32_t capacity = context.capacity != 0 ? 2 * context.capacity : 32;
    struct entry *larger = realloc(context.entry, capacity * sizeof *larger);
    if (larger == NULL)
        return -ENOMEM;
    context.entry = larger;
    context.capacity = capacity;
    return 0;
}

static int insert(const char *path, uint32_t portal, uint32_t port)
{
    char *copy = make_room() == 0 ? strdup(path) : NULL;

    if (copy == NULL)
        return -ENOMEM;
    uint32_t at = position(path);
    memmove(&context.entry[at + 1], &context.entry[at],
            (context.count - at) * sizeof context.entry[0]);
    context.entry[at] =
        (struct entry){.path = copy, .portal = portal, .port = port, .order = context.order++};
    context.count++;
    return 0;
}

/* ---- The interface ---- */

static int lookup(void *unused, struct iris_request *rq, const char *path,
                  struct iris_handle_out *portal)
{
    const struct entry *entry = find(path);

    (void)unused;
    (void)rq;
    if (entry == NULL)
        return -ENOENT;
    *portal = (struct iris_handle_out){
        .slot = entry->portal, .rights = IRIS_RIGHT_CALL | IRIS_RIGHT_NOTIFY | IRIS_RIGHT_COPY};
    return 0;
}

static int register_path(void *unused, struct iris_request *rq, const char *path, uint32_t portal)
{
    struct iris_handle_info info;

    (void)unused;
    if (iris_request_badge(rq) != SERVER_BADGE_ROOT)
        return -EPERM;
    if (*path == '\0' || find(path) != NULL)
        return *path == '\0' ? -EINVAL : -EEXIST;
    int status = iris_handle_identify(portal, 0, &info);
    if (status < 0 || info.type != IRIS_TYPE_PORTAL)
        return status < 0 ? status : -EINVAL;
    status = insert(path, portal, info.port);
    if (status == 0)
        iris_request_claim(rq, portal);
    return status;
}

static int unregister(void *unused, struct iris_request *rq, const char *path)
{
    struct entry *entry = find(path);

    (void)unused;
    if (iris_request_badge(rq) != SERVER_BADGE_ROOT)
        return -EPERM;
    if (entry == NULL)
        return -ENOENT;
    iris_handle_discard(entry->portal);
    free(entry->path);
    context.count--;
    memmove(entry, entry + 1, (size_t)(&context.entry[context.count] - entry) * sizeof *entry);
    return 0;
}

static int entry_at(void *unused, struct iris_request *rq, uint32_t index,
                    char path[PATH_MAX_LENGTH + 1], uint32_t *port)
{
    (void)unused;
    (void)rq;
    if (index >= context.count)
        return -ENOENT;
    strcpy(path, context.entry[index].path);
    *port = context.entry[index].port;
    return 0;
}

static int port_name(void *unused, struct iris_request *rq, uint32_t port,
                     char path[PATH_MAX_LENGTH + 1])
{
    const struct entry *found = NULL;

    (void)unused;
    (void)rq;
    for (uint32_t i = 0; i < context.count; i++) {
        const struct entry *entry = &context.entry[i];
        if (entry->port == port && (found == NULL || entry->order < found->order))
            found = entry;
    }
    if (found == NULL)
        return -ENOENT;
    strcpy(path, found->path);
    return 0;
}

static const struct names_server operations = {.lookup = lookup,
                                               .register_ = register_path,
                                               .unregister = unregister,
                                               .entry = entry_at,
                                               .port_name = port_name};
static const struct iris_service services[] = {NAMES_SERVICE(&operations)};
static const struct iris_server server = {
    .port = SERVER_SLOT_PORT, .services = services, .count = 1};

#define HEAP_BYTES (8u * 1024) /* some hundred names */

int main(void)
{
    iris_resident(HEAP_BYTES);
    return -iris_server_run(&server);
}
