/* SPDX-License-Identifier: MIT */
#include "opened.h"

#include <errno.h>
#include <stdlib.h>

#include <iris/calls.h>

#include "file.h" /* generated from file.idl */

#define KEPT_FLAGS (FILE_OPEN_READ | FILE_OPEN_WRITE | FILE_OPEN_APPEND | FILE_OPEN_NONBLOCK)
#define CHANGEABLE_FLAGS (FILE_OPEN_APPEND | FILE_OPEN_NONBLOCK)
#define SPARE_SLOTS 32u /* for handles that come and go, and callers that are kept */
#define RIGHTS (IRIS_RIGHT_CALL | IRIS_RIGHT_COPY)

/*
 * Everything that so many open files need is there from the start, except their portals: slots that
 * were given once have their part of the handle table.
 */
static int take_room(struct opened_table *table)
{
    int status = 0;
    uint32_t most = table->most + SPARE_SLOTS, count = 0;
    uint32_t *slot = malloc(most * sizeof *slot);

    table->file = calloc(table->most, sizeof *table->file);
    if (table->file == NULL || slot == NULL)
        status = -ENOMEM;
    for (; status >= 0 && count < most; count++)
        slot[count] = (uint32_t)(status = iris_slot_alloc());
    while (count-- > 0)
        iris_slot_free(slot[count]);
    free(slot);
    return status < 0 ? status : 0;
}

int opened_begin(struct opened_table *table, uint32_t port)
{
    struct iris_handle_info info;
    int status = iris_handle_identify(port, 0, &info);

    table->port = port;
    table->device = info.object;
    return status < 0 ? status : take_room(table);
}

/* ---- The table ---- */

/* The lowest free place; NULL: there is none. */
static struct opened *find_place(struct opened_table *table)
{
    while (table->lowest < table->most && table->file[table->lowest].portal != 0)
        table->lowest++;
    if (table->lowest == table->most)
        return NULL;
    struct opened *opened = &table->file[table->lowest];
    *opened = (struct opened){.badge = table->lowest + OPENED_BADGE};
    return opened;
}

static int make_portal(const struct opened_table *table, struct opened *opened)
{
    int slot = iris_slot_alloc();

    if (slot < 0)
        return slot;
    int status = iris_portal_create(table->port, (uint32_t)slot, opened->badge, RIGHTS, 0);
    if (status < 0) {
        iris_slot_free((uint32_t)slot);
        return status;
    }
    opened->portal = (uint32_t)slot;
    return 0;
}

int opened_give(struct opened_table *table, uint32_t flags, void *node,
                struct iris_handle_out *file)
{
    struct opened *opened = find_place(table);
    int status = opened != NULL ? make_portal(table, opened) : -ENFILE;

    if (status < 0)
        return status;
    opened->flags = flags & KEPT_FLAGS;
    opened->node = node;
    status = iris_portal_give(opened->portal, RIGHTS, file);
    if (status < 0)
        opened_free(table, opened);
    return status;
}

struct opened *opened_find(const struct opened_table *table, uint32_t badge)
{
    uint32_t place = badge - OPENED_BADGE;
    return place < table->most && table->file[place].portal != 0 ? &table->file[place] : NULL;
}

struct opened *opened_behind(const struct opened_table *table, struct opened *shared,
                             uint32_t handle)
{
    struct iris_handle_info info;

    if (iris_handle_identify(handle, table->port, &info) < 0 || info.type != IRIS_TYPE_PORTAL ||
        info.port != table->device)
        return NULL;
    return info.badge == 0 ? shared : opened_find(table, info.badge);
}

void opened_free(struct opened_table *table, struct opened *opened)
{
    uint32_t place = opened->badge - OPENED_BADGE;

    iris_object_destroy(opened->portal);
    iris_handle_discard(opened->portal);
    opened->portal = 0;
    if (place < table->lowest)
        table->lowest = place;
}

/* ---- Parts of methods ---- */

int opened_may_read(const struct opened *opened)
{
    return opened->flags & FILE_OPEN_READ ? 0 : -EBADF;
}

int opened_may_write(const struct opened *opened)
{
    return opened->flags & FILE_OPEN_WRITE ? 0 : -EBADF;
}

int opened_seek(struct opened *opened, uint64_t size, int64_t offset, uint32_t whence,
                uint64_t *position)
{
    const int64_t base[] = {[FILE_SEEK_START] = 0,
                            [FILE_SEEK_CURRENT] = opened->position,
                            [FILE_SEEK_END] = (int64_t)size};

    if (whence > FILE_SEEK_END || offset < -base[whence])
        return -EINVAL;
    if (offset > FILE_MAX_SIZE - base[whence])
        return -EOVERFLOW;
    opened->position = (uint32_t)(base[whence] + offset);
    *position = opened->position;
    return 0;
}

int opened_flags(void *context, struct iris_request *rq, uint32_t change, uint32_t value,
                 uint32_t *flags)
{
    struct opened *opened = context;

    (void)rq;
    change &= CHANGEABLE_FLAGS;
    opened->flags = (opened->flags & ~change) | (value & change);
    *flags = opened->flags;
    return 0;
}

int opened_sync(void *context, struct iris_request *rq)
{
    (void)context;
    (void)rq;
    return 0;
}

int opened_poll(void *context, struct iris_request *rq, uint32_t events, uint32_t bits,
                uint32_t portal, uint32_t *ready)
{
    (void)context;
    (void)rq;
    (void)bits;
    (void)portal;
    *ready = events & (FILE_POLL_READ | FILE_POLL_WRITE);
    return 0;
}

uint32_t opened_reach(uint64_t offset, uint32_t length, uint32_t size)
{
    uint32_t left = offset < size ? size - (uint32_t)offset : 0;
    return left < length ? left : length;
}
