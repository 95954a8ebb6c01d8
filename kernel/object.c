/* SPDX-License-Identifier: MIT */
/* Objects, the pages they are cut from, and the rings of entries that refer to them. */
#include "object.h"

#include "frame.h"
#include "port.h"
#include "space.h"

struct object dead_object = {.ring = LIST_INIT(dead_object.ring), .type = IRIS_TYPE_NONE};

void object_init(struct object *object, enum iris_object_type type, struct space *owner)
{
    static uint32_t next_id;

    list_init(&object->ring);
    object->owner = owner;
    object->id = ++next_id;
    object->type = type;
    object->dying = false;
    object->entries = 0;
}

/* ---- Pages of small objects ---- */

struct slab {
    struct list node; /* in owner->slabs[class] while a slot is free */
    void *free;       /* first free slot; each holds the next */
    uint16_t used;
    uint8_t class;
};

static const uint16_t class_bytes[OBJECT_CLASSES] = {32, 128};
_Static_assert(sizeof(struct mapping) <= 32, "class 0");
_Static_assert(sizeof(struct port) <= 128 && sizeof(struct portal) <= 128, "class 1");
_Static_assert(sizeof(struct slab) <= 32, "the header fits into one slot of any class");

static struct slab *slab_new(struct space *owner, enum object_class class)
{
    struct slab *slab = account_page_raw(owner);
    if (!slab)
        return NULL;
    slab->free = NULL;
    slab->used = 0;
    slab->class = class;
    for (unsigned at = class_bytes[class]; at < PAGE_SIZE; at += class_bytes[class]) {
        void **slot = (void **)((char *)slab + at);
        *slot = slab->free;
        slab->free = slot;
    }
    list_insert(&owner->slabs[class], &slab->node);
    return slab;
}

void *object_alloc(struct space *owner, enum object_class class)
{
    struct list *slabs = &owner->slabs[class];
    struct slab *slab =
        list_empty(slabs) ? slab_new(owner, class) : list_first(slabs, struct slab, node);
    if (!slab)
        return NULL;
    void **slot = slab->free;
    slab->free = *slot;
    slab->used++;
    if (!slab->free)
        list_remove(&slab->node);
    return memset(slot, 0, class_bytes[class]);
}

void object_free(void *memory)
{
    struct slab *slab = (struct slab *)((uintptr_t)memory & ~(PAGE_SIZE - 1u));

    assert(slab->used > 0);
    if (!slab->free) /* first, because it is the fullest: so the others drain */
        list_insert(frame_of(slab)->owner->slabs[slab->class].next, &slab->node);
    *(void **)memory = slab->free;
    slab->free = memory;
    if (--slab->used == 0) {
        list_remove(&slab->node);
        account_page_free(slab);
    }
}

/* ---- Entries ---- */

static void entry_count(struct entry *entry, int change)
{
    entry->object->entries += change;
    if (entry->type == IRIS_TYPE_PORT && entry->rights & IRIS_RIGHT_RECEIVE)
        container_of(entry->object, struct port, object)->receivers += change;
    if (entry->type == IRIS_TYPE_PORTAL && !(entry->rights & IRIS_RIGHT_CONTROL)) {
        struct portal *portal = container_of(entry->object, struct portal, object);
        portal->clients += change;
        if (change > 0)
            portal_client_added(portal);
        else if (portal->clients == 0)
            portal_client_gone(portal);
    }
}

void entry_set(struct entry *entry, struct object *object, enum iris_object_type type,
               uint8_t rights)
{
    assert(!entry->used && !object->dying);
    entry->port = &dead_port;
    entry->badge = 0;
    entry->object = object;
    entry->type = type;
    entry->rights = rights;
    entry->used = 1;
    list_insert(&object->ring, &entry->ring);
    if (type == IRIS_TYPE_PORTAL) {
        struct portal *portal = container_of(object, struct portal, object);
        entry->badge = portal->badge;
        if (rights & IRIS_RIGHT_CALL)
            entry->port = portal->port;
    }
    entry_count(entry, 1);
}

void entry_copy(struct entry *to, const struct entry *from, uint8_t rights)
{
    rights &= from->rights;
    if (from->type == IRIS_TYPE_PORTAL && !(rights & IRIS_RIGHT_CONTROL))
        rights &= container_of(from->object, struct portal, object)->rights;
    entry_set(to, from->object, from->type, rights);
}

static void entry_unused(struct entry *entry)
{
    entry->port = &dead_port;
    entry->badge = 0;
    entry->object = &dead_object;
    entry->type = IRIS_TYPE_NONE;
    entry->rights = 0;
    list_init(&entry->ring);
}

void entry_clear(struct entry *entry)
{
    if (!entry->used)
        return;
    if (entry->type != IRIS_TYPE_NONE) {
        list_remove(&entry->ring);
        entry_count(entry, -1);
    }
    entry_unused(entry);
    entry->used = 0;
}

void entry_last(struct entry *entry)
{
    list_remove(&entry->ring);
    list_insert(&entry->object->ring, &entry->ring);
}

bool object_retarget(struct object *object, unsigned steps)
{
    object->dying = true;
    while (!list_empty(&object->ring)) {
        if (steps-- == 0)
            return false;
        struct entry *entry = list_first(&object->ring, struct entry, ring);
        list_remove(&entry->ring);
        object->entries--;
        entry_unused(entry); /* `used` stays: the slot is taken, its object dead */
    }
    return true;
}
