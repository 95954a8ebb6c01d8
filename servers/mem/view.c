/* SPDX-License-Identifier: MIT */
/*
 * Views: regions that show an object. A shared one shows the object's own pages; what a private one
 * writes goes to copies of its own, made at the first write to each page (copy on write).
 */
#include "mem.h"

static void link(struct view *view)
{
    view->next = view->object->views;
    view->object->views = view;
}

void view_end(struct view *view)
{
    struct memory_object *object = view->object;

    if (object == NULL)
        return;
    struct view **place = &object->views;
    while (*place != view)
        place = &(*place)->next;
    *place = view->next;
    view->object = NULL;
    object_settle(object);
}

struct view *view_split(struct view *view, uint32_t first)
{
    struct view *tail = arena_take(&view->client->records, sizeof *tail, true);

    if (tail == NULL)
        return NULL;
    *tail = *view;
    tail->first = first;
    if (tail->object != NULL)
        link(tail);
    return tail;
}

static int check(const struct memory_object *object, bool may_write,
                 const struct view_request *wanted)
{
    if (wanted->first > object->pages || wanted->pages > object->pages - wanted->first)
        return -EINVAL;
    if (wanted->private)
        return object->kind == OBJECT_PHYSICAL ? -EINVAL : 0;
    return wanted->writable && !may_write ? -EPERM : 0;
}

bool view_may_write(const struct view *view) { return view->private || view->may_write; }

static int place(struct client *client, struct memory_object *object, bool may_write,
                 const struct view_request *wanted, uint32_t *page)
{
    struct view *view = arena_take(&client->records, sizeof *view, client_has_room(client));

    if (view == NULL)
        return -ENOMEM;
    *view = (struct view){.object = object,
                          .client = client,
                          .first = wanted->first,
                          .private = wanted->private,
                          .may_write = may_write};
    const struct region region = {.pages = wanted->pages,
                                  .writable = wanted->writable,
                                  .reserved = wanted->private && wanted->writable,
                                  .view = view};
    *page = wanted->page;
    int status = client_place(client, &region, page);
    if (status < 0)
        arena_free(&client->records, view, sizeof *view);
    else
        link(view);
    return status;
}

int view_map(struct client *client, struct memory_object *object, bool may_write,
             const struct view_request *wanted, uint32_t *page)
{
    /* Copies may become necessary for all of it: they are set apart, so a write never fails. */
    uint32_t copies = wanted->private && wanted->writable ? wanted->pages : 0;
    int status = check(object, may_write, wanted);

    if (status == 0)
        status = client_reserve(client, copies);
    if (status < 0)
        return status;
    status = place(client, object, may_write, wanted, page);
    if (status < 0)
        client_unreserve(client, copies);
    return status;
}

/* ---- Faults ---- */

static uint32_t index_of(const struct region *region, uint32_t page)
{
    return page - region->page + region->view->first;
}

uint32_t view_frame(struct client *client, const struct region *region, uint32_t page)
{
    const struct memory_object *object = region->view->object;

    (void)client;
    if (object == NULL || object->kind == OBJECT_PHYSICAL) /* a device is not to be touched */
        return 0;
    return object_look(object, index_of(region, page));
}

/* A frame with what the private page must contain; 0 with *error set. */
static uint32_t copy_of(struct memory_object *object, uint32_t index, int *error)
{
    uint32_t source = object_look(object, index);

    *error = -ENOMEM;
    if (source == 0 && object->kind == OBJECT_ANONYMOUS)
        return frame_take_zeroed(); /* nobody has written it yet */
    if (source == 0)
        source = object_frame(object, index, error);
    return source != 0 ? fill_from_frame(source) : 0;
}

/* The first write to a page of a private view. */
static int give_copy(struct client *client, const struct region *region, uint32_t page)
{
    struct memory_object *object = region->view->object;
    int status = -ENOMEM;

    if (object == NULL)
        return -EFAULT;
    uint32_t *given = radix_make(&client->given, &client->records, page, client_has_room(client));
    if (given == NULL)
        return -ENOMEM;
    uint32_t frame = copy_of(object, index_of(region, page), &status);
    if (frame != 0) {
        iris_memory_unmap(client->space, page * PAGE, 1, IRIS_UNMAP_OWN);
        status = client_map(client, page, frame, IRIS_MAP_WRITE);
        if (status < 0)
            frame_free(frame);
    }
    if (frame == 0 || status < 0) {
        radix_remove(&client->given, &client->records, page);
        return status;
    }
    *given = frame << GIVEN_SHIFT | GIVEN_OWN | GIVEN_RESERVED;
    client->resident++;
    client_unreserve(client, 1);
    return 0;
}

/* The copy is there: it was unmapped, or another thread of the client was quicker. */
static int show_copy(struct client *client, const struct region *region, uint32_t page,
                     uint32_t frame)
{
    iris_memory_unmap(client->space, page * PAGE, 1, IRIS_UNMAP_OWN);
    return client_map(client, page, frame, region->writable ? IRIS_MAP_WRITE : 0);
}

int view_give(struct client *client, const struct region *region, uint32_t page, bool writing)
{
    const struct view *view = region->view;
    int error = -EFAULT;

    if (view->private) {
        const uint32_t *given = radix_find(&client->given, page);
        if (given != NULL && *given != 0)
            return show_copy(client, region, page, *given >> GIVEN_SHIFT);
        if (writing)
            return give_copy(client, region, page);
    }
    struct memory_object *object = view->object;
    uint32_t frame = object != NULL ? object_frame(object, index_of(region, page), &error) : 0;
    if (frame == 0 && !(object != NULL && object->kind == OBJECT_PHYSICAL))
        return error;
    uint32_t flags = region->writable && !view->private ? IRIS_MAP_WRITE : 0;
    if (object->kind == OBJECT_PHYSICAL && !object->cached)
        flags |= IRIS_MAP_UNCACHED;
    return client_map(client, page, frame, flags);
}
