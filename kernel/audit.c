/* SPDX-License-Identifier: MIT */
/*
 * The audit: every invariant that headers promise, checked over everything that exists, as it is at
 * one moment. An interrupt breaks it off and it begins anew; only if that happens again and again
 * it is done in one go.
 */
#include "audit.h"

#include "arch.h"
#include "frame.h"
#include "handle.h"
#include "port.h"
#include "sched.h"
#include "space.h"
#include "syscall.h"
#include "thread.h"

static struct {
    void (*put)(char); /* complaints */
    struct iris_audit *counts;
    uint32_t object; /* id of what is being looked at */
    uint32_t pages;  /* used, over all spaces */
    bool sound;
    bool may_break_off, broken_off;
    unsigned breaks; /* in a row */
} audit_state;

#define BREAKS_MAX 8

/* Asked so often that an interrupt waits for some thousand instructions at most. */
static bool broken_off(void)
{
    if (audit_state.may_break_off && !audit_state.broken_off)
        audit_state.broken_off = arch_interrupt_waits();
    return audit_state.broken_off;
}

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            audit_state.sound = false;                                                             \
            klog_print(audit_state.put, "audit: %s (object %u, %s)\n", #condition,                 \
                       audit_state.object, __func__);                                              \
        }                                                                                          \
    } while (0)

static void audit_object(const struct object *object)
{
    uint16_t entries = 0;

    audit_state.object = object->id;
    list_for_each (node, &object->ring) {
        const struct entry *entry = container_of(node, struct entry, ring);
        CHECK(entry->object == object && entry->used);
        CHECK(node->next->prev == node);
        entries++;
    }
    CHECK(entries == object->entries);
}

static bool list_has(const struct list *list, const struct list *wanted)
{
    list_for_each (node, list) {
        if (node == wanted)
            return true;
    }
    return false;
}

/* ---- Threads ---- */

static void audit_budget(const struct thread *thread)
{
    const struct budget *budget = &thread->budget;
    bool linked = !list_empty(&budget->node);

    CHECK(linked == (budget->place == BUDGET_READY || budget->place == BUDGET_PARKED));
    CHECK(budget->place != BUDGET_DEPLETED || (budget->timer.armed && budget->left <= 0));
    CHECK(budget->timer.armed || budget->priority == budget->normal);
    if (budget->place == BUDGET_READY)
        CHECK(list_has(sched_queue(budget->priority), &budget->node));
    /* A thread that could run on its own budget must not be forgotten. */
    if (thread->hot.state == IRIS_THREAD_READY && !thread->hot.caller)
        CHECK(budget->place != BUDGET_IDLE);
    list_for_each (node, &thread->parked)
        CHECK(container_of(node, struct budget, node)->place == BUDGET_PARKED);
}

static void audit_links(const struct thread *thread)
{
    const struct thread *partner = thread_partner(thread), *caller = thread_caller(thread);
    const struct port *port = thread->hot.port;

    if (caller)
        CHECK(caller->hot.state == IRIS_THREAD_CALLING && thread_partner(caller) == thread);
    CHECK(thread->hot.depth == 0 || caller || thread->hot.state != IRIS_THREAD_WAITING);
    switch (thread->hot.state) {
    case IRIS_THREAD_CALLING:
        CHECK(partner && partner->magic == THREAD_MAGIC && thread_caller(partner) == thread);
        break;
    case IRIS_THREAD_WAITING:
        CHECK(port != &dead_port && !caller);
        CHECK(port->waiter == &thread->hot || list_has(&port->waiters, &thread->queue_node));
        break;
    case IRIS_THREAD_QUEUED:
        CHECK(thread->via && thread->wait.queued);
        CHECK(list_has(&thread->via->callers, &thread->via_node));
        break;
    case IRIS_THREAD_KEPT:
        CHECK(thread->reply_entry && thread->reply_entry->object == &thread->object);
        break;
    default:
        CHECK(thread->hot.state <= IRIS_THREAD_SLEEPING);
    }
}

static void audit_thread(const struct thread *thread, const struct space *space)
{
    audit_state.object = thread->object.id;
    CHECK(thread->magic == THREAD_MAGIC);
    CHECK(thread->space == space);
    if (thread->hot.state == IRIS_THREAD_DEAD)
        return;
    CHECK(thread_stack_used(thread) > 0);
    CHECK(thread->hot.page_directory == space->page_directory);
    audit_object(&thread->object);
    audit_budget(thread);
    audit_links(thread);
    CHECK(word_is_sound(thread));
    audit_state.counts->threads++;
}

/* ---- Ports and portals ---- */

static void audit_callers(const struct port *port)
{
    unsigned above = IRIS_PRIORITIES;

    for (const struct waitq_node *leader = port->callers.first; leader; leader = leader->lower) {
        CHECK(leader->leader && leader->queued && leader->priority < above);
        above = leader->priority;
        const struct thread *thread = container_of(leader, struct thread, wait);
        CHECK(thread->hot.state == IRIS_THREAD_QUEUED && thread->via->port == port);
    }
}

static void audit_port(const struct port *port)
{
    bool waits = port_has_waiter(port) || !list_empty(&port->waiters);
    bool busy = port->callers.first || port_has_event(port);

    audit_object(&port->object);
    audit_callers(port);
    CHECK(!waits || !busy);
    CHECK((port->waiter == PORT_BUSY) == busy);
    list_for_each (node, &port->bound)
        CHECK(container_of(node, struct thread, bound_node)->hot.port == port);
    audit_state.counts->ports++;
}

static void audit_portal(const struct portal *portal)
{
    uint32_t clients = 0;

    audit_object(&portal->object);
    list_for_each (node, &portal->object.ring) {
        const struct entry *entry = container_of(node, struct entry, ring);
        if (!(entry->rights & IRIS_RIGHT_CONTROL))
            clients++;
        if (entry->port != &dead_port)
            CHECK(entry->port == portal->port && entry->badge == portal->badge);
    }
    CHECK(clients == portal->clients);
    audit_state.counts->portals++;
}

/* ---- Mappings ---- */

static void audit_mapping(const struct space *space, uint32_t page, const struct mapping *mapping)
{
    CHECK(mapping->space == space && (mapping->page & MAPPING_PAGE) == page);
    CHECK(!mapping->next || mapping->next->prev == mapping);
    CHECK(!mapping->child || mapping->child->parent == mapping);
    CHECK(!mapping->parent || mapping->parent->frame == mapping->frame);
    CHECK(!mapping->sleepers || mapping->sleepers->link == &mapping->sleepers);
    for (const struct mapping *child = mapping->child; child; child = child->next)
        CHECK(mapping->page & MAPPING_WRITE || !(child->page & MAPPING_WRITE));
}

/* Tables are mostly empty: they are gone through here as fast as that can be done. */
static void audit_mappings(const struct space *space)
{
    uint32_t count = 0;

    for (unsigned n = 0; n < SPACE_SHADOWS; n++) {
        for (unsigned i = 0; space->shadow[n] && i < SPACE_TABLE; i++) {
            const struct mapping *mapping = space->shadow[n][i];
            if (i % 256 == 255 && broken_off())
                return;
            if (mapping) {
                audit_mapping(space, n * SPACE_TABLE + i, mapping);
                count++;
            }
        }
    }
    CHECK(count == space->mappings);
    audit_state.counts->mappings += count;
}

/* ---- Spaces ---- */

static void audit_handles(const struct space *space)
{
    uint32_t count = 0;

    for (unsigned n = 0; n < IRIS_HANDLE_LIMIT / ENTRIES_PER_PAGE; n++) {
        const struct entry *page = arch_handle_page(space, n);
        if (page == arch_dead_page)
            continue;
        for (unsigned i = 0; i < ENTRIES_PER_PAGE; i++)
            count += page[i].used;
        if (broken_off())
            return;
    }
    CHECK(count == space->handles);
    audit_state.counts->handles += count;
}

static void audit_space(struct space *space)
{
    audit_object(&space->object);
    CHECK(space->pages_used <= space->pages_limit);
    for (struct thread *thread = thread_at(space, 0); thread && !broken_off();
         thread = thread_at(space, thread->utcb_slot + 1))
        audit_thread(thread, space);
    list_for_each (node, &space->ports)
        if (!broken_off())
            audit_port(container_of(node, struct port, owner_node));
    list_for_each (node, &space->portals)
        if (!broken_off())
            audit_portal(container_of(node, struct portal, owner_node));
    audit_state.object = space->object.id;
    audit_handles(space);
    audit_mappings(space);
    audit_state.counts->spaces++;
    audit_state.pages += space->pages_used;
}

/* The next space in the order parent, children; NULL after the last. */
static struct space *space_after(struct space *space)
{
    if (!list_empty(&space->children))
        return list_first(&space->children, struct space, sibling);
    while (space->parent && space->sibling.next == &space->parent->children)
        space = space->parent;
    return space->parent ? container_of(space->sibling.next, struct space, sibling) : NULL;
}

bool audit_to(void (*put)(char), struct iris_audit *counts)
{
    memset(counts, 0, sizeof(*counts));
    audit_state.put = put;
    audit_state.counts = counts;
    audit_state.sound = true;
    audit_state.pages = 0;
    audit_state.broken_off = false;
    for (struct space *space = root_space; space && !audit_state.broken_off;
         space = space_after(space))
        audit_space(space);
    counts->kernel_pages = account_pool_pages() - account_pool_free();
    counts->kernel_pages_free = account_pool_free();
    if (root_space)
        CHECK(audit_state.pages <= counts->kernel_pages);
    return audit_state.sound;
}

int audit(uint32_t buffer)
{
    struct iris_audit counts;

    audit_state.may_break_off = audit_state.breaks < BREAKS_MAX;
    bool sound = audit_to(klog_put, &counts);
    audit_state.may_break_off = false;
    audit_state.breaks = audit_state.broken_off ? audit_state.breaks + 1 : 0;
    if (sound && audit_state.broken_off)
        return SYS_RESTART;
    int error = arch_copy_out(buffer, &counts, sizeof(counts));
    return error || sound ? error : -EIO;
}
