/* SPDX-License-Identifier: MIT */
/*
 * log: keeps what the kernel and the servers say. Warnings and errors also go to the terminal, once
 * root has attached one; until then the kernel prints its own lines itself.
 */
#include <string.h>

#include <iris/calls.h>
#include <iris/vdso.h>

#include "console.h" /* generated from servers/console/console.idl */
#include "debug.h"
#include "file.h" /* generated from file.idl */
#include "log.h"  /* generated from log.idl */
#include "resident.h"
#include "server.h"
#include "service.h"
#include "slots.h"
#include "store.h"
#include "stub.h"
#include "text.h"

#define NOTIFY_KERNEL 1u
#define TEXT_MAX 200

static uint32_t terminal; /* console portal, 0: none yet; TOSTOP does not concern the log */
static char kernel_part[512];

static void show(const char *bytes, uint32_t length)
{
    uint32_t done = 0, count;

    while (terminal != 0 && done < length &&
           console_write(terminal, bytes + done, length - done, &count) == 0 && count > 0)
        done += count;
}

/* Takes over what the kernel has said since the last time. */
static void drain_kernel(void)
{
    int count;

    while ((count = iris_kernel_log(SERVER_SLOT_KERNEL, IRIS_LOG_READ, kernel_part,
                                    sizeof kernel_part)) > 0) {
        store_add(kernel_part, (uint32_t)count);
        show(kernel_part, (uint32_t)count);
    }
}

/* ---- The interface ---- */

static int write_line(void *context, struct iris_request *rq, uint32_t level, const char *text)
{
    static char line[TEXT_MAX + 32];
    struct text_line stamped = text_begin(line, sizeof line);

    (void)context;
    (void)rq;
    drain_kernel(); /* what was said before stands before it */
    text_add_time(&stamped, iris_clock_monotonic());
    uint32_t start = stamped.length;
    text_add(&stamped, text);
    text_add(&stamped, "\n");
    store_add(line, stamped.length);
    if (level <= LOG_LEVEL_WARNING)
        show(line + start, stamped.length - start);
    return 0;
}

static int flush(void *context, struct iris_request *rq)
{
    (void)context;
    (void)rq;
    return 0; /* a line is shown before the next request is received */
}

static int attach(void *context, struct iris_request *rq, uint32_t portal)
{
    (void)context;
    if (iris_request_badge(rq) != SERVER_BADGE_ROOT)
        return -EPERM;
    drain_kernel(); /* the kernel has printed these itself */
    int status = iris_kernel_log(SERVER_SLOT_KERNEL, IRIS_LOG_SILENT, NULL, 0);
    if (status < 0)
        return status;
    if (terminal != 0)
        iris_handle_discard(terminal);
    terminal = iris_request_claim(rq, portal);
    return 0;
}

static int read_log(void *context, struct iris_request *rq, uint32_t cursor,
                    struct iris_buffer_ref data, uint32_t *count, uint32_t *next)
{
    const char *bytes;
    uint32_t available = store_at(&cursor, &bytes);

    (void)context;
    (void)rq;
    if (available > data.length)
        available = data.length;
    int done = iris_buffer_write(data, 0, bytes, available);
    if (done < 0)
        return done;
    *count = (uint32_t)done;
    *next = cursor + (uint32_t)done;
    return 0;
}

/* ---- The server ---- */

static const struct log_server operations = {
    .write = write_line, .flush = flush, .attach = attach, .read = read_log};
static const struct iris_service services[] = {LOG_SERVICE(&operations)};

static int locate(void *context, uint32_t badge, struct iris_target *target)
{
    (void)context;
    if (badge == DEBUG_BADGE)
        *target = (struct iris_target){.services = debug_services, .count = 1};
    return 0;
}

static int event(void *context, struct iris_request *rq)
{
    (void)context;
    if (iris_tag_label(rq->message.tag) == IRIS_EVENT_NOTIFY)
        drain_kernel();
    return 0;
}

static const struct iris_server server = {
    .port = SERVER_SLOT_PORT, .services = services, .count = 1, .locate = locate, .event = event};

/* The kernel tells of new lines through a portal of the log's own port. */
static int bind_kernel(void)
{
    int slot = iris_slot_alloc();

    if (slot < 0)
        return slot;
    int status =
        iris_portal_create(SERVER_SLOT_PORT, (uint32_t)slot, 0, IRIS_RIGHT_NOTIFY, NOTIFY_KERNEL);
    if (status < 0)
        return status;
    return iris_kernel_log(SERVER_SLOT_KERNEL, IRIS_LOG_BIND, (void *)(uint32_t)slot,
                           NOTIFY_KERNEL);
}

int main(void)
{
    iris_resident(0);
    iris_buffer_touch(kernel_part, sizeof kernel_part, true); /* the kernel waits for no page */
    int status = bind_kernel();
    if (status < 0)
        return -status;
    drain_kernel();
    return -iris_server_run(&server);
}
