/* SPDX-License-Identifier: MIT */
/* Mappings: records, derivation, and the calls memory_map and memory_unmap. */
#include "map.h"

#include "arch.h"
#include "frame.h"
#include "handle.h"
#include "point.h"
#include "space.h"
#include "syscall.h"
#include "thread.h"
#include "word.h"

#define POLL_PAGES 32u /* unmapped ones passed by between two looks for an interrupt */
#define REAP_LOOKS 24u /* for the next mapping of a dying space, in one step */

struct mapping *map_find(const struct space *space, uint32_t page)
{
    uint32_t n = page / SPACE_TABLE;

    if (n >= SPACE_SHADOWS || !space->shadow[n])
        return NULL;
    return space->shadow[n][page % SPACE_TABLE];
}

uint32_t map_next(const struct space *space, uint32_t page)
{
    return (space->shadow[page / SPACE_TABLE] ? page : page | (SPACE_TABLE - 1)) + 1;
}

static uint32_t page_of(const struct mapping *mapping) { return mapping->page & MAPPING_PAGE; }

static uint32_t arch_flags(uint32_t mapping_flags)
{
    return ARCH_PAGE_PRESENT | (mapping_flags & MAPPING_WRITE ? ARCH_PAGE_WRITE : 0) |
           (mapping_flags & MAPPING_UNCACHED ? ARCH_PAGE_UNCACHED : 0);
}

/* ---- Tables: a page table and its shadow, made with the first page and freed with the last ----
 */

static int table_make(struct space *space, uint32_t n)
{
    void *table = account_page(space), *shadow = account_page(space);

    if (!table || !shadow) {
        account_page_free(shadow);
        account_page_free(table);
        return -ENOMEM;
    }
    arch_table_set(space, n, table);
    space->shadow[n] = shadow;
    return 0;
}

static void table_release(struct space *space, uint32_t n)
{
    void *table = arch_table(space, n);

    if (frame_of(space->shadow[n])->info != 0)
        return; /* the shadow page's info counts its records */
    arch_table_set(space, n, NULL);
    account_page_free(table);
    account_page_free(space->shadow[n]);
    space->shadow[n] = NULL;
}

/* ---- Records ---- */

static struct mapping **sibling_head(struct mapping *mapping)
{
    return mapping->parent ? &mapping->parent->child : frame_root(mapping->frame);
}

/* Writable ones to the front, others to the end. */
static void sibling_link(struct mapping *mapping)
{
    struct mapping **head = sibling_head(mapping), *first = *head;
    bool front = !first || mapping->page & MAPPING_WRITE;

    mapping->prev = first ? first->prev : mapping;
    mapping->next = front ? first : NULL;
    if (!front)
        first->prev->next = mapping;
    if (first)
        first->prev = mapping;
    if (front)
        *head = mapping;
}

static void sibling_unlink(struct mapping *mapping)
{
    struct mapping **head = sibling_head(mapping);

    if (*head == mapping)
        *head = mapping->next;
    else
        mapping->prev->next = mapping->next;
    if (mapping->next)
        mapping->next->prev = mapping->prev;
    else if (*head)
        (*head)->prev = mapping->prev;
}

int map_add(struct space *space, uint32_t page, struct mapping *parent, uint32_t frame,
            uint32_t flags)
{
    uint32_t n = page / SPACE_TABLE;

    if (page == 0 || page >= IRIS_WINDOW >> PAGE_SHIFT)
        return -EINVAL;
    if (map_find(space, page))
        return -EEXIST;
    if (parent && (parent->page & MAPPING_DEPTH) == MAPPING_DEPTH)
        return -EOVERFLOW;
    if (!space->shadow[n] && table_make(space, n) < 0)
        return -ENOMEM;
    struct mapping *mapping = object_alloc(space, OBJECT_32);
    if (!mapping) {
        table_release(space, n);
        return -ENOMEM;
    }
    mapping->space = space;
    mapping->page = page | flags;
    if (parent)
        mapping->page |= (parent->page & MAPPING_DEPTH) + MAPPING_DEPTH_ONE;
    mapping->frame = frame;
    mapping->parent = parent;
    sibling_link(mapping);
    space->shadow[n][page % SPACE_TABLE] = mapping;
    frame_of(space->shadow[n])->info++;
    space->mappings++;
    arch_page_set(space, page, frame, arch_flags(flags));
    return 0;
}

static void map_remove(struct mapping *mapping)
{
    struct space *space = mapping->space;
    uint32_t page = page_of(mapping), n = page / SPACE_TABLE;

    assert(!mapping->child && !mapping->sleepers);
    arch_page_set(space, page, 0, 0);
    sibling_unlink(mapping);
    space->shadow[n][page % SPACE_TABLE] = NULL;
    frame_of(space->shadow[n])->info--;
    space->mappings--;
    object_free(mapping);
    table_release(space, n);
}

bool map_revoke_step(struct mapping *mapping, bool own)
{
    struct mapping *leaf = mapping;

    /* Marked, none on the way gets new ones, so there is an end however others go on mapping. */
    for (leaf->page |= MAPPING_REVOKING; leaf->child; leaf->page |= MAPPING_REVOKING)
        leaf = leaf->child;
    bool last = leaf == mapping;
    if (leaf->sleepers && (!last || own)) {
        word_unmapped(leaf);
        return false;
    }
    if (!last || own)
        map_remove(leaf);
    else
        leaf->page &= ~MAPPING_REVOKING;
    return last;
}

bool map_reap(struct space *space)
{
    for (unsigned looks = 0; looks < REAP_LOOKS; looks++) {
        uint32_t n = space->reap_cursor / SPACE_TABLE;
        if (n >= SPACE_SHADOWS)
            return true;
        if (!space->shadow[n]) {
            space->reap_cursor = (n + 1) * SPACE_TABLE;
            continue;
        }
        struct mapping *mapping = map_find(space, space->reap_cursor);
        if (mapping) {
            map_revoke_step(mapping, true);
            return false;
        }
        space->reap_cursor++;
    }
    return false;
}

/* Takes the right to write from one that derives from `top` or, when all those have lost it, from
   itself. True: that was the last. */
static bool map_protect_step(struct mapping *top)
{
    struct mapping *at = top;

    while (at->child && at->child->page & MAPPING_WRITE)
        at = at->child;
    at->page &= ~MAPPING_WRITE;
    arch_page_set(at->space, page_of(at), at->frame, arch_flags(at->page));
    sibling_unlink(at);
    sibling_link(at);
    return at == top;
}

/* ---- memory_map ---- */

struct map_request {
    struct space *target;
    bool physical;
    uint32_t page, source, flags;
};

static int map_one_physical(const struct map_request *r)
{
    uint32_t flags = (r->flags & IRIS_MAP_WRITE ? MAPPING_WRITE : 0) |
                     (r->flags & IRIS_MAP_UNCACHED ? MAPPING_UNCACHED : 0);
    if (!frame_is_user(r->source))
        return -EPERM;
    return map_add(r->target, r->page, NULL, r->source, flags);
}

static int map_one_derived(const struct map_request *r)
{
    struct mapping *source = map_find(space_current(), r->source);

    if (!source)
        return -EFAULT;
    if (source->page & MAPPING_REVOKING)
        return -EAGAIN;
    if (r->flags & IRIS_MAP_WRITE && !(source->page & MAPPING_WRITE))
        return -EPERM;
    uint32_t flags = source->page & (MAPPING_UNCACHED | MAPPING_WRITE);
    if (!(r->flags & IRIS_MAP_WRITE))
        flags &= ~MAPPING_WRITE;
    if (!(r->flags & IRIS_MAP_GRANT))
        return map_add(r->target, r->page, source, source->frame, flags);
    if (source->child || source->sleepers)
        return -EBUSY; /* what hangs on it would have to change hands in one step */
    int error = map_add(r->target, r->page, source->parent, source->frame, flags);
    if (!error)
        map_remove(source);
    return error;
}

static bool range_is_valid(uint32_t first_page, uint32_t pages)
{
    return pages != 0 && pages <= 0x100000 && first_page + pages <= 0x100000;
}

int sys_memory_map(uint32_t space, uint32_t address, uint32_t source, uint32_t source_address,
                   uint32_t pages, uint32_t flags)
{
    int error;
    struct map_request r = {.physical = source != 0, .flags = flags};

    if ((address | source_address) % PAGE_SIZE ||
        flags & ~(IRIS_MAP_WRITE | IRIS_MAP_GRANT | IRIS_MAP_UNCACHED))
        return -EINVAL;
    if (source ? flags & IRIS_MAP_GRANT : flags & IRIS_MAP_UNCACHED)
        return -EINVAL;
    r.page = address >> PAGE_SHIFT;
    r.source = source_address >> PAGE_SHIFT;
    if (!range_is_valid(r.page, pages) || !range_is_valid(r.source, pages))
        return -EINVAL;
    r.target = handle_space(space, IRIS_RIGHT_MAP, &error);
    if (!r.target)
        return error;
    if (r.physical && !handle_get(source, IRIS_TYPE_MEMORY, IRIS_RIGHT_MAP, &error))
        return error;
    for (uint32_t done = 0;; r.page++, r.source++) {
        error = r.physical ? map_one_physical(&r) : map_one_derived(&r);
        if (error)
            return done ? (int)done : error;
        if (++done == pages || PREEMPTION_POINT(MAP))
            return (int)done;
    }
}

/* ---- memory_unmap ---- */

/* One bounded step on a page; true: nothing left to do there. */
static bool unmap_step(struct mapping *mapping, const struct space *target, uint32_t flags)
{
    if (flags & IRIS_UNMAP_PROTECT)
        return map_protect_step(mapping);
    return map_revoke_step(mapping, !target || flags & IRIS_UNMAP_OWN) && target;
}

/* The arguments become the rest of the range: the call goes on there when it is executed again. */
static void unmap_leave(uint32_t page, uint32_t end)
{
    *frame_argument(&thread_current()->frame, 1) = page << PAGE_SHIFT;
    *frame_argument(&thread_current()->frame, 2) = end - page;
}

/* NULL without an error: physical memory. */
static struct space *unmap_target(uint32_t handle, uint32_t end, uint32_t flags, int *error)
{
    struct entry *memory =
        handle ? handle_get(handle, IRIS_TYPE_MEMORY, IRIS_RIGHT_MAP, error) : NULL;
    struct space *target = NULL;

    if (memory) {
        /* Devices' frames have one list for all: whoever mapped them unmaps them by address. */
        if (flags & IRIS_UNMAP_PROTECT || frame_root(end - 1) == frame_root(~0u))
            *error = -EINVAL;
    } else if (!handle || *error == -EBADF) {
        target = handle_space(handle, IRIS_RIGHT_MAP, error);
        if (target && end > IRIS_WINDOW >> PAGE_SHIFT)
            *error = -EINVAL;
    }
    return target;
}

int sys_memory_unmap(uint32_t space, uint32_t address, uint32_t pages, uint32_t flags)
{
    int error = 0;
    uint32_t page = address >> PAGE_SHIFT, end = page + pages;

    if (address % PAGE_SIZE || !range_is_valid(page, pages) ||
        flags & ~(IRIS_UNMAP_OWN | IRIS_UNMAP_PROTECT))
        return -EINVAL;
    struct space *target = unmap_target(space, end, flags, &error);
    if (error)
        return error;
    while (page < end) {
        struct mapping *mapping = target ? map_find(target, page) : *frame_root(page);
        if (!mapping || unmap_step(mapping, target, flags))
            page = target ? min(map_next(target, page), end) : page + 1;
        if ((mapping || page % POLL_PAGES == 0) && page < end && PREEMPTION_POINT(UNMAP)) {
            unmap_leave(page, end);
            return SYS_RESTART;
        }
    }
    unmap_leave(end, end);
    return 0;
}
