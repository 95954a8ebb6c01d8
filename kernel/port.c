/* SPDX-License-Identifier: MIT */
/* Ports: who waits, what is pending, and how they die. */
#include "port.h"

#include "handle.h"
#include "ipc.h"
#include "sched.h"
#include "space.h"
#include "syscall.h"
#include "thread.h"

/* What an entry that may call nothing points at. Nobody ever waits or queues here. */
struct port dead_port = {
    .object = {.ring = LIST_INIT(dead_port.object.ring), .type = IRIS_TYPE_PORT, .dying = true},
    .waiters = LIST_INIT(dead_port.waiters),
    .bound = LIST_INIT(dead_port.bound),
    .portals = LIST_INIT(dead_port.portals),
    .disconnects = LIST_INIT(dead_port.disconnects),
    .exits = LIST_INIT(dead_port.exits),
    .owner_node = LIST_INIT(dead_port.owner_node),
    .waiter = PORT_BUSY,
};

bool port_has_event(const struct port *port)
{
    return port->pending || !list_empty(&port->disconnects) || !list_empty(&port->exits);
}

void port_update(struct port *port)
{
    if (port != &dead_port && !port_has_waiter(port))
        port->waiter = port->callers.first || port_has_event(port) ? PORT_BUSY : NULL;
}

/* ---- Binding and waiting ---- */

void port_bind(struct port *port, struct thread *thread)
{
    list_remove(&thread->bound_node);
    thread->hot.port = port;
    if (port != &dead_port)
        list_insert(&port->bound, &thread->bound_node);
}

void port_put_waiter(struct port *port, struct thread *thread)
{
    /* The fast path takes `waiter` without a look: a thread with a deadline, or one whose flags
       ask for attention, waits in the list. */
    if (!port->waiter && !thread->timer.armed && !thread->hot.flags)
        port->waiter = &thread->hot;
    else
        list_insert(&port->waiters, &thread->queue_node);
}

struct thread *port_take_waiter(struct port *port)
{
    struct thread *thread = NULL;

    if (port_has_waiter(port)) {
        thread = thread_from_hot(port->waiter);
        port->waiter = NULL;
    } else if (!list_empty(&port->waiters)) {
        thread = list_first(&port->waiters, struct thread, queue_node);
        list_remove(&thread->queue_node);
    }
    return thread;
}

void port_remove_waiter(struct thread *thread)
{
    struct port *port = thread->hot.port;

    if (port->waiter == &thread->hot)
        port->waiter = NULL;
    else
        list_remove(&thread->queue_node);
}

/* ---- Events ---- */

void port_take_event(struct port *port, struct event *event)
{
    memset(event, 0, sizeof(*event));
    if (port->pending) {
        event->label = IRIS_EVENT_NOTIFY;
        event->word[0] = port->pending;
        port->pending = 0;
    } else if (!list_empty(&port->disconnects)) {
        struct portal *portal = list_first(&port->disconnects, struct portal, disconnect_node);
        list_remove(&portal->disconnect_node);
        event->label = IRIS_EVENT_DISCONNECT;
        event->badge = portal->badge;
    } else {
        struct thread *thread = list_first(&port->exits, struct thread, queue_node);
        event->label = IRIS_EVENT_EXIT;
        event->badge = thread->exit_badge;
        event->word[0] = thread->object.id;
        event->word[1] = thread->exit_reason;
        event->word[2] = thread->exit_code;
        thread_free(thread);
    }
    port_update(port);
}

/* ---- Death ---- */

static void bound_thread_release(struct thread *thread)
{
    if (thread->hot.state == IRIS_THREAD_WAITING)
        ipc_fail(thread, EDEAD);
    if (thread->hot.caller)
        ipc_fail(thread_caller(thread), EDEAD);
    port_bind(&dead_port, thread);
}

bool port_reap(struct port *port)
{
    port->object.dying = true;
    if (!list_empty(&port->portals)) {
        portal_reap(list_first(&port->portals, struct portal, port_node));
        return false;
    }
    if (!list_empty(&port->bound)) {
        bound_thread_release(list_first(&port->bound, struct thread, bound_node));
        return false;
    }
    if (!list_empty(&port->exits)) {
        thread_free(list_first(&port->exits, struct thread, queue_node));
        return false;
    }
    if (!object_retarget(&port->object, 16))
        return false;
    list_remove(&port->owner_node);
    object_free(port);
    return true;
}

/* ---- Calls ---- */

int sys_port_create(uint32_t slot)
{
    int error;
    struct space *space = space_current();
    struct entry *entry = handle_slot(space, slot, true, &error);

    if (!entry)
        return error;
    struct port *port = object_alloc(space, OBJECT_128);
    if (!port)
        return -ENOMEM;
    object_init(&port->object, IRIS_TYPE_PORT, space);
    list_init(&port->waiters);
    list_init(&port->bound);
    list_init(&port->portals);
    list_init(&port->disconnects);
    list_init(&port->exits);
    list_insert(&space->ports, &port->owner_node);
    handle_new(space, entry, &port->object, IRIS_RIGHT_ALL);
    return 0;
}

int sys_port_bind(uint32_t handle)
{
    int error;
    struct entry *entry;

    if (handle == 0) {
        port_bind(&dead_port, thread_current());
        return 0;
    }
    entry = handle_get(handle, IRIS_TYPE_PORT, IRIS_RIGHT_RECEIVE, &error);
    if (!entry)
        return error;
    port_bind(container_of(entry->object, struct port, object), thread_current());
    cpu.attention |= CPU_DISPATCH; /* whoever helped it here helps another now */
    return 0;
}
