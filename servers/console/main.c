/* SPDX-License-Identifier: MIT */
/*
 * console: the terminal on the serial line as a file. Bytes from the driver go through the line
 * discipline to whoever reads; what is written is queued for the driver.
 */
#include <iris/calls.h>

#include "console.h" /* generated from console.idl */
#include "file.h"    /* generated from file.idl */
#include "interrupt.h"
#include "line.h"
#include "output.h"
#include "resident.h"
#include "serial.h" /* generated from serial.idl */
#include "server.h"
#include "service.h"
#include "slots.h"
#include "stub.h"
#include "waiting.h"

IRIS_ASSERT_TOGETHER(FILE_INTERFACE, CONSOLE_INTERFACE);

#define NOTIFY_INPUT 1u
#define NOTIFY_ROOM 2u

static struct line line = {.echo = output_echo};
static struct waiting readers;

/* ---- Input ---- */

/*
 * Gives the next line or bytes to one reader. What it could not take stays for the next: a reader
 * whose page is not there calls again, one that has died does not.
 */
static void give(struct iris_buffer_ref data)
{
    uint8_t bytes[LINE_EDIT_MAX + 1];
    uint32_t most = data.length < sizeof bytes ? data.length : sizeof bytes, items;
    uint32_t count = line_peek(&line, bytes, most, &items);
    int status = count > 0 ? iris_buffer_write(data, 0, bytes, count) : 0;

    if (status >= 0 && (uint32_t)status != count)
        status = -EFAULT;
    if (file_read_reply(data.reply, status < 0 ? status : 0, count) == 0 && status >= 0)
        line_consume(&line, items);
}

static bool something_to_read(void)
{
    uint8_t byte;
    uint32_t items;

    line_peek(&line, &byte, 1, &items);
    return items > 0;
}

static void feed_readers(void)
{
    struct iris_buffer_ref data;

    while (something_to_read() && waiting_take(&readers, &data))
        give(data);
}

static void take_input(void)
{
    uint8_t bytes[200];
    uint32_t count;

    while (serial_read(SERVER_SLOT_SERIAL, bytes, &count) == 0 && count > 0)
        for (uint32_t i = 0; i < count; i++)
            if (line_type(&line, bytes[i]))
                interrupt_foreground();
    feed_readers();
    output_pump(); /* the echo */
}

/* ---- file ---- */

static int open_file(void *context, struct iris_request *rq, const char *path, uint32_t flags,
                     struct iris_handle_out *file)
{
    (void)context;
    (void)rq;
    (void)path;
    (void)flags;
    (void)file;
    return -ENOENT; /* a terminal has nothing below it */
}

static int read_file(void *context, struct iris_request *rq, uint64_t offset,
                     struct iris_buffer_ref data, uint32_t *count)
{
    uint8_t bytes[LINE_EDIT_MAX + 1];
    uint32_t items;

    (void)context;
    (void)offset;
    waiting_sweep(&readers);
    if (data.length == 0) {
        *count = 0;
        return 0;
    }
    if (readers.first != NULL || !something_to_read())
        return waiting_add(&readers, rq, data);
    *count =
        line_peek(&line, bytes, data.length < sizeof bytes ? data.length : sizeof bytes, &items);
    int status = iris_buffer_write(data, 0, bytes, *count);
    if (status < 0)
        return status;
    line_consume(&line, items);
    return 0;
}

static int write_file(void *context, struct iris_request *rq, uint64_t offset,
                      struct iris_buffer_ref data, uint32_t *count)
{
    (void)context;
    (void)offset;
    waiting_sweep(&readers);
    output_sweep();
    return output_write(rq, data, count);
}

static int status_of(void *context, struct iris_request *rq, struct file_status *status)
{
    (void)context;
    (void)rq;
    *status = (struct file_status){.kind = FILE_KIND_TERMINAL, .mode = 0666};
    return 0;
}

static int entry_of(void *context, struct iris_request *rq, uint32_t index, char name[101],
                    struct file_status *status)
{
    (void)context;
    (void)rq;
    (void)index;
    (void)name;
    (void)status;
    return -EINVAL;
}

/* ---- console ---- */

static int set_mode(void *context, struct iris_request *rq, uint32_t mode)
{
    (void)context;
    (void)rq;
    if (mode != CONSOLE_MODE_COOKED && mode != CONSOLE_MODE_RAW)
        return -EINVAL;
    if (line_set_raw(&line, mode == CONSOLE_MODE_RAW))
        interrupt_foreground();
    feed_readers();
    return 0;
}

static int foreground(void *context, struct iris_request *rq, uint32_t child)
{
    (void)context;
    interrupt_set_foreground(iris_request_claim(rq, child));
    return 0;
}

static int foreground_clear(void *context, struct iris_request *rq)
{
    (void)context;
    (void)rq;
    interrupt_set_foreground(0);
    return 0;
}

static int drain(void *context, struct iris_request *rq)
{
    (void)context;
    return output_drain(rq);
}

/* ---- The server ---- */

static const struct file_server file_operations = {.open = open_file,
                                                   .read = read_file,
                                                   .write = write_file,
                                                   .status = status_of,
                                                   .entry = entry_of};
static const struct console_server console_operations = {.set_mode = set_mode,
                                                         .foreground = foreground,
                                                         .foreground_clear = foreground_clear,
                                                         .drain = drain};
static const struct iris_service services[] = {FILE_SERVICE(&file_operations),
                                               CONSOLE_SERVICE(&console_operations)};

static int event(void *context, struct iris_request *rq)
{
    (void)context;
    if (iris_tag_label(rq->message.tag) != IRIS_EVENT_NOTIFY)
        return 0;
    if (rq->message.word[0] & NOTIFY_INPUT)
        take_input();
    if (rq->message.word[0] & NOTIFY_ROOM)
        output_pump();
    return 0;
}

static const struct iris_server server = {
    .port = SERVER_SLOT_PORT, .services = services, .count = 2, .event = event};

/* The driver tells of input and room through a portal of the console's own port. */
static int subscribe(void)
{
    int slot = iris_slot_alloc();

    if (slot < 0)
        return slot;
    int status =
        iris_portal_create(SERVER_SLOT_PORT, (uint32_t)slot, 0, IRIS_RIGHT_NOTIFY | IRIS_RIGHT_COPY,
                           NOTIFY_INPUT | NOTIFY_ROOM);
    if (status < 0)
        return status;
    return serial_subscribe(SERVER_SLOT_SERIAL, (uint32_t)slot, NOTIFY_INPUT, NOTIFY_ROOM);
}

#define HEAP_BYTES (8u * 1024) /* for waiting callers */

int main(void)
{
    iris_resident(HEAP_BYTES);
    output_start();
    int status = interrupt_start();
    if (status >= 0)
        status = subscribe();
    return status < 0 ? -status : -iris_server_run(&server);
}
