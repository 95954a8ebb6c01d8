/* SPDX-License-Identifier: MIT */
/* Handle tables and the calls on handles. */
#include "handle.h"

#include "frame.h"
#include "ipc.h"
#include "irq.h"
#include "point.h"
#include "port.h"
#include "sched.h"
#include "space.h"
#include "syscall.h"
#include "thread.h"

struct entry *handle_find(struct space *space, uint32_t handle)
{
    if (handle == 0 || handle >= IRIS_HANDLE_LIMIT)
        return NULL;
    struct entry *page = arch_handle_page(space, handle / ENTRIES_PER_PAGE);
    struct entry *entry = &page[handle % ENTRIES_PER_PAGE];
    return entry->used ? entry : NULL;
}

uint32_t handle_next(const struct space *space, uint32_t handle)
{
    bool page = arch_handle_page(space, handle / ENTRIES_PER_PAGE) != arch_dead_page;
    return (page ? handle : handle | (ENTRIES_PER_PAGE - 1)) + 1;
}

static int handle_check(const struct entry *entry, enum iris_object_type type, uint8_t rights)
{
    if (!entry)
        return -EBADF;
    if (entry->type == IRIS_TYPE_NONE)
        return -EDEAD;
    if (type != IRIS_TYPE_NONE && entry->type != type)
        return -EBADF;
    if ((entry->rights & rights) != rights)
        return -EPERM;
    return entry->object->dying ? -EDEAD : 0;
}

struct entry *handle_get(uint32_t handle, enum iris_object_type type, uint8_t rights, int *error)
{
    struct entry *entry = handle_find(space_current(), handle);
    *error = handle_check(entry, type, rights);
    return *error ? NULL : entry;
}

static struct entry *handle_page_new(struct space *space, uint32_t n)
{
    struct entry *page = arch_region_make(space) < 0 ? NULL : account_page_raw(space);
    if (!page)
        return NULL;
    memcpy(page, arch_dead_page, PAGE_SIZE);
    for (unsigned i = 0; i < ENTRIES_PER_PAGE; i++)
        list_init(&page[i].ring);
    arch_handle_page_set(space, n, page);
    space->handle_pages++;
    return page;
}

struct entry *handle_slot(struct space *space, uint32_t slot, bool allocate, int *error)
{
    *error = -EINVAL;
    if (slot == 0 || slot >= IRIS_HANDLE_LIMIT)
        return NULL;
    struct entry *page = arch_handle_page(space, slot / ENTRIES_PER_PAGE);
    if (page == arch_dead_page) { /* a new page is work enough for one stay in the kernel */
        bool made = allocate && handle_page_new(space, slot / ENTRIES_PER_PAGE);
        *error = made ? RESTART_POINT(SLOT) : -ENOMEM;
        return NULL;
    }
    *error = -EEXIST;
    struct entry *entry = &page[slot % ENTRIES_PER_PAGE];
    if (entry->used)
        return NULL;
    *error = 0;
    return entry;
}

/* Its port dies with this entry. */
static bool is_last_receiver(const struct entry *entry)
{
    return entry->type == IRIS_TYPE_PORT && entry->rights & IRIS_RIGHT_RECEIVE &&
           container_of(entry->object, struct port, object)->receivers == 1;
}

bool handle_drop(struct entry *entry)
{
    if (entry->type == IRIS_TYPE_REPLY) {
        ipc_fail(container_of(entry->object, struct thread, object), EDEAD);
        return true; /* answering used the entry up */
    }
    if (is_last_receiver(entry)) {
        entry_last(entry); /* an interrupted death goes on through it */
        if (!port_reap(container_of(entry->object, struct port, object)))
            return false;
    }
    if (entry->type == IRIS_TYPE_IRQ)
        irq_closed(entry->object, frame_of(entry)->owner);
    entry_clear(entry);
    frame_of(entry)->owner->handles--;
    return true;
}

/* The entry is only read, so it can be looked at where the fast path does. */
struct space *handle_space(uint32_t handle, uint8_t rights, int *error)
{
    const struct entry *entry = NULL;

    *error = 0;
    if (handle == 0)
        return space_current();
    if (handle < IRIS_HANDLE_LIMIT)
        entry = arch_handle_look(handle);
    *error = handle_check(entry && entry->used ? entry : NULL, IRIS_TYPE_SPACE, rights);
    return *error ? NULL : container_of(entry->object, struct space, object);
}

void handle_new(struct space *space, struct entry *entry, struct object *object, uint8_t rights)
{
    entry_set(entry, object, object->type, rights);
    space->handles++;
}

/* ---- Calls ---- */

int sys_handle_close(uint32_t handle)
{
    struct entry *entry = handle_find(space_current(), handle);
    if (!entry)
        return -EBADF;
    return handle_drop(entry) ? 0 : RESTART_POINT(CLOSE);
}

int sys_handle_copy(uint32_t handle, uint32_t space_handle, uint32_t slot, uint32_t rights)
{
    int error;
    struct entry *from = handle_get(handle, IRIS_TYPE_NONE, IRIS_RIGHT_COPY, &error);
    if (!from)
        return error;
    if (from->type == IRIS_TYPE_REPLY)
        return -EPERM;
    struct space *space = handle_space(space_handle, IRIS_RIGHT_CONTROL, &error);
    if (!space)
        return error;
    /* A move that drops the last right to receive would kill the port with the copy made. */
    if (rights & IRIS_MOVE && !(rights & IRIS_RIGHT_RECEIVE) && is_last_receiver(from))
        return -EPERM;
    struct entry *to = handle_slot(space, slot, true, &error);
    if (!to)
        return error;
    /* ---- point of no return ---- */
    entry_copy(to, from, rights & IRIS_RIGHT_ALL);
    space->handles++;
    if (rights & IRIS_MOVE)
        handle_drop(from); /* not its port's last receiver: done at once */
    return 0;
}

int sys_handle_identify(uint32_t handle, uint32_t port_handle, uint32_t info_address)
{
    int error;
    struct port *shown = NULL;

    if (port_handle) {
        struct entry *port = handle_get(port_handle, IRIS_TYPE_PORT, IRIS_RIGHT_RECEIVE, &error);
        if (!port)
            return error;
        shown = container_of(port->object, struct port, object);
    }
    struct entry *entry = handle_find(space_current(), handle);
    if (!entry)
        return -EBADF;
    struct iris_handle_info info;
    handle_info(entry, handle, shown, &info);
    return arch_copy_out(info_address, &info, sizeof(info));
}

void handle_info(const struct entry *entry, uint32_t slot, const struct port *shown,
                 struct iris_handle_info *info)
{
    memset(info, 0, sizeof(*info));
    info->slot = slot;
    info->type = entry->type;
    info->rights = entry->rights;
    info->object = entry->object->id;
    if (entry->type == IRIS_TYPE_PORTAL) {
        const struct portal *portal = container_of(entry->object, struct portal, object);
        info->port = portal->port->object.id;
        if (portal->port == shown) {
            info->badge = portal->badge;
            info->mask = portal->mask;
        }
    }
}

int sys_object_destroy(uint32_t handle)
{
    struct entry *entry = handle_find(space_current(), handle);
    int error = handle_check(entry, IRIS_TYPE_NONE, IRIS_RIGHT_DESTROY);
    if (error && !(error == -EDEAD && entry->object->dying)) /* what is dying goes on doing so */
        return error;
    entry_last(entry);
    switch (entry->type) {
    case IRIS_TYPE_SPACE:
        return space_destroy(container_of(entry->object, struct space, object));
    case IRIS_TYPE_THREAD: {
        struct thread *thread = container_of(entry->object, struct thread, object);
        bool self = thread == thread_current();
        thread_destroy(thread, IRIS_EXIT_DESTROYED, 0);
        return self ? SYS_GONE : 0;
    }
    case IRIS_TYPE_PORT:
        return port_reap(container_of(entry->object, struct port, object)) ? 0
                                                                           : RESTART_POINT(PORT);
    case IRIS_TYPE_PORTAL:
        return portal_reap(container_of(entry->object, struct portal, object))
                   ? 0
                   : RESTART_POINT(PORTAL);
    default:
        return -EINVAL;
    }
}
