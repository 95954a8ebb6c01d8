/* SPDX-License-Identifier: MIT */
/* Portals: badge, rights and mask in front of a port. */
#include "handle.h"
#include "ipc.h"
#include "port.h"
#include "space.h"
#include "syscall.h"
#include "thread.h"

/* DISCONNECT comes after all calls through the portal: not while one is queued. */
void portal_caller_gone(struct portal *portal)
{
    if (!portal->orphaned || !list_empty(&portal->callers) || portal->object.dying)
        return;
    portal->orphaned = false;
    list_insert(&portal->port->disconnects, &portal->disconnect_node);
    port_update(portal->port);
    notify_port(portal->port);
}

void portal_client_gone(struct portal *portal)
{
    portal->orphaned = true;
    portal_caller_gone(portal);
}

/* The server gave the portal to somebody again. */
void portal_client_added(struct portal *portal)
{
    portal->orphaned = false;
    if (!list_empty(&portal->disconnect_node)) {
        list_remove(&portal->disconnect_node);
        port_update(portal->port);
    }
}

bool portal_reap(struct portal *portal)
{
    struct port *port = portal->port;

    portal->object.dying = true;
    if (!list_empty(&portal->callers)) {
        ipc_fail(list_first(&portal->callers, struct thread, via_node), EDEAD);
        return false;
    }
    if (!object_retarget(&portal->object, 16))
        return false;
    list_remove(&portal->disconnect_node);
    list_remove(&portal->port_node);
    list_remove(&portal->owner_node);
    port_update(port);
    object_free(portal);
    return true;
}

int sys_portal_create(uint32_t port_handle, uint32_t slot, uint32_t badge, uint32_t rights,
                      uint32_t mask)
{
    const uint32_t allowed = IRIS_RIGHT_CALL | IRIS_RIGHT_NOTIFY | IRIS_RIGHT_COPY;
    int error;
    struct space *space = space_current();
    struct entry *receiver = handle_get(port_handle, IRIS_TYPE_PORT, IRIS_RIGHT_CONTROL, &error);

    if (!receiver)
        return error;
    if (rights & ~allowed)
        return -EINVAL;
    struct entry *entry = handle_slot(space, slot, true, &error);
    if (!entry)
        return error;
    struct portal *portal = object_alloc(space, OBJECT_128);
    if (!portal)
        return -ENOMEM;
    object_init(&portal->object, IRIS_TYPE_PORTAL, space);
    portal->port = container_of(receiver->object, struct port, object);
    portal->badge = badge;
    portal->rights = (uint8_t)rights;
    portal->mask = mask;
    list_init(&portal->disconnect_node);
    list_init(&portal->callers);
    list_insert(&portal->port->portals, &portal->port_node);
    list_insert(&space->portals, &portal->owner_node);
    handle_new(space, entry, &portal->object,
               (uint8_t)(rights | IRIS_RIGHT_CONTROL | IRIS_RIGHT_DESTROY | IRIS_RIGHT_COPY));
    return 0;
}
