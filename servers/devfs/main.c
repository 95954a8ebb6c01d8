/* SPDX-License-Identifier: MIT */
/*
 * devfs: /dev, with the devices that need no driver. Those that have one have names below
 * files/dev, which the C library adds when it lists the directory.
 */
#include <errno.h>
#include <string.h>

#include "file.h" /* generated from servers/lib/file.idl */
#include "opened.h"
#include "resident.h"
#include "server.h"
#include "service.h"

#define OPEN_FILES_MAX 128u
#define CONSOLE_SLOT SERVER_SLOT_TERMINAL

/* What an open file leads to: the directory, or a device. */
struct device {
    const char *name;
    bool zeroes;   /* endless zeroes to be read; else it is at its end */
    bool full;     /* no room for anything written; else it is swallowed */
    bool terminal; /* what is opened is the console */
};

static const struct device devices[] = {
    {.name = ""}, /* the directory */
    {.name = "null"},
    {.name = "zero", .zeroes = true},
    {.name = "full", .zeroes = true, .full = true},
    {.name = "tty", .terminal = true},
};
#define DIRECTORY (&devices[0])
#define DEVICES (sizeof devices / sizeof devices[0])

static struct opened_table table = {.most = OPEN_FILES_MAX};
static struct opened root = {.flags = FILE_OPEN_READ}; /* what the name leads to */

static const struct device *device_of(void *context)
{
    const struct opened *opened = context;
    return opened->node;
}

/* ---- Opening ---- */

/* 0, with *found NULL if there is nothing; or -ENOTDIR. */
static int find(const struct device *from, const char *path, const struct device **found)
{
    size_t length = strcspn(path, "/");

    *found = *path == '\0' ? from : NULL;
    for (uint32_t i = 1; from == DIRECTORY && *found == NULL && i < DEVICES; i++)
        if (strlen(devices[i].name) == length && memcmp(devices[i].name, path, length) == 0)
            *found = &devices[i];
    return path[length] == '/' || (from != DIRECTORY && *path != '\0') ? -ENOTDIR : 0;
}

/* What cannot be created, and how what is there cannot be opened. */
static int refuse(const struct device *device, uint32_t flags)
{
    bool directory = device == DIRECTORY;

    if (device == NULL)
        return flags & FILE_OPEN_CREATE ? -EACCES : -ENOENT;
    if ((flags & FILE_OPEN_CREATE) && (flags & FILE_OPEN_EXCLUSIVE))
        return -EEXIST;
    if (directory && (flags & (FILE_OPEN_WRITE | FILE_OPEN_TRUNCATE)))
        return -EISDIR;
    return !directory && (flags & FILE_OPEN_DIRECTORY) ? -ENOTDIR : 0;
}

static int open_terminal(uint32_t flags, struct iris_handle_out *file)
{
    uint32_t terminal;
    int status = file_open(CONSOLE_SLOT, "", flags, 0, &terminal);

    if (status == 0)
        *file = (struct iris_handle_out){terminal, IRIS_RIGHT_CALL | IRIS_RIGHT_COPY | IRIS_MOVE};
    return status;
}

static int open_file(void *context, struct iris_request *rq, const char *path, uint32_t flags,
                     uint32_t mode, struct iris_handle_out *file)
{
    const struct device *device;
    int status = find(device_of(context), path, &device);

    (void)rq;
    (void)mode;
    if (status == 0)
        status = refuse(device, flags);
    if (status < 0)
        return status;
    if (device->terminal && (flags & (FILE_OPEN_READ | FILE_OPEN_WRITE)))
        return open_terminal(flags, file);
    return opened_give(&table, flags, (void *)(uintptr_t)device, file);
}

/* ---- Reading and writing ---- */

static int read_file(void *context, struct iris_request *rq, struct iris_buffer_ref data,
                     uint32_t *count)
{
    static const uint8_t zeroes[4096];
    const struct device *device = device_of(context);
    int status = device == DIRECTORY ? -EISDIR : opened_may_read(context);

    (void)rq;
    *count = 0;
    while (status >= 0 && device->zeroes && *count < data.length) {
        uint32_t left = data.length - *count;
        status =
            iris_buffer_write(data, *count, zeroes, left < sizeof zeroes ? left : sizeof zeroes);
        *count += status > 0 ? (uint32_t)status : 0;
        if (status == 0)
            return -EFAULT; /* the buffer is not as long as it was said to be */
    }
    return status < 0 ? status : 0;
}

static int write_file(void *context, struct iris_request *rq, struct iris_buffer_ref data,
                      uint32_t *count)
{
    int status = opened_may_write(context);

    (void)rq;
    if (status < 0)
        return status;
    if (device_of(context)->full && data.length > 0)
        return -ENOSPC;
    *count = data.length;
    return 0;
}

static int read_at(void *context, struct iris_request *rq, uint64_t offset,
                   struct iris_buffer_ref data, uint32_t *count)
{
    (void)offset;
    return read_file(context, rq, data, count);
}

static int write_at(void *context, struct iris_request *rq, uint64_t offset,
                    struct iris_buffer_ref data, uint32_t *count)
{
    (void)offset;
    return write_file(context, rq, data, count);
}

/* As other systems have it: devices without places are always at their beginning. */
static int seek(void *context, struct iris_request *rq, int64_t offset, uint32_t whence,
                uint64_t *position)
{
    (void)context;
    (void)rq;
    (void)offset;
    *position = 0;
    return whence <= FILE_SEEK_END ? 0 : -EINVAL;
}

/* ---- Status ---- */

static void fill_status(const struct device *device, struct file_status *status)
{
    *status = (struct file_status){.kind = device == DIRECTORY ? FILE_KIND_DIRECTORY
                                           : device->terminal  ? FILE_KIND_TERMINAL
                                                               : FILE_KIND_DEVICE,
                                   .mode = device == DIRECTORY ? 0555 : 0666,
                                   .node = (uint32_t)(device - devices) + 1,
                                   .device = table.device,
                                   .links = 1};
}

static int status_of(void *context, struct iris_request *rq, struct file_status *status)
{
    (void)rq;
    fill_status(device_of(context), status);
    return 0;
}

static int entry_of(void *context, struct iris_request *rq, uint32_t cursor, uint32_t *next,
                    char name[FILE_MAX_NAME + 1], struct file_status *status)
{
    (void)rq;
    if (device_of(context) != DIRECTORY)
        return -ENOTDIR;
    if (cursor >= DEVICES - 1)
        return -ENOENT;
    *next = cursor + 1;
    strcpy(name, devices[cursor + 1].name);
    fill_status(&devices[cursor + 1], status);
    return 0;
}

/* ---- The server ---- */

static const struct file_server operations = {.open = open_file,
                                              .read = read_file,
                                              .write = write_file,
                                              .read_at = read_at,
                                              .write_at = write_at,
                                              .seek = seek,
                                              .flags = opened_flags,
                                              .status = status_of,
                                              .sync = opened_sync,
                                              .entry = entry_of,
                                              .poll = opened_poll};
static const struct iris_service services[] = {FILE_SERVICE(&operations)};

static int locate(void *context, uint32_t badge, struct iris_target *target)
{
    (void)context;
    target->context = badge == SERVER_BADGE_PUBLIC ? &root : opened_find(&table, badge);
    return target->context != NULL ? 0 : -ENOENT;
}

static int event(void *context, struct iris_request *rq)
{
    struct opened *opened = opened_find(&table, rq->message.badge);

    (void)context;
    if (iris_tag_label(rq->message.tag) == IRIS_EVENT_DISCONNECT && opened != NULL)
        opened_free(&table, opened);
    return 0;
}

static const struct iris_server server = {
    .port = SERVER_SLOT_PORT, .services = services, .count = 1, .locate = locate, .event = event};

#define HEAP_BYTES (16u * 1024) /* for open files */

int main(void)
{
    iris_resident(HEAP_BYTES);
    root.node = (void *)(uintptr_t)DIRECTORY;
    int status = opened_begin(&table, SERVER_SLOT_PORT);
    return status < 0 ? -status : -iris_server_run(&server);
}
