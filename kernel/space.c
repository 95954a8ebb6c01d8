/* SPDX-License-Identifier: MIT */
/* Spaces: creation, funds, inspection, destruction in steps. */
#include "space.h"

#include "arch.h"
#include "frame.h"
#include "handle.h"
#include "point.h"
#include "port.h"
#include "sched.h"
#include "syscall.h"
#include "thread.h"

struct space *root_space;

/* Spaces whose destroyer died with them; the dispatcher finishes them. */
static struct list orphans = LIST_INIT(orphans);

struct space *space_current(void) { return thread_current()->space; }

static void space_init(struct space *space, struct space *parent, uint32_t pages, unsigned ceiling)
{
    object_init(&space->object, IRIS_TYPE_SPACE, parent);
    space->parent = parent;
    list_init(&space->sibling);
    list_init(&space->children);
    list_init(&space->ended);
    list_init(&space->ports);
    list_init(&space->portals);
    list_init(&space->reap_node);
    for (unsigned i = 0; i < OBJECT_CLASSES; i++)
        list_init(&space->slabs[i]);
    space->pages_limit = pages;
    space->ceiling = (uint8_t)ceiling;
}

struct space *space_new(struct space *parent, uint32_t pages, unsigned ceiling, int *error)
{
    *error = -ENOMEM;
    if (parent && (parent->pages_limit - parent->pages_used <= pages))
        return NULL;
    struct space *space = account_page(parent);
    if (!space)
        return NULL;
    space_init(space, parent, pages, ceiling);
    if (arch_space_init(space) < 0) {
        account_page_free(space);
        return NULL;
    }
    if (parent) {
        parent->pages_limit -= pages;
        parent->children_count++;
        list_insert(&parent->children, &space->sibling);
    }
    *error = 0;
    return space;
}

/* ---- Destruction ---- */

static void space_free(struct space *space)
{
    struct space *parent = space->parent;

    arch_space_free(space);
    assert(space->pages_used == 0);
    list_remove(&space->sibling);
    list_remove(&space->reap_node);
    parent->pages_limit += space->pages_limit;
    parent->children_count--;
    account_page_free(space);
}

/* Closes one handle, or passes some by; true: none left, tables freed. */
static bool handles_reap(struct space *space)
{
    for (unsigned looks = 0; looks < 24; looks++) {
        if (space->reap_cursor >= IRIS_HANDLE_LIMIT || space->handle_pages == 0)
            return true;
        unsigned n = space->reap_cursor / ENTRIES_PER_PAGE;
        struct entry *page = arch_handle_page(space, n);
        if (page == arch_dead_page) {
            space->reap_cursor = (n + 1) * ENTRIES_PER_PAGE;
            continue;
        }
        struct entry *entry = &page[space->reap_cursor % ENTRIES_PER_PAGE];
        if (entry->used) {
            handle_drop(entry);
            return false;
        }
        if (++space->reap_cursor % ENTRIES_PER_PAGE == 0) {
            arch_handle_page_set(space, n, NULL);
            account_page_free(page);
            space->handle_pages--;
        }
    }
    return space->handle_pages == 0;
}

/* Each part returns true when it has nothing left; the order matters: whatever refers to a thing
   goes before the thing. */
static bool space_reap_parts(struct space *space)
{
    if (space->threads || !list_empty(&space->ended)) {
        struct thread *ended = list_first(&space->ended, struct thread, bound_node);
        thread_destroy(space->threads ? thread_at(space, 0) : ended, IRIS_EXIT_DESTROYED, 0);
        return false;
    }
    if (!list_empty(&space->portals)) {
        portal_reap(list_first(&space->portals, struct portal, owner_node));
        return false;
    }
    if (!list_empty(&space->ports)) {
        port_reap(list_first(&space->ports, struct port, owner_node));
        return false;
    }
    if (space->handle_pages > 0) {
        if (handles_reap(space))
            space->reap_cursor = 0;
        return false;
    }
    entry_clear(&space->pager);
    entry_clear(&space->exception);
    entry_clear(&space->exit);
    return map_reap(space) && object_retarget(&space->object, 16);
}

/* One bounded step of destruction, children first; true when the space is gone. */
static bool space_reap(struct space *space)
{
    struct space *leaf = space;

    space->object.dying = true;
    while (!list_empty(&leaf->children))
        leaf = list_first(&leaf->children, struct space, sibling);
    leaf->object.dying = true;
    if (!space_reap_parts(leaf))
        return false;
    space_free(leaf);
    return leaf == space;
}

bool space_reap_step(void)
{
    for (unsigned steps = 2; steps > 0 && !list_empty(&orphans); steps--)
        space_reap(list_first(&orphans, struct space, reap_node));
    return !list_empty(&orphans);
}

static bool space_contains(const struct space *outer, const struct space *space)
{
    while (space && space != outer)
        space = space->parent;
    return space == outer;
}

int space_destroy(struct space *space)
{
    if (space == root_space)
        return -EPERM;
    if (space_contains(space, space_current())) {
        space->object.dying = true;
        if (list_empty(&space->reap_node))
            list_insert(&orphans, &space->reap_node);
        cpu.attention |= CPU_DISPATCH | CPU_CHORES;
        thread_destroy(thread_current(), IRIS_EXIT_DESTROYED, 0);
        return SYS_GONE;
    }
    while (!space_reap(space))
        if (PREEMPTION_POINT(SPACE))
            return SYS_RESTART;
    return 0;
}

/* ---- Calls ---- */

int sys_space_create(uint32_t slot, uint32_t pages, uint32_t ceiling, uint32_t pager,
                     uint32_t exception, uint32_t exit)
{
    const uint32_t handles[] = {pager, exception, exit}; /* 0: none */
    struct entry *portals[countof(handles)] = {NULL};
    struct space *current = space_current();
    int error;

    if (ceiling >= IRIS_PRIORITIES || pages > account_pool_pages())
        return -EINVAL;
    if (ceiling > current->ceiling)
        return -EPERM;
    for (unsigned i = 0; i < countof(handles); i++)
        if (handles[i] &&
            !(portals[i] = handle_get(handles[i], IRIS_TYPE_PORTAL, IRIS_RIGHT_CALL, &error)))
            return error;
    struct entry *entry = handle_slot(current, slot, true, &error);
    if (!entry)
        return error;
    struct space *space = space_new(current, pages, ceiling, &error);
    if (!space)
        return error;
    struct entry *kept[] = {&space->pager, &space->exception, &space->exit};
    for (unsigned i = 0; i < countof(kept); i++)
        if (portals[i])
            entry_copy(kept[i], portals[i], IRIS_RIGHT_CALL);
    handle_new(current, entry, &space->object, IRIS_RIGHT_ALL);
    return 0;
}

int sys_space_fund(uint32_t handle, uint32_t pages)
{
    int error;
    struct space *current = space_current();
    struct space *space = handle_space(handle, IRIS_RIGHT_CONTROL, &error);

    if (!space)
        return error;
    if (space->parent != current)
        return -EINVAL;
    bool moved = (int)pages >= 0 ? account_move(current, space, pages)
                                 : account_move(space, current, -pages);
    return moved ? 0 : -ENOMEM;
}

union record {
    struct iris_space_info space;
    struct iris_handle_info handle;
    struct iris_thread_info thread;
    struct iris_mapping_info mapping;
    struct iris_memory_range range;
};

static bool next_space(struct space *space, uint32_t *cursor, union record *record)
{
    struct iris_space_info *info = &record->space;

    memset(info, 0, sizeof(*info));
    info->id = space->object.id;
    info->parent = space->parent ? space->parent->object.id : 0;
    info->threads = space->threads_count;
    info->handles = space->handles;
    info->mappings = space->mappings;
    info->children = space->children_count;
    info->pages_limit = space->pages_limit;
    info->pages_used = space->pages_used;
    info->ceiling = space->ceiling;
    return *cursor == 0;
}

static bool next_handle(struct space *space, uint32_t *cursor, union record *record)
{
    while (*cursor < IRIS_HANDLE_LIMIT) {
        struct entry *entry = handle_find(space, *cursor);
        if (entry) {
            struct port *port = entry->type == IRIS_TYPE_PORTAL
                                    ? container_of(entry->object, struct portal, object)->port
                                    : NULL;
            if (port && port->object.owner != space)
                port = NULL; /* the badge is another's business */
            handle_info(entry, *cursor, port, &record->handle);
            return true;
        }
        *cursor = handle_next(space, *cursor);
        if (*cursor % 16 == 0 && PREEMPTION_POINT(INSPECT))
            break;
    }
    return false;
}

static bool next_thread(struct space *space, uint32_t *cursor, union record *record)
{
    struct thread *thread = thread_at(space, *cursor);

    if (!thread)
        return false;
    *cursor = thread->utcb_slot;
    thread_info(thread, &record->thread);
    return true;
}

static bool next_mapping(struct space *space, uint32_t *cursor, union record *record)
{
    while (*cursor < SPACE_PAGES) {
        struct mapping *mapping = map_find(space, *cursor);
        if (mapping) {
            memset(&record->mapping, 0, sizeof(record->mapping));
            record->mapping.page = *cursor;
            record->mapping.frame = mapping->frame;
            record->mapping.flags = mapping->page & MAPPING_WRITE ? IRIS_MAP_WRITE : 0;
            record->mapping.derived = mapping->child != NULL;
            return true;
        }
        *cursor = map_next(space, *cursor);
        if (*cursor % 16 == 0 && PREEMPTION_POINT(INSPECT))
            break;
    }
    return false;
}

static bool next_range(struct space *space, uint32_t *cursor, union record *record)
{
    (void)space;
    return frame_range(*cursor, &record->range) == 0;
}

/* What can be enumerated. */
static const struct {
    uint8_t type, size; /* of the object asked, of a record */
    uint32_t limit;     /* keys below it can be without a record, so that a search takes long */
    /* The next record at or after *cursor; false: no more, or an interrupt ends the search early:
       then the cursor is below the limit. */
    bool (*next)(struct space *space, uint32_t *cursor, union record *record);
} inspections[] = {
    [IRIS_INSPECT_SPACE] = {IRIS_TYPE_SPACE, sizeof(struct iris_space_info), 0, next_space},
    [IRIS_INSPECT_HANDLES] = {IRIS_TYPE_SPACE, sizeof(struct iris_handle_info), IRIS_HANDLE_LIMIT,
                              next_handle},
    [IRIS_INSPECT_THREADS] = {IRIS_TYPE_SPACE, sizeof(struct iris_thread_info), 0, next_thread},
    [IRIS_INSPECT_MAPPINGS] = {IRIS_TYPE_SPACE, sizeof(struct iris_mapping_info), SPACE_PAGES,
                               next_mapping},
    [IRIS_INSPECT_MEMORY] = {IRIS_TYPE_MEMORY, sizeof(struct iris_memory_range), 0, next_range},
};

int sys_space_inspect(uint32_t handle, uint32_t what, uint32_t cursor, uint32_t buffer,
                      uint32_t count)
{
    int error = 0;
    struct space *space = space_current();

    if (what >= countof(inspections))
        return -EINVAL;
    enum iris_object_type type = inspections[what].type;
    uint32_t size = inspections[what].size;
    struct entry *entry = handle ? handle_get(handle, type, IRIS_RIGHT_INSPECT, &error) : NULL;

    if (error)
        return error;
    if (!entry && type != IRIS_TYPE_SPACE)
        return -EBADF;
    if (entry && type == IRIS_TYPE_SPACE)
        space = container_of(entry->object, struct space, object);
    union record record;
    uint32_t done = 0;
    for (; done < min(count, 32u) && inspections[what].next(space, &cursor, &record); done++) {
        if (arch_copy_out(buffer + done * size, &record, size) < 0)
            return -EFAULT;
        cursor++;
        if (PREEMPTION_POINT(INSPECT))
            return (int)done + 1;
    }
    if (done == 0 && count > 0 && cursor < inspections[what].limit) {
        *frame_argument(&thread_current()->frame, 2) = cursor;
        return SYS_RESTART;
    }
    return (int)done;
}

int sys_io_permit(uint32_t io, uint32_t handle, uint32_t first, uint32_t count)
{
    int error;

    if (!handle_get(io, IRIS_TYPE_IO, IRIS_RIGHT_CONTROL, &error))
        return error;
    struct space *space = handle_space(handle, IRIS_RIGHT_CONTROL, &error);
    if (!space)
        return error;
    if (first > 0xffff || count == 0 || count > 0x10000 - first)
        return -EINVAL;
    return arch_io_permit(space, first, count);
}
