/* SPDX-License-Identifier: MIT */
#include "opened.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <iris/calls.h>

#include "file.h" /* generated from file.idl */

#define KEPT_FLAGS (FILE_OPEN_READ | FILE_OPEN_WRITE | FILE_OPEN_APPEND | FILE_OPEN_NONBLOCK)
#define CHANGEABLE_FLAGS (FILE_OPEN_APPEND | FILE_OPEN_NONBLOCK)
#define RIGHTS (IRIS_RIGHT_CALL | IRIS_RIGHT_COPY)
#define GROWTH 32u

int opened_begin(struct opened_table *table, uint32_t port)
{
    struct iris_handle_info info;
    int status = iris_handle_identify(port, 0, &info);

    table->port = port;
    table->device = info.object;
    return status < 0 ? status : 0;
}

/* ---- The table ---- */

static int grow(struct opened_table *table)
{
    struct opened **larger =
        realloc(table->file, (table->capacity + GROWTH) * sizeof(struct opened *));

    if (larger == NULL)
        return -ENOMEM;
    memset(larger + table->capacity, 0, GROWTH * sizeof(struct opened *));
    table->file = larger;
    table->capacity += GROWTH;
    return 0;
}

/* The lowest free place, which stays free. */
static int find_place(struct opened_table *table, uint32_t *place)
{
    if (table->count >= table->most)
        return -ENFILE;
    while (table->lowest < table->capacity && table->file[table->lowest] != NULL)
        table->lowest++;
    *place = table->lowest;
    return *place < table->capacity ? 0 : grow(table);
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

static int make(struct opened_table *table, uint32_t flags, void *node, struct opened **made)
{
    uint32_t place;
    int status = find_place(table, &place);

    if (status < 0)
        return status;
    struct opened *opened = malloc(sizeof *opened);
    if (opened == NULL)
        return -ENOMEM;
    *opened =
        (struct opened){.badge = place + OPENED_BADGE, .flags = flags & KEPT_FLAGS, .node = node};
    status = make_portal(table, opened);
    if (status < 0) {
        free(opened);
        return status;
    }
    table->file[place] = opened;
    table->count++;
    *made = opened;
    return 0;
}

int opened_give(struct opened_table *table, uint32_t flags, void *node,
                struct iris_handle_out *file)
{
    struct opened *opened;
    int status = make(table, flags, node, &opened);

    if (status < 0)
        return status;
    status = iris_portal_give(opened->portal, RIGHTS, file);
    if (status < 0)
        opened_free(table, opened);
    return status;
}

struct opened *opened_find(const struct opened_table *table, uint32_t badge)
{
    uint32_t place = badge - OPENED_BADGE;
    return place < table->capacity ? table->file[place] : NULL;
}

void opened_free(struct opened_table *table, struct opened *opened)
{
    uint32_t place = opened->badge - OPENED_BADGE;

    table->file[place] = NULL;
    table->count--;
    if (place < table->lowest)
        table->lowest = place;
    iris_object_destroy(opened->portal);
    iris_handle_discard(opened->portal);
    free(opened);
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

uint32_t opened_reach(uint64_t offset, uint32_t length, uint32_t size)
{
    uint32_t left = offset < size ? size - (uint32_t)offset : 0;
    return left < length ? left : length;
}
