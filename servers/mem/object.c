/* SPDX-License-Identifier: MIT */
/*
 * Memory objects. Each has two portals, to read and to write through; the badge says where its
 * record lies, so no table is needed. Its record and its pages are its owner's: the owner's quota
 * pays, and when the owner ends, so does the object, wherever it is mapped.
 */
#include "mem.h"

#include <iris/ipc.h>

#include "slots.h"

static uint32_t badge_of(const struct memory_object *object, bool writable)
{
    return MEM_BADGE_OBJECT | (writable ? MEM_BADGE_WRITE : 0) |
           ((uint32_t)object - MEM_ARENAS) / ARENA_UNIT;
}

struct memory_object *object_of(uint32_t badge)
{
    uint32_t unit = badge & ~(MEM_BADGE_OBJECT | MEM_BADGE_WRITE);

    return badge & MEM_BADGE_OBJECT ? (struct memory_object *)(MEM_ARENAS + unit * ARENA_UNIT)
                                    : NULL;
}

struct memory_object *object_behind(uint32_t handle, bool *writable)
{
    struct iris_handle_info info;

    /* The kernel tells a badge only to who shows that the port is his: it is one of ours. */
    if (iris_handle_identify(handle, MEM_SLOT_PORT, &info) < 0 || info.type != IRIS_TYPE_PORTAL)
        return NULL;
    *writable = (info.badge & MEM_BADGE_WRITE) != 0;
    return object_of(info.badge);
}

/* ---- Portals ---- */

/* Portals are made of mem's own kernel memory: objects do not take the last of it. */
static bool kernel_has_room(void)
{
    struct iris_space_info info;

    return iris_space_inspect(IRIS_SLOT_SPACE, IRIS_INSPECT_SPACE, 0, &info, 1) == 1 &&
           info.pages_limit - info.pages_used > MEM_KERNEL_RESERVE;
}

static int create_portal(struct memory_object *object, bool writable)
{
    int slot = kernel_has_room() ? iris_slot_alloc() : -ENOMEM;

    if (slot < 0)
        return slot;
    int status = iris_portal_create(MEM_SLOT_PORT, (uint32_t)slot, badge_of(object, writable),
                                    IRIS_RIGHT_CALL | IRIS_RIGHT_COPY, 0);
    if (status < 0)
        iris_slot_free((uint32_t)slot);
    else
        object->portal[writable] = (uint32_t)slot;
    return status;
}

int object_portal(struct memory_object *object, bool writable, uint32_t *slot)
{
    int status = object->portal[writable] == 0 ? create_portal(object, writable) : 0;

    if (status < 0)
        return status;
    *slot = object->portal[writable];
    object->held[writable] = true;
    return 0;
}

void object_disconnected(uint32_t badge)
{
    struct memory_object *object = object_of(badge);

    object->held[(badge & MEM_BADGE_WRITE) != 0] = false;
    object_settle(object);
}

/* ---- Coming and going ---- */

int object_create(struct client *owner, const struct memory_object *wanted,
                  struct memory_object **created)
{
    uint32_t pages = wanted->size / PAGE + (wanted->size % PAGE != 0);
    uint32_t reserved = wanted->kind == OBJECT_ANONYMOUS ? pages : 0;

    if (owner->objects_count == CLIENT_OBJECTS_MAX)
        return -ENOMEM;
    int status = client_reserve(owner, reserved);
    if (status < 0)
        return status;
    struct memory_object *object =
        arena_take(&owner->records, sizeof *object, client_has_room(owner));
    if (object == NULL) {
        client_unreserve(owner, reserved);
        return -ENOMEM;
    }
    *object = *wanted;
    object->pages = pages;
    object->owner = owner;
    object->next = owner->objects;
    owner->objects = object;
    owner->objects_count++;
    *created = object;
    return 0;
}

static void drop_portal(uint32_t slot)
{
    if (slot == 0)
        return;
    iris_object_destroy(slot);
    iris_handle_discard(slot);
}

static void free_pages(struct memory_object *object)
{
    struct client *owner = object->owner;

    for (uint32_t page = 0, given; radix_next(&object->frames, &page, &given); page++) {
        uint32_t frame = given >> GIVEN_SHIFT;
        iris_memory_unmap(MEM_SLOT_PHYSICAL, frame * PAGE, 1, IRIS_UNMAP_OWN);
        frame_free(frame);
        radix_remove(&object->frames, &owner->records, page);
    }
    if (object->kind == OBJECT_ANONYMOUS)
        client_unreserve(owner, object->pages - object->resident);
    owner->resident -= object->resident;
}

void object_destroy(struct memory_object *object)
{
    struct client *owner = object->owner;
    struct memory_object **place = &owner->objects;

    drop_portal(object->portal[false]);
    drop_portal(object->portal[true]);
    for (struct view *view = object->views; view != NULL; view = view->next) {
        const struct region *region = view->region;
        view->object = NULL; /* what was written to private copies stays */
        if (view->client->space != 0)
            iris_memory_unmap(view->client->space, region->page * PAGE, region->pages,
                              IRIS_UNMAP_OWN);
    }
    free_pages(object);
    while (*place != object)
        place = &(*place)->next;
    *place = object->next;
    owner->objects_count--;
    arena_free(&owner->records, object, sizeof *object);
}

void object_settle(struct memory_object *object)
{
    if (object->views == NULL && !object->held[false] && !object->held[true])
        object_destroy(object);
}

/* ---- Pages ---- */

/* Bytes of the archive that belong on a page. */
static uint32_t archive_bytes(const struct memory_object *object, uint32_t index)
{
    uint32_t left = object->size - index * PAGE;
    return left < PAGE ? left : PAGE;
}

uint32_t object_look(const struct memory_object *object, uint32_t index)
{
    if (object->kind == OBJECT_PHYSICAL)
        return object->first + index;
    /* A whole page of the archive can be shown as it is: nobody may write it. */
    if (object->kind == OBJECT_ARCHIVE && object->first % PAGE == 0 &&
        archive_bytes(object, index) == PAGE)
        return archive.frame + object->first / PAGE + index;
    const uint32_t *given = radix_find(&object->frames, index);
    return given != NULL ? *given >> GIVEN_SHIFT : 0;
}

/* Only pages that were not set apart when the object was made need room now. */
static bool owner_has_room(const struct memory_object *object)
{
    return object->kind == OBJECT_ANONYMOUS || client_has_room(object->owner);
}

uint32_t object_frame(struct memory_object *object, uint32_t index, int *error)
{
    struct client *owner = object->owner;
    uint32_t frame = object_look(object, index);

    *error = -ENOMEM;
    if (frame != 0 || !owner_has_room(object))
        return frame;
    uint32_t *given = radix_make(&object->frames, &owner->records, index, client_has_room(owner));
    if (given == NULL)
        return 0;
    if (object->kind == OBJECT_ANONYMOUS)
        frame = frame_take_zeroed();
    else
        frame = fill_from_archive(object->first + index * PAGE, archive_bytes(object, index));
    if (frame == 0) {
        radix_remove(&object->frames, &owner->records, index);
        return 0;
    }
    *given = frame << GIVEN_SHIFT | GIVEN_OWN;
    object->resident++;
    owner->resident++;
    if (object->kind == OBJECT_ANONYMOUS)
        client_unreserve(owner, 1);
    return frame;
}
