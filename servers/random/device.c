/* SPDX-License-Identifier: MIT */
#include "numbers.h"

#include <errno.h>

#include "file.h" /* generated from file.idl */
#include "opened.h"
#include "random.h" /* generated from random.idl */
#include "service.h"

#define OPEN_FILES_MAX 64u

/* Two nodes: which is which is told by the address. */
static char nodes[2];
static struct opened_table table = {.most = OPEN_FILES_MAX};
static struct opened roots[2] = {
    {.badge = DEVICE_BADGE_RANDOM, .flags = FILE_OPEN_READ, .node = &nodes[0]},
    {.badge = DEVICE_BADGE_URANDOM, .flags = FILE_OPEN_READ, .node = &nodes[1]},
};

static int open_file(void *context, struct iris_request *rq, const char *path, uint32_t flags,
                     uint32_t mode, struct iris_handle_out *file)
{
    const struct opened *opened = context;

    (void)rq;
    (void)mode;
    if (*path != '\0' || (flags & FILE_OPEN_DIRECTORY))
        return -ENOTDIR;
    if ((flags & FILE_OPEN_CREATE) && (flags & FILE_OPEN_EXCLUSIVE))
        return -EEXIST;
    return opened_give(&table, flags, opened->node, file);
}

static int read_file(void *context, struct iris_request *rq, struct iris_buffer_ref data,
                     uint32_t *count)
{
    const struct opened *opened = context;
    uint32_t flags = (opened->node == &nodes[1] ? RANDOM_EVEN_UNSEEDED : 0) |
                     (opened->flags & FILE_OPEN_NONBLOCK ? RANDOM_NO_WAIT : 0);
    int status = opened_may_read(opened);

    return status < 0 ? status : random_give(rq, flags, data, count, file_read_reply);
}

/* What is written is mixed in and counts for nothing. */
static int write_file(void *context, struct iris_request *rq, struct iris_buffer_ref data,
                      uint32_t *count)
{
    uint8_t part[256];
    int status = opened_may_write(context);

    (void)rq;
    for (*count = 0; status >= 0 && *count < data.length;) {
        status = iris_buffer_read(data, *count, part, sizeof part);
        if (status == 0)
            break;
        if (status > 0) {
            random_mix(part, (uint32_t)status);
            *count += (uint32_t)status;
        }
    }
    return status < 0 && *count == 0 ? status : 0;
}

static int seek(void *context, struct iris_request *rq, int64_t offset, uint32_t whence,
                uint64_t *position)
{
    (void)context;
    (void)rq;
    (void)offset;
    *position = 0;
    return whence <= FILE_SEEK_END ? 0 : -EINVAL;
}

static int status_of(void *context, struct iris_request *rq, struct file_status *status)
{
    const struct opened *opened = context;

    (void)rq;
    *status = (struct file_status){.kind = FILE_KIND_DEVICE,
                                   .mode = 0666,
                                   .node = opened->node == &nodes[0] ? 1 : 2,
                                   .device = table.device,
                                   .links = 1};
    return 0;
}

static const struct file_server operations = {.open = open_file,
                                              .read = read_file,
                                              .write = write_file,
                                              .seek = seek,
                                              .flags = opened_flags,
                                              .status = status_of,
                                              .sync = opened_sync,
                                              .poll = opened_poll};
static const struct iris_service services[] = {FILE_SERVICE(&operations)};

bool device_locate(uint32_t badge, struct iris_target *target)
{
    if (badge == SERVER_BADGE_PUBLIC)
        return false;
    *target = (struct iris_target){.services = services, .count = 1};
    if (badge == DEVICE_BADGE_RANDOM || badge == DEVICE_BADGE_URANDOM)
        target->context = &roots[badge - DEVICE_BADGE_RANDOM];
    else
        target->context = opened_find(&table, badge);
    return target->context != NULL;
}

void device_closed(uint32_t badge)
{
    struct opened *opened = opened_find(&table, badge);

    if (opened != NULL)
        opened_free(&table, opened);
}

int device_begin(void) { return opened_begin(&table, SERVER_SLOT_PORT); }
