/* SPDX-License-Identifier: MIT */
/* Clients: what they were promised and what they were given. */
#include "mem.h"

#include <iris/ipc.h>

#include "slots.h"

/* Where `allocate` looks for address space. */
#define HEAP_FIRST (0x10000000u / PAGE)
#define HEAP_END (0x80000000u / PAGE)

uint32_t clients_count;

/* May it have one page more, to use or for its records? */
static bool has_room(const struct client *client)
{
    return client->resident + client->records.pages < client->quota;
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
}

static void take_back_range(struct client *client, uint32_t first, uint32_t end)
{
    uint32_t page = first, given;

    for (; radix_next(&client->given, &page, &given) && page < end; page++) {
        take_back(client, page, given);
        radix_remove(&client->given, &client->records, page);
    }
}

/* All its records go at once: they are not freed one by one. */
void client_destroy(struct client *client)
{
    struct arena records = client->records;

    iris_object_destroy(client->portal);
    iris_handle_discard(client->portal);
    for (uint32_t page = 0, given; radix_next(&client->given, &page, &given); page++)
        take_back(client, page, given);
    if (client->space != 0)
        iris_handle_discard(client->space);
    arena_destroy(&records);
    clients_count--;
}

uint32_t client_frame(struct client *client, uint32_t page)
{
    uint32_t *given = radix_find(&client->given, page);
    return given != NULL ? *given >> GIVEN_SHIFT : 0;
}

static int map_for(const struct client *client, const struct region *region, uint32_t page,
                   uint32_t frame)
{
    int count = iris_memory_map(client->space, page * PAGE, MEM_SLOT_PHYSICAL, frame * PAGE, 1,
                                region->writable ? IRIS_MAP_WRITE : 0);
    if (count == -EEXIST)
        return 0; /* two of its threads touched the page, this is the second's fault */
    return count == 1 ? 0 : count < 0 ? count : -ENOMEM;
}

/* Fills and maps a page that the client does not have yet. */
static int give_new(struct client *client, const struct region *region, uint32_t page,
                    uint32_t *given)
{
    uint32_t flags;

    if (!has_room(client)) /* its records may have taken the last page */
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
    *given = frame << GIVEN_SHIFT | flags;
    client->resident++;
    return 0;
}

int client_give(struct client *client, uint32_t page, bool writing)
{
    const struct region *region = client_region(client, page);

    if (region == NULL || (writing && !region->writable) || client->space == 0)
        return -EFAULT;
    uint32_t *given = radix_find(&client->given, page);
    if (given != NULL && *given != 0) /* given before; it may have unmapped it itself */
        return map_for(client, region, page, *given >> GIVEN_SHIFT);
    given = radix_make(&client->given, &client->records, page, has_room(client));
    if (given == NULL)
        return -ENOMEM;
    int status = give_new(client, region, page, given);
    if (status < 0)
        radix_remove(&client->given, &client->records, page);
    return status;
}

/* ---- Regions ---- */

const struct region *client_region(const struct client *client, uint32_t page)
{
    for (const struct region *region = client->regions; region != NULL; region = region->next)
        if (page - region->page < region->pages)
            return region;
    return NULL;
}

/* Where in the list a region of these pages belongs; NULL: they overlap another. */
static struct region **place_for(struct client *client, uint32_t page, uint32_t pages)
{
    struct region **place = &client->regions;

    while (*place != NULL && (*place)->page < page) {
        if (page - (*place)->page < (*place)->pages)
            return NULL;
        place = &(*place)->next;
    }
    return *place == NULL || (*place)->page - page >= pages ? place : NULL;
}

static int insert(struct client *client, struct region **place, const struct region *wanted,
                  bool may_grow)
{
    if (client->regions_count == CLIENT_REGIONS_MAX)
        return -ENOMEM;
    struct region *region = arena_take(&client->records, sizeof *region, may_grow);
    if (region == NULL)
        return -ENOMEM;
    *region = *wanted;
    region->next = *place;
    *place = region;
    client->regions_count++;
    client->promised += region->pages;
    return 0;
}

static void remove_region(struct client *client, struct region **place)
{
    struct region *region = *place;

    *place = region->next;
    client->regions_count--;
    client->promised -= region->pages;
    arena_free(&client->records, region, sizeof *region);
}

int client_add_region(struct client *client, const struct region *wanted)
{
    struct region **place = place_for(client, wanted->page, wanted->pages);
    return place != NULL ? insert(client, place, wanted, has_room(client)) : -EEXIST;
}

/* A heap that grows piece by piece stays one region. */
static bool extend(struct client *client, struct region *before, uint32_t page, uint32_t pages,
                   bool writable)
{
    if (before->file_size != 0 || before->writable != writable ||
        before->page + before->pages != page || page == HEAP_FIRST)
        return false;
    before->pages += pages;
    client->promised += pages;
    return true;
}

int client_allocate(struct client *client, uint32_t pages, bool writable, uint32_t *page)
{
    struct region **place = &client->regions, *before = NULL;

    *page = HEAP_FIRST;
    for (; *place != NULL; place = &(*place)->next) {
        if ((*place)->page >= *page && (*place)->page - *page >= pages)
            break;
        before = *place;
        if (before->page + before->pages > *page)
            *page = before->page + before->pages;
    }
    if (*page > HEAP_END || pages > HEAP_END - *page)
        return -ENOMEM;
    if (before != NULL && extend(client, before, *page, pages, writable))
        return 0;
    return insert(client, place,
                  &(struct region){.page = *page, .pages = pages, .writable = writable},
                  has_room(client));
}

/* Cuts [page, end), which overlaps it, out of a region without file contents. */
static int cut(struct client *client, struct region **place, uint32_t page, uint32_t end)
{
    struct region *region = *place;
    uint32_t region_end = region->page + region->pages;
    bool keeps_head = page > region->page, keeps_tail = end < region_end;

    if (keeps_tail && keeps_head) {
        struct region tail = {.page = end, .pages = region_end - end, .writable = region->writable};
        /* Who gives pages back is not refused: 512 regions fill few pages beyond the quota. */
        int status = insert(client, &region->next, &tail, true);
        if (status < 0)
            return status;
    }
    client->promised -= region->pages;
    if (keeps_head)
        region->pages = page - region->page;
    else if (keeps_tail)
        region->page = end, region->pages = region_end - end;
    else
        region->pages = 0;
    client->promised += region->pages;
    if (region->pages == 0)
        remove_region(client, place);
    return 0;
}

int client_release(struct client *client, uint32_t page, uint32_t pages)
{
    uint32_t end = page + pages;
    struct region **place = &client->regions;

    while (*place != NULL && (*place)->page < end) {
        struct region *region = *place;
        if (region->page + region->pages > page) {
            if (region->file_size != 0)
                return -EPERM; /* parts of the program stay */
            int status = cut(client, place, page, end);
            if (status < 0)
                return status;
        }
        if (*place == region)
            place = &region->next;
    }
    take_back_range(client, page, end);
    return 0;
}
