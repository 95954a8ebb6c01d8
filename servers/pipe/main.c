/* SPDX-License-Identifier: MIT */
/*
 * pipe: what one process writes another one reads. Each end is an open file; the last handle to one
 * is noticed by its DISCONNECT, however its owner has ended.
 */
#include <errno.h>

#include "file.h" /* generated from servers/lib/file.idl */
#include "opened.h"
#include "pipe.h" /* generated from pipe.idl */
#include "pollers.h"
#include "resident.h"
#include "ring.h"
#include "server.h"
#include "service.h"
#include "waiting.h"

#define PIPES_MAX 120u

/* One of the two ends: how many open files lead to it, who waits there. */
struct end {
    uint32_t opened;
    struct waiting waiting;
    struct pollers pollers;
};

struct pipe {
    struct end reader, writer;
    struct ring ring; /* without bytes: this place is free */
};

static struct pipe pipes[PIPES_MAX];
static struct opened_table table = {.most = 2 * PIPES_MAX};

static struct pipe *pipe_of(void *context)
{
    const struct opened *opened = context;
    return opened->node;
}

/* ---- What is ready ---- */

static uint32_t ready_to_read(const struct pipe *pipe)
{
    return (ring_used(&pipe->ring) > 0 || pipe->writer.opened == 0 ? FILE_POLL_READ : 0) |
           (pipe->writer.opened == 0 ? FILE_POLL_HANGUP : 0);
}

static uint32_t ready_to_write(const struct pipe *pipe)
{
    return (ring_room(&pipe->ring) >= PIPE_ATOMIC ? FILE_POLL_WRITE : 0) |
           (pipe->reader.opened == 0 ? FILE_POLL_ERROR : 0);
}

static void tell(struct pipe *pipe)
{
    pollers_tell(&pipe->reader.pollers, ready_to_read(pipe));
    pollers_tell(&pipe->writer.pollers, ready_to_write(pipe));
}

/* ---- Who waits ---- */

/* Gives the first reader what there is. If it has died nothing is taken out. */
static void feed_reader(struct pipe *pipe)
{
    struct iris_buffer_ref data;

    waiting_take(&pipe->reader.waiting, &data);
    int count = ring_show(&pipe->ring, data);
    if (file_read_reply(data.reply, count < 0 ? count : 0, count < 0 ? 0 : (uint32_t)count) == 0 &&
        count > 0)
        ring_take(&pipe->ring, (uint32_t)count);
}

/* Whether a write of so many bytes can go on: a small one as a whole only. */
static bool has_room(const struct pipe *pipe, uint32_t length)
{
    return ring_room(&pipe->ring) >= (length <= PIPE_ATOMIC ? length : 1);
}

/* Takes what there is room for from the first writer, who goes on waiting if that is not all. */
static void drain_writer(struct pipe *pipe)
{
    struct waiter *writer = pipe->writer.waiting.first;
    struct iris_buffer_ref data = writer->data;
    int count = ring_put(&pipe->ring, data, writer->done, data.length - writer->done);

    if (count > 0 && (writer->done += (uint32_t)count) < data.length)
        return;
    uint32_t done = writer->done;
    waiting_remove(&pipe->writer.waiting);
    file_write_reply(data.reply, done > 0 ? 0 : count, done);
}

/* Everybody goes on as far as possible. */
static void settle(struct pipe *pipe)
{
    const struct waiter *writer;

    for (bool moved = true; moved;) {
        moved = false;
        if (pipe->reader.waiting.first != NULL && ring_used(&pipe->ring) > 0) {
            feed_reader(pipe);
            moved = true;
        }
        writer = pipe->writer.waiting.first;
        if (writer != NULL && has_room(pipe, writer->data.length - writer->done)) {
            drain_writer(pipe);
            moved = true;
        }
    }
    tell(pipe);
}

static void sweep(struct pipe *pipe)
{
    waiting_sweep(&pipe->reader.waiting);
    waiting_sweep(&pipe->writer.waiting);
}

/* ---- Reading and writing ---- */

static int read_pipe(void *context, struct iris_request *rq, struct iris_buffer_ref data,
                     uint32_t *count)
{
    const struct opened *opened = context;
    struct pipe *pipe = opened->node;
    int status = opened_may_read(opened);

    *count = 0;
    if (status < 0 || data.length == 0)
        return status;
    sweep(pipe);
    if (ring_used(&pipe->ring) == 0) {
        if (pipe->writer.opened == 0)
            return 0;
        return opened->flags & FILE_OPEN_NONBLOCK ? -EAGAIN
                                                  : waiting_add(&pipe->reader.waiting, rq, data);
    }
    status = ring_show(&pipe->ring, data);
    if (status < 0)
        return status;
    *count = (uint32_t)status;
    ring_take(&pipe->ring, *count);
    settle(pipe);
    return 0;
}

static int keep_writer(struct pipe *pipe, struct iris_request *rq, struct iris_buffer_ref data)
{
    int status = waiting_add(&pipe->writer.waiting, rq, data);

    if (status == IRIS_DEFER)
        settle(pipe); /* a large write begins at once */
    return status;
}

static int write_pipe(void *context, struct iris_request *rq, struct iris_buffer_ref data,
                      uint32_t *count)
{
    const struct opened *opened = context;
    struct pipe *pipe = opened->node;
    int status = opened_may_write(opened);

    *count = 0;
    if (status < 0)
        return status;
    if (pipe->reader.opened == 0)
        return -EPIPE;
    sweep(pipe);
    bool must_wait = pipe->writer.waiting.first != NULL || !has_room(pipe, data.length);
    bool at_once = opened->flags & FILE_OPEN_NONBLOCK;
    if (data.length > 0 && must_wait && at_once)
        return -EAGAIN;
    if (data.length > 0 && !at_once && (must_wait || data.length > ring_room(&pipe->ring)))
        return keep_writer(pipe, rq, data);
    status = ring_put(&pipe->ring, data, 0, data.length);
    if (status < 0)
        return status;
    *count = (uint32_t)status;
    settle(pipe);
    return 0;
}

static int poll_pipe(void *context, struct iris_request *rq, uint32_t events, uint32_t bits,
                     uint32_t portal, uint32_t *ready)
{
    const struct opened *opened = context;
    struct pipe *pipe = opened->node;

    if (opened->flags & FILE_OPEN_READ)
        return pollers_poll(&pipe->reader.pollers, rq, events, ready_to_read(pipe), bits, portal,
                            ready);
    return pollers_poll(&pipe->writer.pollers, rq, events, ready_to_write(pipe), bits, portal,
                        ready);
}

static int status_of(void *context, struct iris_request *rq, struct file_status *status)
{
    const struct pipe *pipe = pipe_of(context);

    (void)rq;
    *status = (struct file_status){.kind = FILE_KIND_PIPE,
                                   .mode = 0600,
                                   .node = (uint32_t)(pipe - pipes) + 1,
                                   .device = table.device,
                                   .links = 1,
                                   .size = ring_used(&pipe->ring)};
    return 0;
}

/* ---- Coming and going ---- */

static struct pipe *find_free(void)
{
    for (struct pipe *pipe = pipes; pipe < pipes + PIPES_MAX; pipe++)
        if (pipe->ring.bytes == NULL)
            return pipe;
    return NULL;
}

static int open_end(struct pipe *pipe, struct end *end, uint32_t flags,
                    struct iris_handle_out *file)
{
    int status = opened_give(&table, flags, pipe, file);

    end->opened = status == 0;
    return status;
}

/* `reader` went out as a handle of our own, to be moved; closing it brings its DISCONNECT. */
static int open_ends(struct pipe *pipe, uint32_t flags, struct iris_handle_out *reader,
                     struct iris_handle_out *writer)
{
    int status = open_end(pipe, &pipe->reader, FILE_OPEN_READ | flags, reader);

    if (status < 0) {
        ring_end(&pipe->ring);
        return status;
    }
    status = open_end(pipe, &pipe->writer, FILE_OPEN_WRITE | flags, writer);
    if (status < 0)
        iris_handle_discard(reader->slot);
    return status;
}

static int create(void *context, struct iris_request *rq, uint32_t flags,
                  struct iris_handle_out *reader, struct iris_handle_out *writer)
{
    struct pipe *pipe = find_free();
    int status = pipe != NULL ? ring_begin(&pipe->ring) : -ENFILE;

    (void)context;
    (void)rq;
    return status < 0 ? status : open_ends(pipe, flags & FILE_OPEN_NONBLOCK, reader, writer);
}

/* Answers all who wait at an end. */
static void dismiss(struct end *end, int result)
{
    while (end->waiting.first != NULL) {
        const struct waiter *waiter = end->waiting.first;
        uint32_t reply = waiter->data.reply, done = waiter->done;
        waiting_remove(&end->waiting);
        file_write_reply(reply, done > 0 ? 0 : result, done); /* read's answer looks the same */
    }
}

/* An end has lost its last handle. */
static void end_closed(struct pipe *pipe, bool reader)
{
    struct end *end = reader ? &pipe->reader : &pipe->writer;

    end->opened = 0;
    dismiss(end, -EBADF);
    pollers_end(&end->pollers);
    if (reader)
        dismiss(&pipe->writer, -EPIPE);
    else if (ring_used(&pipe->ring) == 0)
        dismiss(&pipe->reader, 0);
    tell(pipe);
    if (pipe->reader.opened == 0 && pipe->writer.opened == 0)
        ring_end(&pipe->ring);
}

/* ---- The server ---- */

static const struct file_server file_operations = {.read = read_pipe,
                                                   .write = write_pipe,
                                                   .flags = opened_flags,
                                                   .status = status_of,
                                                   .sync = opened_sync,
                                                   .poll = poll_pipe};
static const struct pipe_server pipe_operations = {.create = create};
static const struct iris_service file_services[] = {FILE_SERVICE(&file_operations)};
static const struct iris_service services[] = {PIPE_SERVICE(&pipe_operations)};

static int locate(void *context, uint32_t badge, struct iris_target *target)
{
    (void)context;
    if (badge == SERVER_BADGE_PUBLIC)
        return 0;
    *target = (struct iris_target){file_services, 1, opened_find(&table, badge)};
    return target->context != NULL ? 0 : -ENOENT;
}

static int event(void *context, struct iris_request *rq)
{
    struct opened *opened = opened_find(&table, rq->message.badge);

    (void)context;
    if (iris_tag_label(rq->message.tag) != IRIS_EVENT_DISCONNECT || opened == NULL)
        return 0;
    struct pipe *pipe = opened->node;
    bool reader = opened->flags & FILE_OPEN_READ;
    opened_free(&table, opened);
    end_closed(pipe, reader);
    return 0;
}

static const struct iris_server server = {
    .port = SERVER_SLOT_PORT, .services = services, .count = 1, .locate = locate, .event = event};

#define HEAP_BYTES (32u * 1024) /* for open files and those who wait */

int main(void)
{
    iris_resident(HEAP_BYTES);
    int status = opened_begin(&table, SERVER_SLOT_PORT);
    return status < 0 ? -status : -iris_server_run(&server);
}
