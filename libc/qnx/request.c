/* SPDX-License-Identifier: MIT */
/* From calls of the interface `file` to messages. */
#include "request.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include <iris/calls.h>

#include "devctl.h"
#include "file.h" /* generated from servers/lib/file.idl */
#include "qnx.h"
#include "server.h"
#include "slots.h"

/* What a method's function is given. */
struct taking {
    struct message *message;
    struct channel *channel;
    struct client *client;
};

/* The head is `bytes` long and of this type; what the reply begins with goes to `back`. */
static int begin(struct taking *taking, uint16_t type, uint32_t bytes, uint32_t back)
{
    struct request *request = taking->message->request;

    request->head.read.type = type;
    request->head.read.combine_len = (uint16_t)bytes;
    request->head_bytes = bytes;
    request->back_bytes = back;
    taking->message->sent = bytes;
    taking->message->taken = back;
    return IRIS_DEFER;
}

static void add_source(struct taking *taking, const struct iris_buffer_ref *buffer)
{
    taking->message->length[taking->message->buffers++] = buffer->length;
    taking->message->sources++;
    taking->message->sent += buffer->length;
}

static void add_target(struct taking *taking, const struct iris_buffer_ref *buffer)
{
    taking->message->length[taking->message->buffers++] = buffer->length;
    taking->message->taken += buffer->length;
}

/* ---- Opening ---- */

static uint32_t ioflag(uint32_t flags)
{
    static const struct {
        uint32_t ours, theirs;
    } names[] = {{FILE_OPEN_READ, _IO_FLAG_RD},   {FILE_OPEN_WRITE, _IO_FLAG_WR},
                 {FILE_OPEN_CREATE, O_CREAT},     {FILE_OPEN_EXCLUSIVE, O_EXCL},
                 {FILE_OPEN_TRUNCATE, O_TRUNC},   {FILE_OPEN_APPEND, O_APPEND},
                 {FILE_OPEN_NONBLOCK, O_NONBLOCK}};
    uint32_t result = 0;

    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        result |= flags & names[i].ours ? names[i].theirs : 0;
    return result;
}

static int open_file(void *context, struct iris_request *rq, const char *path, uint32_t flags,
                     uint32_t mode, struct iris_handle_out *file)
{
    struct taking *taking = context;
    struct request *request = taking->message->request;

    (void)rq;
    (void)file;
    if (flags & FILE_OPEN_DIRECTORY)
        return -ENOTDIR;
    int status = qnx_client_create(taking->channel, 0, &request->opened);
    if (status < 0)
        return status;
    request->opened->files = true;
    request->opened->flags =
        flags & (FILE_OPEN_READ | FILE_OPEN_WRITE | FILE_OPEN_APPEND | FILE_OPEN_NONBLOCK);
    struct _io_connect *connect = &request->head.open.connect;
    begin(taking, _IO_CONNECT, (uint32_t)(offsetof(struct _io_connect, path) + strlen(path) + 1),
          0);
    strcpy(connect->path, path);
    connect->subtype = _IO_CONNECT_OPEN;
    connect->path_len = (uint16_t)(strlen(path) + 1);
    connect->ioflag = ioflag(flags);
    connect->mode = mode;
    return IRIS_DEFER;
}

/* ---- Bytes ---- */

static int transfer(struct taking *taking, uint16_t type, uint32_t length, const uint64_t *where)
{
    struct request *request = taking->message->request;
    uint32_t bytes = where != NULL ? sizeof request->head.at : sizeof request->head.read;

    request->head.read.nbytes = (int32_t)length;
    request->head.read.xtype = where != NULL ? _IO_XTYPE_OFFSET : _IO_XTYPE_NONE;
    if (where != NULL)
        request->head.at.where.offset = *where;
    return begin(taking, type, bytes, 0);
}

static int read_file(void *context, struct iris_request *rq, struct iris_buffer_ref data,
                     uint32_t *count)
{
    (void)rq;
    (void)count;
    transfer(context, _IO_READ, data.length, NULL);
    add_target(context, &data);
    return IRIS_DEFER;
}

static int read_at(void *context, struct iris_request *rq, uint64_t offset,
                   struct iris_buffer_ref data, uint32_t *count)
{
    (void)rq;
    (void)count;
    transfer(context, _IO_READ, data.length, &offset);
    add_target(context, &data);
    return IRIS_DEFER;
}

static int write_file(void *context, struct iris_request *rq, struct iris_buffer_ref data,
                      uint32_t *count)
{
    (void)rq;
    (void)count;
    transfer(context, _IO_WRITE, data.length, NULL);
    add_source(context, &data);
    return IRIS_DEFER;
}

static int write_at(void *context, struct iris_request *rq, uint64_t offset,
                    struct iris_buffer_ref data, uint32_t *count)
{
    (void)rq;
    (void)count;
    transfer(context, _IO_WRITE, data.length, &offset);
    add_source(context, &data);
    return IRIS_DEFER;
}

static int seek(void *context, struct iris_request *rq, int64_t offset, uint32_t whence,
                uint64_t *position)
{
    struct taking *taking = context;
    struct _io_lseek *lseek = &taking->message->request->head.lseek;

    (void)rq;
    (void)position;
    lseek->whence = (int16_t)whence; /* SEEK_SET, SEEK_CUR, SEEK_END are the same */
    lseek->offset = offset;
    return begin(taking, _IO_LSEEK, sizeof *lseek, sizeof(int64_t));
}

/* ---- What it is ---- */

/* Asking alone needs nobody. */
static int change_flags(void *context, struct iris_request *rq, uint32_t change, uint32_t value,
                        uint32_t *flags)
{
    struct taking *taking = context;
    struct request *request = taking->message->request;
    const uint32_t changeable = FILE_OPEN_APPEND | FILE_OPEN_NONBLOCK;

    (void)rq;
    if (change & ~changeable)
        return -EINVAL;
    *flags = (taking->client->flags & ~change) | (value & change);
    if (change == 0)
        return 0;
    request->flags = *flags;
    int bits = (int)ioflag(*flags & changeable);
    request->head.devctl =
        (struct _io_devctl){.dcmd = DCMD_ALL_SETFLAGS, .nbytes = (int32_t)sizeof bits};
    memcpy(request->head.bytes + sizeof request->head.devctl, &bits, sizeof bits);
    return begin(taking, _IO_DEVCTL, sizeof request->head.devctl + sizeof bits,
                 sizeof request->back.devctl);
}

static int status(void *context, struct iris_request *rq, struct file_status *answer)
{
    (void)rq;
    (void)answer;
    return begin(context, _IO_STAT, sizeof(struct _io_stat), sizeof(struct stat));
}

#define NS_PER_SECOND 1000000000ull

static int set_status(void *context, struct iris_request *rq, uint32_t which, uint32_t mode,
                      uint64_t accessed, uint64_t modified)
{
    struct taking *taking = context;
    struct request *request = taking->message->request;

    (void)rq;
    if (which == FILE_SET_MODE) {
        request->head.chmod.mode = mode;
        return begin(taking, _IO_CHMOD, sizeof request->head.chmod, 0);
    }
    if (which != (FILE_SET_ACCESSED | FILE_SET_MODIFIED))
        return -ENOTSUP;
    request->head.utime.times =
        (struct utimbuf){(time_t)(accessed / NS_PER_SECOND), (time_t)(modified / NS_PER_SECOND)};
    return begin(taking, _IO_UTIME, sizeof request->head.utime, 0);
}

static int sync_file(void *context, struct iris_request *rq)
{
    (void)rq;
    return begin(context, _IO_SYNC, sizeof(struct _io_sync), 0);
}

/* ---- Events and orders ---- */

static int poll(void *context, struct iris_request *rq, uint32_t events, uint32_t bits,
                uint32_t portal, uint32_t *ready)
{
    struct taking *taking = context;
    struct _io_notify *notify = &taking->message->request->head.notify;
    int error = portal != 0 ? qnx_watch_add(taking->client, portal, bits) : 0;

    (void)ready;
    if (error < 0)
        return error;
    if (portal != 0)
        iris_request_claim(rq, portal);
    notify->action = portal != 0 ? _NOTIFY_ACTION_POLLARM : _NOTIFY_ACTION_POLL;
    notify->flags = (events & FILE_POLL_READ ? _NOTIFY_COND_INPUT : 0) |
                    (events & FILE_POLL_WRITE ? _NOTIFY_COND_OUTPUT : 0);
    notify->event.sigev_notify = SIGEV_NONE; /* MsgDeliverEvent knows whom to tell */
    return begin(taking, _IO_NOTIFY, sizeof *notify, sizeof(struct _io_notify_reply));
}

static int control(void *context, struct iris_request *rq, uint32_t code,
                   struct iris_buffer_ref input, struct iris_buffer_ref output, uint32_t *result)
{
    struct taking *taking = context;
    struct _io_devctl *devctl = &taking->message->request->head.devctl;

    (void)rq;
    (void)result;
    devctl->dcmd = (int32_t)code;
    devctl->nbytes = (int32_t)(input.length > output.length ? input.length : output.length);
    begin(taking, _IO_DEVCTL, sizeof *devctl, sizeof(struct _io_devctl_reply));
    add_source(taking, &input);
    add_target(taking, &output);
    return IRIS_DEFER;
}

static const struct file_server methods = {.open = open_file,
                                           .read = read_file,
                                           .write = write_file,
                                           .read_at = read_at,
                                           .write_at = write_at,
                                           .seek = seek,
                                           .flags = change_flags,
                                           .status = status,
                                           .set_status = set_status,
                                           .sync = sync_file,
                                           .poll = poll,
                                           .control = control};

/* ---- Taking one ---- */

bool qnx_request_is(const struct iris_message *m)
{
    return iris_tag_label(m->tag) >> 8 == IRIS_LABEL_GROUP(FILE_INTERFACE) ||
           iris_tag_label(m->tag) == IRIS_LABEL_NARROW;
}

void qnx_request_expect(void)
{
    struct iris_utcb *utcb = iris_utcb();

    if (utcb->receive_slots[0] == 0) {
        int slot = iris_slot_alloc();
        utcb->receive_slots[0] = slot > 0 ? (uint32_t)slot : 0;
    }
}

static void settle_handle(const struct iris_request *rq)
{
    if (rq->handle[0] == 0)
        return;
    if (rq->claimed & 1)
        iris_utcb()->receive_slots[0] = 0; /* another one next time */
    else
        iris_handle_close(rq->handle[0]);
}

bool qnx_request_take(struct message *message, struct iris_message *m, struct channel *channel,
                      uint32_t *scoid)
{
    static const struct iris_service service = FILE_SERVICE(&methods);
    struct iris_request rq = {.message = *m};
    struct taking taking = {.message = message, .channel = channel};

    if (iris_tag_handles(m->tag) != 0 && iris_utcb()->received & 1)
        rq.handle[0] = iris_utcb()->receive_slots[0];
    qnx_lock();
    taking.client = qnx_client_find((int)m->badge);
    qnx_unlock();
    message->request = calloc(1, sizeof *message->request);
    bool fits = taking.client != NULL && taking.client->files && message->request != NULL;
    bool narrow = iris_tag_label(m->tag) == IRIS_LABEL_NARROW;
    bool taken = false;
    if (!fits || narrow)
        iris_request_fail(&rq, fits && m->word[0] == FILE_INTERFACE ? 0 : -EINVAL);
    else
        taken = service.dispatch(service.operations, &taking, &rq) == IRIS_DEFER;
    settle_handle(&rq);
    *scoid = m->badge;
    if (taken) {
        message->request->label = iris_tag_label(m->tag);
        message->coid = (int)m->badge;
        if (message->request->opened != NULL)
            *scoid = (uint32_t)message->request->opened->scoid;
    }
    *m = rq.message;
    return taken;
}

void qnx_request_free(struct message *message)
{
    free(message->request);
    message->request = NULL;
}
