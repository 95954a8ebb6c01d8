/* SPDX-License-Identifier: MIT */
/*
 * names: paths to portals. Who holds root's portal registers what it likes; everybody may look up,
 * and register names for devices and services of its own.
 */
#include <errno.h>
#include <string.h>

#include <iris/calls.h>

#include "context.h"
#include "resident.h"
#include "server.h"
#include "service.h"

/* ---- Looking up ---- */

static void give(const struct entry *entry, struct iris_handle_out *portal)
{
    *portal = (struct iris_handle_out){
        .slot = entry->portal, .rights = IRIS_RIGHT_CALL | IRIS_RIGHT_NOTIFY | IRIS_RIGHT_COPY};
}

static int lookup(void *unused, struct iris_request *rq, const char *path,
                  struct iris_handle_out *portal)
{
    context_bury();
    const struct entry *entry = context_find(path);

    (void)unused;
    (void)rq;
    if (entry == NULL)
        return -ENOENT;
    give(entry, portal);
    return 0;
}

static int resolve(void *unused, struct iris_request *rq, const char *path, uint32_t *matched,
                   struct iris_handle_out *portal)
{
    const struct entry *entry = context_resolve(path);

    (void)unused;
    (void)rq;
    if (entry == NULL)
        return -ENOENT;
    *matched = (uint32_t)strlen(entry->path);
    give(entry, portal);
    return 0;
}

static int entry_at(void *unused, struct iris_request *rq, uint32_t index,
                    char path[NAMES_MAX_PATH + 1], uint32_t *port)
{
    (void)unused;
    (void)rq;
    if (index >= context_count())
        return -ENOENT;
    strcpy(path, context_at(index)->path);
    *port = context_at(index)->port;
    return 0;
}

static int child(void *unused, struct iris_request *rq, const char *path, uint32_t cursor,
                 uint32_t *next, char name[NAMES_MAX_PATH + 1])
{
    const struct entry *entry = context_child(path, cursor);
    uint32_t length;

    (void)unused;
    (void)rq;
    if (entry == NULL)
        return -ENOENT;
    *next = entry->order;
    const char *component = context_component(entry, path, &length);
    memcpy(name, component, length);
    name[length] = '\0';
    return 0;
}

static int port_name(void *unused, struct iris_request *rq, uint32_t port,
                     char path[NAMES_MAX_PATH + 1])
{
    const struct entry *entry = context_port(port);

    (void)unused;
    (void)rq;
    if (entry == NULL)
        return -ENOENT;
    strcpy(path, entry->path);
    return 0;
}

/* ---- Registering ---- */

static bool is_component(const char *name, size_t length)
{
    return length > 0 && strncmp(name, ".", length) != 0 && strncmp(name, "..", length) != 0;
}

static bool is_path(const char *path)
{
    for (;;) {
        size_t length = strcspn(path, "/");
        if (!is_component(path, length))
            return false;
        if (path[length] == '\0')
            return true;
        path += length + 1;
    }
}

/* Whether a process may have a name there. */
static bool is_public(const char *path)
{
    return strncmp(path, "files/dev/", 10) == 0 || strncmp(path, "local/", 6) == 0;
}

static int may_register(const char *path, uint32_t port)
{
    if (!is_public(path))
        return -EPERM;
    if (context_count_mortal(port) >= NAMES_PORT_NAMES_MAX ||
        context_count_mortal(0) >= NAMES_PROCESS_NAMES_MAX)
        return -ENOSPC;
    return 0;
}

/* The kernel's id of the port that a portal leads to. */
static int port_of(uint32_t portal, uint32_t *port)
{
    struct iris_handle_info info;
    int status = iris_handle_identify(portal, 0, &info);

    *port = info.port;
    return status < 0 ? status : info.type == IRIS_TYPE_PORTAL ? 0 : -EINVAL;
}

static int register_path(void *unused, struct iris_request *rq, const char *path, uint32_t portal)
{
    bool mortal = iris_request_badge(rq) != SERVER_BADGE_ROOT;
    uint32_t port;
    int status = is_path(path) ? port_of(portal, &port) : -EINVAL;

    (void)unused;
    if (status == 0 && mortal)
        status = may_register(path, port);
    if (status == 0 && context_find(path) != NULL)
        status = -EEXIST;
    if (status == 0)
        status = context_add(path, portal, port, mortal);
    if (status == 0)
        iris_request_claim(rq, portal);
    return status;
}

static int unregister(void *unused, struct iris_request *rq, const char *path, uint32_t portal)
{
    const struct entry *entry = context_find(path);
    uint32_t port;

    (void)unused;
    if (entry == NULL)
        return -ENOENT;
    if (iris_request_badge(rq) != SERVER_BADGE_ROOT &&
        (!entry->mortal || portal == 0 || port_of(portal, &port) < 0 || port != entry->port))
        return -EPERM;
    context_remove(path);
    return 0;
}

static const struct names_server operations = {.lookup = lookup,
                                               .resolve = resolve,
                                               .register_ = register_path,
                                               .unregister = unregister,
                                               .entry = entry_at,
                                               .child = child,
                                               .port_name = port_name};
static const struct iris_service services[] = {NAMES_SERVICE(&operations)};
static const struct iris_server server = {
    .port = SERVER_SLOT_PORT, .services = services, .count = 1};

#define HEAP_BYTES (24u * 1024) /* root's names and as many as processes may have */

int main(void)
{
    iris_resident(HEAP_BYTES);
    return -iris_server_run(&server);
}
