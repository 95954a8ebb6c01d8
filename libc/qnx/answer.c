/* SPDX-License-Identifier: MIT */
/*
 * Answering. By a handle, any thread can. A current caller is answered together with a wait that
 * does not wait: so the owner is on its client's time up to the answer, and stays bound to the
 * port, where those that are queued help it to come back. If one is queued already, it is received
 * in the same go, and put aside for the next MsgReceive, whoever makes that.
 */
#include <iris/calls.h>
#include <iris/object.h>

#include "qnx.h"
#include "request.h"

/* Whether the current caller still waits: copying nothing says ENOENT if there is none. */
static bool has_caller(void) { return iris_ipc_copy(0, IRIS_COPY_PROBE, 0, NULL, 0) != -ENOENT; }

/* What came with the answer: a message, an event that MsgReceive will find, or a wrong message. */
static void put_aside(struct iris_message *m, struct channel *channel)
{
    if (m->tag & IRIS_TAG_KERNEL) {
        if (iris_tag_label(m->tag) == IRIS_EVENT_DISCONNECT)
            qnx_client_closed(m->badge);
        return;
    }
    struct message *message = qnx_message_accept(m, channel);
    if (message != NULL)
        qnx_message_put_early(message);
    else
        qnx_message_answer_caller(m);
}

static void answer_current(struct iris_message *m, struct channel *channel)
{
    struct iris_message answer = *m;

    iris_utcb()->deadline = IRIS_DEADLINE_POLL;
    m->tag |= IRIS_TAG_DEADLINE;
    int status = iris_port_bind(channel->port) < 0 ? -EINVAL : iris_ipc_reply_and_wait(m);
    if (status == 0)
        put_aside(m, channel);
    else if (status != -ETIMEDOUT) /* no such port any more */
        qnx_message_answer_caller(&answer);
}

/* To a caller of the interface `file`, always by a handle: files are given away in the answer. */
static int answer_request(int rcvid, unsigned label, uint32_t first)
{
    struct message *message = qnx_message_capture(rcvid);
    int status = message != NULL && message->reply != 0 ? 0 : -ESRCH;

    if (message == NULL)
        return status;
    if (status == 0)
        status = qnx_request_answer(message, label, first);
    else if (message->request->opened != NULL)
        qnx_client_forget(message->request->opened);
    qnx_message_free(message);
    return status;
}

int qnx_message_answer(struct message *message, unsigned label, uint32_t first, uint32_t second)
{
    struct iris_message m = {.tag = IRIS_TAG(label, 2), .word = {first, second}};
    struct channel *channel = message->client->channel;
    bool current = message->owner == iris_utcb()->thread;
    int status = -ESRCH;

    if (message->request != NULL)
        return answer_request(message->rcvid, label, first);
    if (current ? has_caller() : message->reply != 0)
        status = current ? 0 : iris_ipc_reply(message->reply, &m);
    channel->references++;
    qnx_message_free(message);
    qnx_unlock();
    if (current && status == 0)
        answer_current(&m, channel);
    qnx_channel_drop(channel);
    qnx_lock();
    return status < 0 ? -ESRCH : 0;
}
