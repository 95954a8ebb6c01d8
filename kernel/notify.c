/* SPDX-License-Identifier: MIT */
/* Notifications: bits OR-ed into a port. */
#include "handle.h"
#include "ipc.h"
#include "port.h"
#include "syscall.h"
#include "thread.h"
#include "trace.h"

void notify_port(struct port *port)
{
    struct thread *thread;

    if (port_has_event(port) && (thread = port_take_waiter(port)))
        ipc_receive_event(thread);
}

void notify_portal(const struct entry *entry, uint32_t bits)
{
    if (entry->type != IRIS_TYPE_PORTAL)
        return;
    struct portal *portal = container_of(entry->object, struct portal, object);
    trace(IRIS_TRACE_EVENT_NOTIFY, portal->port->object.id, bits & portal->mask, 0, 0);
    portal->port->pending |= bits & portal->mask;
    port_update(portal->port);
    notify_port(portal->port);
}

/* It is no client: it keeps nobody from learning that all those are gone. */
void notify_keep(struct entry *entry, const struct entry *portal)
{
    entry_clear(entry);
    if (portal)
        entry_copy(entry, portal, IRIS_RIGHT_NOTIFY | IRIS_RIGHT_CONTROL);
}

int sys_notify(uint32_t handle, uint32_t bits)
{
    int error;
    struct entry *entry = handle_get(handle, IRIS_TYPE_PORTAL, IRIS_RIGHT_NOTIFY, &error);

    if (entry)
        notify_portal(entry, bits);
    return error;
}
