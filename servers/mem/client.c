/* SPDX-License-Identifier: MIT */
/* Clients: what they were promised and what they were given. */
#include "mem.h"

#include <iris/ipc.h>

#include "slots.h"

/* Where `allocate` looks for address space. */
#define HEAP_FIRST (0x10000000u / PAGE)
#define HEAP_END (0x80000000u / PAGE)

static struct radix clients; /* number -> address of struct client */
static struct slab_cache client_cache = {.size = sizeof(struct client)};
static struct slab_cache region_cache = {.size = sizeof(struct region)};
uint32_t clients_count;

/* ---- Coming and going ---- */

/* The lowest free number: so the table stays small, and the same for the same clients. */
static uint32_t *unused_number(uint32_t *number)
{
    for (*number = MEM_CLIENT_FIRST; *number < MEM_CLIENT_LIMIT; ++*number) {
        uint32_t *place = radix_at(&clients, *number, true);
        if (place == NULL || *place == 0)
            return place;
    }
    return NULL;
}

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
    uint32_t number, *place = unused_number(&number);
    struct client *client = place != NULL ? slab_take(&client_cache) : NULL;

    if (client == NULL)
        return -ENOMEM;
    client->number = number;
    client->quota = quota;
    int status = make_portal(client);
    if (status < 0) {
        slab_free(&client_cache, client);
        return status;
    }
    *place = (uint32_t)client;
    clients_count++;
    *created = client;
    return 0;
}

struct client *client_find(uint32_t number)
{
    uint32_t *place = radix_at(&clients, number, false);
    return place != NULL ? (struct client *)*place : NULL;
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
        *radix_at(&client->given, page, false) = 0;
    }
}

void client_destroy(struct client *client)
{
    iris_object_destroy(client->portal);
    iris_handle_discard(client->portal);
    take_back_range(client, 0, RADIX_KEYS);
    radix_clear(&client->given);
    if (client->space != 0)
        iris_handle_discard(client->space);
    for (struct region *region = client->regions, *next; region != NULL; region = next) {
        next = region->next;
        slab_free(&region_cache, region);
    }
    *radix_at(&clients, client->number, false) = 0;
    slab_free(&client_cache, client);
    clients_count--;
}

uint32_t client_frame(struct client *client, uint32_t page)
{
    uint32_t *given = radix_at(&client->given, page, false);
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

    if (client->resident >= client->quota)
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
    uint32_t *given = radix_at(&client->given, page, true);
    if (given == NULL)
        return -ENOMEM;
    if (*given != 0) /* given before; it may have unmapped it itself */
        return map_for(client, region, page, *given >> GIVEN_SHIFT);
    return give_new(client, region, page, given);
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

static int insert(struct client *client, struct region **place, const struct region *wanted)
{
    if (client->regions_count == CLIENT_REGIONS_MAX)
        return -ENOMEM;
    struct region *region = slab_take(&region_cache);
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
    slab_free(&region_cache, region);
}

int client_add_region(struct client *client, const struct region *wanted)
{
    struct region **place = place_for(client, wanted->page, wanted->pages);
    return place != NULL ? insert(client, place, wanted) : -EEXIST;
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
                  &(struct region){.page = *page, .pages = pages, .writable = writable});
}

/* Cuts [page, end), which overlaps it, out of a region without file contents. */
static int cut(struct client *client, struct region **place, uint32_t page, uint32_t end)
{
    struct region *region = *place;
    uint32_t region_end = region->page + region->pages;
    bool keeps_head = page > region->page, keeps_tail = end < region_end;

    if (keeps_tail && keeps_head) {
        struct region tail = {.page = end, .pages = region_end - end, .writable = region->writable};
        int status = insert(client, &region->next, &tail);
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
