/* SPDX-License-Identifier: MIT */
/* Mappings: records, derivation, and the calls memory_map and memory_unmap. */
#include "map.h"

#include "arch.h"
#include "frame.h"
#include "handle.h"
#include "point.h"
#include "space.h"
#include "syscall.h"

#define TABLE_PAGES 1024u /* pages that one page table maps */
#define REAP_LOOKS 64     /* for the next mapping of a dying space, in one step */

struct mapping *map_find(const struct space *space, uint32_t page)
{
    uint32_t n = page / TABLE_PAGES;

    if (n >= SPACE_SHADOWS || !space->shadow[n])
        return NULL;
    return space->shadow[n][page % TABLE_PAGES];
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
    void *table = account_page(space);
    if (!table)
        return -ENOMEM;
    struct mapping **shadow = account_page(space);
    if (!shadow) {
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

static void sibling_link(struct mapping *mapping)
{
    struct mapping **head = sibling_head(mapping);

    mapping->prev = NULL;
    mapping->next = *head;
    if (*head)
        (*head)->prev = mapping;
    *head = mapping;
}

static void sibling_unlink(struct mapping *mapping)
{
    if (mapping->next)
        mapping->next->prev = mapping->prev;
    if (mapping->prev)
        mapping->prev->next = mapping->next;
    else
        *sibling_head(mapping) = mapping->next;
}

int map_add(struct space *space, uint32_t page, struct mapping *parent, uint32_t frame,
            uint32_t flags)
{
    uint32_t n = page / TABLE_PAGES;

    if (page == 0 || page >= IRIS_WINDOW >> PAGE_SHIFT)
        return -EINVAL;
    if (map_find(space, page))
        return -EEXIST;
    if (!space->shadow[n] && table_make(space, n) < 0)
        return -ENOMEM;
    struct mapping *mapping = object_alloc(space, OBJECT_32);
    if (!mapping) {
        table_release(space, n);
        return -ENOMEM;
    }
    mapping->space = space;
    mapping->page = page | flags;
    mapping->frame = frame;
    mapping->parent = parent;
    sibling_link(mapping);
    space->shadow[n][page % TABLE_PAGES] = mapping;
    frame_of(space->shadow[n])->info++;
    space->mappings++;
    arch_page_set(space, page, frame, arch_flags(flags));
    return 0;
}

static void map_remove(struct mapping *mapping)
{
    struct space *space = mapping->space;
    uint32_t page = page_of(mapping), n = page / TABLE_PAGES;

    assert(!mapping->child);
    arch_page_set(space, page, 0, 0);
    sibling_unlink(mapping);
    space->shadow[n][page % TABLE_PAGES] = NULL;
    frame_of(space->shadow[n])->info--;
    space->mappings--;
    object_free(mapping);
    table_release(space, n);
}

bool map_revoke_step(struct mapping *mapping, bool own)
{
    struct mapping *leaf = mapping;

    mapping->page |= MAPPING_REVOKING;
    while (leaf->child)
        leaf = leaf->child;
    if (leaf != mapping) {
        map_remove(leaf);
        return false;
    }
    if (own)
        map_remove(mapping);
    else
        mapping->page &= ~MAPPING_REVOKING;
    return true;
}

bool map_reap(struct space *space)
{
    for (unsigned looks = 0; looks < REAP_LOOKS; looks++) {
        uint32_t n = space->reap_cursor / TABLE_PAGES;
        if (n >= SPACE_SHADOWS)
            return true;
        if (!space->shadow[n]) {
            space->reap_cursor = (n + 1) * TABLE_PAGES;
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

/* Takes the right to write from a mapping and all that derives from it. */
static void map_protect(struct mapping *top)
{
    struct mapping *at = top;

    for (;;) {
        at->page &= ~MAPPING_WRITE;
        arch_page_set(at->space, page_of(at), at->frame, arch_flags(at->page));
        if (at->child) {
            at = at->child;
            continue;
        }
        while (at != top && !at->next)
            at = at->parent;
        if (at == top)
            return;
        at = at->next;
    }
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
    if (source->child)
        return -EBUSY; /* its derived mappings would have to change hands in one step */
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
    for (uint32_t done = 0; done < pages; done++, r.page++, r.source++) {
        error = r.physical ? map_one_physical(&r) : map_one_derived(&r);
        if (error)
            return done ? (int)done : error;
        if (PREEMPTION_POINT(MAP))
            return (int)done + 1;
    }
    return (int)pages;
}

/* ---- memory_unmap ---- */

/* One bounded step on a page; true: nothing left to do there. */
static bool unmap_step(struct space *target, uint32_t page, uint32_t flags)
{
    struct mapping *mapping = target ? map_find(target, page) : *frame_root(page);

    if (!mapping)
        return true;
    if (flags & IRIS_UNMAP_PROTECT) {
        map_protect(mapping);
        return true;
    }
    return map_revoke_step(mapping, !target || flags & IRIS_UNMAP_OWN) && target;
}

int sys_memory_unmap(uint32_t space, uint32_t address, uint32_t pages, uint32_t flags)
{
    int error;
    struct space *target = NULL; /* NULL: physical memory */
    uint32_t page = address >> PAGE_SHIFT;

    if (address % PAGE_SIZE || !range_is_valid(page, pages) ||
        flags & ~(IRIS_UNMAP_OWN | IRIS_UNMAP_PROTECT))
        return -EINVAL;
    struct entry *entry = space ? handle_get(space, IRIS_TYPE_NONE, IRIS_RIGHT_MAP, &error) : NULL;
    if (space && !entry)
        return error;
    if (!entry || entry->type != IRIS_TYPE_MEMORY) {
        target = handle_space(space, IRIS_RIGHT_MAP, &error);
        if (!target)
            return error;
        if (page + pages > IRIS_WINDOW >> PAGE_SHIFT)
            return -EINVAL;
    } else if (flags & IRIS_UNMAP_PROTECT) {
        return -EINVAL;
    }
    for (; pages > 0; page++, pages--)
        do {
            if (PREEMPTION_POINT(UNMAP))
                return SYS_RESTART; /* what is already gone costs one look the next time */
        } while (!unmap_step(target, page, flags));
    return 0;
}
