/* SPDX-License-Identifier: MIT */
/* Regions: what a client was promised, in order of address. */
#include "mem.h"

/* Where `allocate` looks for address space. */
#define HEAP_FIRST (0x10000000u / PAGE)
#define HEAP_END (0x40000000u / PAGE)

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

    if (region->view != NULL) {
        view_end(region->view);
        arena_free(&client->records, region->view, sizeof *region->view);
    }
    *place = region->next;
    client->regions_count--;
    client->promised -= region->pages;
    arena_free(&client->records, region, sizeof *region);
}

int client_add_region(struct client *client, const struct region *wanted)
{
    struct region **place = place_for(client, wanted->page, wanted->pages);
    return place != NULL ? insert(client, place, wanted, client_has_room(client)) : -EEXIST;
}

/* A heap that grows piece by piece stays one region. */
static bool extend(struct client *client, struct region *before, uint32_t page, uint32_t pages,
                   bool writable)
{
    if (!before->reserved || before->view != NULL || before->hidden ||
        before->writable != writable || before->page + before->pages != page)
        return false;
    before->pages += pages;
    client->promised += pages;
    return true;
}

/* The first gap of so many pages: where it is, its place in the list, the region before it. */
static struct region **find_gap(struct client *client, uint32_t pages, uint32_t *page,
                                struct region **before)
{
    struct region **place = &client->regions;

    *page = HEAP_FIRST;
    for (; *place != NULL; place = &(*place)->next) {
        if ((*place)->page >= *page && (*place)->page - *page >= pages)
            break;
        *before = *place;
        if ((*before)->page + (*before)->pages > *page)
            *page = (*before)->page + (*before)->pages;
    }
    return *page <= HEAP_END && pages <= HEAP_END - *page ? place : NULL;
}

static struct region *region_before(struct client *client, uint32_t page)
{
    struct region *before = NULL;

    for (struct region *at = client->regions; at != NULL && at->page < page; at = at->next)
        before = at;
    return before;
}

/* The place for so many pages at *page, or anywhere if that is 0; NULL with *error set. */
static struct region **choose_place(struct client *client, uint32_t pages, uint32_t *page,
                                    struct region **before, int *error)
{
    bool anywhere = *page == 0;

    *before = anywhere ? NULL : region_before(client, *page);
    *error = anywhere ? -ENOMEM : -EEXIST;
    return anywhere ? find_gap(client, pages, page, before) : place_for(client, *page, pages);
}

int client_allocate(struct client *client, uint32_t pages, bool writable, uint32_t *page)
{
    struct region *before;
    int status;
    struct region **place = choose_place(client, pages, page, &before, &status);

    if (place == NULL)
        return status;
    status = client_reserve(client, pages);
    if (status < 0)
        return status;
    if (before != NULL && extend(client, before, *page, pages, writable))
        return 0;
    const struct region wanted = {
        .page = *page, .pages = pages, .writable = writable, .reserved = true};
    status = insert(client, place, &wanted, client_has_room(client));
    if (status < 0)
        client_unreserve(client, pages);
    return status;
}

int client_place(struct client *client, const struct region *wanted, uint32_t *page)
{
    struct region region = *wanted, *before;
    int status;
    struct region **place = choose_place(client, region.pages, page, &before, &status);

    if (place == NULL)
        return status;
    region.page = *page;
    status = insert(client, place, &region, client_has_room(client));
    if (status == 0)
        region.view->region = *place;
    return status;
}

/* ---- Giving them back ---- */

/* The part of a region from `page` on becomes a region of its own. Who gives pages back is not
   refused: 512 regions and views fill few pages beyond the quota. */
static int split(struct client *client, struct region *region, uint32_t page)
{
    struct region tail = *region;

    tail.page = page;
    tail.pages = region->page + region->pages - page;
    if (region->view != NULL) {
        tail.view = view_split(region->view, region->view->first + (page - region->page));
        if (tail.view == NULL)
            return -ENOMEM;
    }
    int status = insert(client, &region->next, &tail, true);
    if (status < 0) {
        if (tail.view != NULL) {
            view_end(tail.view);
            arena_free(&client->records, tail.view, sizeof *tail.view);
        }
        return status;
    }
    if (tail.view != NULL)
        tail.view->region = region->next;
    region->pages -= tail.pages;
    client->promised -= tail.pages;
    return 0;
}

/* Cuts [page, end), which overlaps it, out of a region without file contents. */
static int cut(struct client *client, struct region **place, uint32_t page, uint32_t end)
{
    struct region *region = *place;

    if (end < region->page + region->pages) {
        int status = split(client, region, end);
        if (status < 0)
            return status;
    }
    uint32_t from = page > region->page ? page : region->page;
    uint32_t gone = region->page + region->pages - from;

    client_take_back(client, from, from + gone);
    if (region->view != NULL && client->space != 0)
        iris_memory_unmap(client->space, from * PAGE, gone, IRIS_UNMAP_OWN);
    if (region->reserved)
        client_unreserve(client, gone);
    region->pages -= gone;
    client->promised -= gone;
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
    return 0;
}

/* ---- Changing what can be done with them ---- */

/* Whether all of [page, end) was promised, and may be used like that. */
static int check_access(const struct client *client, uint32_t page, uint32_t end, bool writable)
{
    while (page < end) {
        const struct region *region = client_region(client, page);
        if (region == NULL)
            return -ENOMEM;
        if (region->file_size != 0)
            return -EPERM; /* parts of the program stay */
        if (writable && region->view != NULL && !view_may_write(region->view))
            return -EPERM;
        page = region->page + region->pages;
    }
    return 0;
}

/* The region becomes one that lies within [page, end): what sticks out is one of its own. */
static int confine(struct client *client, struct region **region, uint32_t page, uint32_t end)
{
    int status = 0;

    if ((*region)->page < page) {
        status = split(client, *region, page);
        *region = (*region)->next;
    }
    if (status == 0 && (*region)->page + (*region)->pages > end)
        status = split(client, *region, end);
    return status;
}

/* A private view that becomes writable needs room for copies. */
static int set_access(struct client *client, struct region *region, bool writable, bool hidden)
{
    if (writable && region->view != NULL && region->view->private && !region->reserved) {
        int status = client_reserve(client, region->pages);
        if (status < 0)
            return status;
        region->reserved = true;
    }
    region->writable = writable;
    region->hidden = hidden;
    /* The next touch is a fault, and shows the page anew. */
    if (client->space != 0)
        iris_memory_unmap(client->space, region->page * PAGE, region->pages, IRIS_UNMAP_OWN);
    return 0;
}

int client_protect(struct client *client, uint32_t page, uint32_t pages, bool writable, bool hidden)
{
    uint32_t end = page + pages;
    int status = check_access(client, page, end, writable);

    for (struct region *at = client->regions; status == 0 && at != NULL && at->page < end;
         at = at->next) {
        if (at->page + at->pages <= page)
            continue;
        status = confine(client, &at, page, end);
        if (status == 0)
            status = set_access(client, at, writable, hidden);
    }
    return status;
}
