/* SPDX-License-Identifier: MIT */
/* Messages that were received and not answered yet. */
#include <stdlib.h>
#include <string.h>

#include <iris/calls.h>
#include <iris/object.h>

#include "qnx.h"
#include "request.h"
#include "slots.h"
#include "stub.h"

__thread struct qnx_thread qnx_self;

/* ---- Taking one in ---- */

/* The words of a message are the client's own: counts must agree, whatever else they say. */
static bool take_words(struct message *message, const struct iris_message *m)
{
    struct iris_cursor cursor = iris_cursor_read(m);
    const uint32_t *word = cursor.utcb->words;

    message->buffers = iris_tag_buffers(m->tag);
    if (iris_tag_words(m->tag) != WIRE_WORDS || word[WIRE_SOURCES] > message->buffers)
        return false;
    message->token = word[WIRE_TOKEN];
    message->sources = word[WIRE_SOURCES];
    message->thread = (int)word[WIRE_THREAD];
    message->coid = (int)word[WIRE_COID];
    message->priority = (int)word[WIRE_PRIORITY];
    for (uint32_t i = 0; i < message->buffers; i++) {
        uint32_t *total = i < message->sources ? &message->sent : &message->taken;
        message->length[i] = word[WIRE_LENGTH + i];
        if (__builtin_add_overflow(*total, message->length[i], total) || *total > INT32_MAX)
            return false;
    }
    return true;
}

static int enter(struct message *message, uint32_t scoid)
{
    struct client *client = qnx_client_find((int)scoid);

    if (client == NULL || client->released)
        return -EDEAD;
    message->client = client;
    message->rcvid = qnx_client_next_rcvid(client);
    message->next = client->pending;
    client->pending = message;
    client->references++;
    message->owner = iris_utcb()->thread;
    message->owner_slot = iris_utcb()->slot;
    return 0;
}

/* What is not for the program is answered so. */
static void refuse(struct iris_message *m, unsigned error)
{
    if (qnx_request_is(m))
        *m = (struct iris_message){.tag = IRIS_TAG(error, 0)};
    else
        *m = (struct iris_message){.tag = IRIS_TAG(WIRE_ERROR, 1), .word = {error}};
}

static int take(struct message *message, struct iris_message *m, struct channel *channel,
                uint32_t *scoid)
{
    *scoid = m->badge;
    if (channel->flags & _NTO_CHF_UNBLOCK &&
        (message->demand = calloc(1, sizeof *message->demand)) == NULL)
        return -ENOMEM;
    if (channel->files && qnx_request_is(m))
        return qnx_request_take(message, m, channel, scoid) ? 0 : -EEXIST;
    return iris_tag_label(m->tag) == WIRE_MESSAGE && take_words(message, m) ? 0 : -EINVAL;
}

struct message *qnx_message_accept(struct iris_message *m, struct channel *channel)
{
    struct message *message = calloc(1, sizeof *message);
    uint32_t scoid;
    int status = message != NULL ? take(message, m, channel, &scoid) : -ENOMEM;

    if (status == 0) {
        qnx_lock();
        status = enter(message, scoid);
        qnx_unlock();
    }
    if (status == 0)
        return message;
    if (status != -EEXIST) /* then it is answered */
        refuse(m, (unsigned)-status);
    if (message != NULL) {
        qnx_request_free(message);
        free(message->demand);
        free(message);
    }
    return NULL;
}

/* ---- Finding it, letting it go ---- */

struct message *qnx_message_find(int rcvid)
{
    const struct client *client = qnx_client_of_message(rcvid);
    struct message *message = client != NULL ? client->pending : NULL;

    while (message != NULL && message->rcvid != rcvid)
        message = message->next;
    return message;
}

/* ---- Those that came early ---- */

void qnx_message_put_early(struct message *message)
{
    struct channel *channel = message->client->channel;

    qnx_lock();
    message->early = true;
    message->next_early = channel->early;
    channel->early = message;
    qnx_self.current = message->rcvid;
    qnx_unlock();
}

static void forget_early(struct message *message)
{
    struct message **place = &message->client->channel->early;

    while (*place != message)
        place = &(*place)->next_early;
    *place = message->next_early;
    message->early = false;
}

struct message *qnx_message_take_early(struct channel *channel)
{
    qnx_lock();
    struct message *message = channel->early;
    while (message != NULL && message->owner != iris_utcb()->thread)
        message = message->next_early;
    if (message == NULL)
        message = channel->early;
    if (message != NULL)
        forget_early(message);
    qnx_unlock();
    return message;
}

void qnx_message_free(struct message *message)
{
    struct client *client = message->client;
    struct message **place = &client->pending;

    if (message->early)
        forget_early(message);
    while (*place != message)
        place = &(*place)->next;
    *place = message->next;
    if (qnx_self.current == message->rcvid)
        qnx_self.current = 0;
    iris_handle_discard(message->reply);
    qnx_request_free(message);
    free(message->demand);
    free(message);
    qnx_client_drop(client);
}

void qnx_message_demand(struct message *message)
{
    message->unblock = true;
    if (message->demand == NULL || message->early)
        return;
    *message->demand = (struct pulse){.code = _PULSE_CODE_UNBLOCK,
                                      .value = message->rcvid,
                                      .priority = message->priority,
                                      .scoid = message->client->scoid};
    qnx_pulse_put(message->client->channel, message->demand);
    message->demand = NULL;
}

void qnx_message_describe(const struct message *message, struct _msg_info *info)
{
    const struct client *client = message->client;

    *info = (struct _msg_info){
        .pid = client->pid,
        .tid = message->thread,
        .chid = client->channel->chid,
        .scoid = client->scoid,
        .coid = message->coid,
        .msglen = (int32_t)message->received,
        .srcmsglen = (int32_t)message->sent,
        .dstmsglen = (int32_t)message->taken,
        .priority = (int16_t)message->priority,
        .flags = message->unblock ? _NTO_MI_UNBLOCK_REQ : 0,
    };
}

/* ---- Its bytes ---- */

struct row { /* of the client's buffers, from `first` on, below `end` */
    uint32_t first, end;
};

/* The buffer in which the row's byte `*offset` is; *offset becomes that in it. */
static uint32_t row_at(const struct message *message, struct row row, uint32_t *offset)
{
    uint32_t index = row.first;

    while (index < row.end && *offset >= message->length[index])
        *offset -= message->length[index++];
    return index;
}

/* A piece that lies together on both sides; as the kernel says, with our own pages looked after. */
static int copy_piece(const struct message *message, uint32_t spec, uint32_t offset, uint8_t *data,
                      uint32_t length)
{
    int done = iris_ipc_copy(message->reply, spec, offset, data, length);

    if (done == -EFAULT) { /* whose page? */
        if (iris_buffer_present(data, length, !(spec & IRIS_COPY_OUT)) < 0)
            return -ESRVRFAULT;
        done = iris_ipc_copy(message->reply, spec, offset, data, length);
    }
    if (done == -EFAULT || done == -EINVAL || done == -EPERM)
        return -EFAULT;
    return done < 0 ? -ESRCH : done;
}

/* A request's own bytes, which come before those of the client's buffers. */
static int copy_own(uint8_t *own, uint8_t *data, uint32_t length, bool out)
{
    if (iris_buffer_present(data, length, !out) < 0)
        return -ESRVRFAULT;
    memcpy(out ? own : data, out ? data : own, length);
    return (int)length;
}

static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* Some of the bytes at `offset` of the client's side; 0: there are no more. */
static int copy_some(const struct message *message, uint32_t offset, uint8_t *data, uint32_t length,
                     bool out)
{
    struct request *request = message->request;
    struct row row = {out ? message->sources : 0, out ? message->buffers : message->sources};
    uint32_t own = request == NULL ? 0 : out ? request->back_bytes : request->head_bytes;

    if (offset < own)
        return copy_own((out ? request->back.bytes : request->head.bytes) + offset, data,
                        smaller(length, own - offset), out);
    offset -= own;
    uint32_t index = row_at(message, row, &offset);
    if (index == row.end)
        return 0;
    length = smaller(length, message->length[index] - offset);
    int done = copy_piece(message, index | (out ? IRIS_COPY_OUT : 0), offset, data, length);
    return done == 0 ? -EFAULT : done;
}

static int copy(const struct message *message, uint32_t offset, const struct parts *parts,
                uint32_t bytes, bool out)
{
    uint32_t done = 0;

    while (done < bytes) {
        uint8_t *data;
        uint32_t length = qnx_parts_at(parts, done, &data);
        if (length == 0)
            break;
        int n = copy_some(message, offset + done, data, smaller(length, bytes - done), out);
        if (n <= 0)
            return n < 0 ? n : (int)done;
        done += (uint32_t)n;
    }
    return (int)done;
}

int qnx_message_read(const struct message *message, uint32_t offset, const struct parts *parts,
                     uint32_t bytes)
{
    return offset > message->sent ? 0 : copy(message, offset, parts, bytes, false);
}

int qnx_message_write(const struct message *message, uint32_t offset, const struct parts *parts,
                      uint32_t bytes)
{
    return offset > message->taken ? 0 : copy(message, offset, parts, bytes, true);
}

int qnx_message_probe(const struct message *message)
{
    for (uint32_t i = 0; i < message->buffers; i++) {
        uint32_t flags = IRIS_COPY_PROBE | (i < message->sources ? 0 : IRIS_COPY_OUT);
        for (uint32_t offset = 0; offset < message->length[i];) {
            int n =
                iris_ipc_copy(message->reply, i | flags, offset, NULL, message->length[i] - offset);
            if (n <= 0)
                return -EFAULT;
            offset += (uint32_t)n;
        }
    }
    return 0;
}
