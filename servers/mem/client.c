/* SPDX-License-Identifier: MIT */
/* Clients: what they were promised and what they were given. */
#include "mem.h"

#include <iris/ipc.h>

#include "slots.h"

/* Of each quota, this many pages are not set apart: for the stack, and for records. */
#define SLACK_MOST 16u

uint32_t clients_count, clients_reserved;

/* ---- What it may have ---- */

bool client_has_room(const struct client *client)
{
    return client->resident + client->records.pages < client->quota;
}

int client_reserve(struct client *client, uint32_t pages)
{
    uint32_t slack = client->quota / 8 < SLACK_MOST ? client->quota / 8 : SLACK_MOST;
    uint32_t used = client->resident + client->reserved + client->records.pages + slack;
    uint32_t left = frames_count().free;

    if (used > client->quota || pages > client->quota - used)
        return -ENOMEM;
    if (clients_reserved > left || pages > left - clients_reserved)
        return -ENOMEM;
    client->reserved += pages;
    clients_reserved += pages;
    return 0;
}

void client_unreserve(struct client *client, uint32_t pages)
{
    client->reserved -= pages;
    clients_reserved -= pages;
}

/* ---- Coming and going ---- */

static int make_portal(struct client *client)
{
    int slot = iris_slot_alloc();

    if (slot < 0)
        return slot;
    int status = iris_portal_create(MEM_SLOT_PORT, (uint32_t)slot, client->number,
                                    IRIS_RIGHT_CALL | IRIS_RIGHT_COPY, 0);
    if (status < 0)
        iris_slot_free((uint32_t)slot);
    else
        client->portal = (uint32_t)slot;
    return status;
}

int client_create(uint32_t quota, struct client **created)
{
    struct arena records;
    struct client *client = quota > 0 ? arena_create(&records, sizeof *client) : NULL;

    if (client == NULL)
        return -ENOMEM;
    client->number = MEM_CLIENT_FIRST + arena_number(client);
    client->quota = quota;
    client->records = records;
    int status = make_portal(client);
    if (status < 0) {
        arena_destroy(&records);
        return status;
    }
    clients_count++;
    *created = client;
    return 0;
}

struct client *client_find(uint32_t number)
{
    return number >= MEM_CLIENT_FIRST ? arena_owner(number - MEM_CLIENT_FIRST) : NULL;
}

int client_attach(struct client *client, uint32_t space)
{
    if (client->space != 0)
        return -EBUSY;
    client->space = space;
    return 0;
}

/* ---- Pages ---- */

/* Takes a page away from the client and from whoever got it from the client. */
static void take_back(struct client *client, uint32_t page, uint32_t given)
{
    uint32_t frame = given >> GIVEN_SHIFT;

    if (given & GIVEN_OWN) {
        iris_memory_unmap(MEM_SLOT_PHYSICAL, frame * PAGE, 1, IRIS_UNMAP_OWN);
        frame_free(frame);
    } else if (client->space != 0) {
        iris_memory_unmap(client->space, page * PAGE, 1, IRIS_UNMAP_OWN);
    }
    client->resident--;
    if (given & GIVEN_RESERVED) { /* as before, until its region goes */
        client->reserved++;
        clients_reserved++;
    }
}

void client_take_back(struct client *client, uint32_t first, uint32_t end)
{
    uint32_t page = first, given;

    for (; radix_next(&client->given, &page, &given) && page < end; page++) {
        take_back(client, page, given);
        radix_remove(&client->given, &client->records, page);
    }
}

/* Most records go at once, with their pages: they are not freed one by one. */
void client_destroy(struct client *client)
{
    while (client->objects != NULL)
        object_destroy(client->objects);
    for (struct region *region = client->regions; region != NULL; region = region->next)
        if (region->view != NULL)
            view_end(region->view);
    struct arena records = client->records;

    iris_object_destroy(client->portal);
    iris_handle_discard(client->portal);
    for (uint32_t page = 0, given; radix_next(&client->given, &page, &given); page++)
        take_back(client, page, given);
    client_unreserve(client, client->reserved);
    if (client->space != 0)
        iris_handle_discard(client->space);
    arena_destroy(&records);
    clients_count--;
}

uint32_t client_frame(struct client *client, uint32_t page)
{
    const uint32_t *given = radix_find(&client->given, page);
    const struct region *region = client_region(client, page);

    if (given != NULL && *given != 0)
        return *given >> GIVEN_SHIFT;
    return region != NULL && region->view != NULL ? view_frame(client, region, page) : 0;
}

int client_map(const struct client *client, uint32_t page, uint32_t frame, uint32_t flags)
{
    int count =
        iris_memory_map(client->space, page * PAGE, MEM_SLOT_PHYSICAL, frame * PAGE, 1, flags);
    if (count == -EEXIST)
        return 0; /* two of its threads touched the page, this is the second's fault */
    return count == 1 ? 0 : count < 0 ? count : -ENOMEM;
}

static int map_for(const struct client *client, const struct region *region, uint32_t page,
                   uint32_t frame)
{
    return client_map(client, page, frame, region->writable ? IRIS_MAP_WRITE : 0);
}

/* Fills and maps a page that the client does not have yet. */
static int give_new(struct client *client, const struct region *region, uint32_t page,
                    uint32_t *given)
{
    uint32_t flags;

    /* Its records may have taken the last page; and what was set apart is not for others. */
    if (!client_has_room(client) ||
        (!region->reserved &&
         client->resident + client->reserved + client->records.pages >= client->quota))
        return -ENOMEM;
    uint32_t frame = fill_page(region, page - region->page, &flags);
    if (frame == 0)
        return -ENOMEM;
    int status = map_for(client, region, page, frame);
    if (status < 0) {
        if (flags & GIVEN_OWN)
            frame_free(frame);
        return status;
    }
    if (region->reserved) {
        flags |= GIVEN_RESERVED;
        client_unreserve(client, 1);
    }
    *given = frame << GIVEN_SHIFT | flags;
    client->resident++;
    return 0;
}

int client_give(struct client *client, uint32_t page, bool writing)
{
    const struct region *region = client_region(client, page);

    if (region == NULL || region->hidden || (writing && !region->writable) || client->space == 0)
        return -EFAULT;
    if (region->view != NULL)
        return view_give(client, region, page, writing);
    uint32_t *given = radix_find(&client->given, page);
    if (given != NULL && *given != 0) /* given before; it may have unmapped it itself */
        return map_for(client, region, page, *given >> GIVEN_SHIFT);
    given = radix_make(&client->given, &client->records, page, client_has_room(client));
    if (given == NULL)
        return -ENOMEM;
    int status = give_new(client, region, page, given);
    if (status < 0)
        radix_remove(&client->given, &client->records, page);
    return status;
}

int client_fault(struct client *client, uint32_t page, bool writing, bool present)
{
    const struct region *region = client_region(client, page);

    /* It is mapped as the client wanted it: read-only, or protected by itself. Only where a write
       makes a copy is there something to do. */
    if (present && (!writing || region == NULL || region->view == NULL || !region->view->private))
        return -EFAULT;
    return client_give(client, page, writing);
}
