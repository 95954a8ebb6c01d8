/* SPDX-License-Identifier: MIT */
/* MsgReceive: the next pulse or message of a channel. */
#include <stdlib.h>
#include <string.h>

#include <iris/calls.h>

#include "qnx.h"
#include "request.h"

/* ---- Pulses ---- */

/* 0, or -EFAULT: the pulse is lost with the memory it was for. */
static int give_pulse(const struct channel *channel, struct pulse *from, const struct parts *into,
                      struct _msg_info *info)
{
    struct _pulse pulse = {.type = _PULSE_TYPE,
                           .subtype = _PULSE_SUBTYPE,
                           .code = (int8_t)from->code,
                           .value = {.sival_int = from->value},
                           .scoid = from->scoid};

    free(from);
    if (info != NULL)
        *info = (struct _msg_info){.chid = channel->chid, .scoid = pulse.scoid};
    if (qnx_parts_present(into, true) < 0)
        return -EFAULT;
    qnx_parts_scatter(into, &pulse, sizeof pulse < into->bytes ? sizeof pulse : into->bytes);
    return 0;
}

/* ---- Messages ---- */

/* Copies what came; 0 or a negative error number. */
static int fetch(struct message *message, const struct parts *into)
{
    uint32_t bytes = message->sent < into->bytes ? message->sent : into->bytes;
    int done = qnx_message_read(message, 0, into, bytes);

    message->received = done < 0 ? 0 : (uint32_t)done;
    return done < 0 ? done : qnx_message_probe(message);
}

/* Gives the program a message that is its turn: rcvid. 0: its sender was sent away, with an error
   or to look after its pages. -EFAULT: the program's own memory is wrong. */
static int give_message(struct message *message, struct channel *channel, const struct parts *into,
                        struct _msg_info *info)
{
    int rcvid = message->rcvid, error = fetch(message, into);

    if (error < 0) {
        qnx_lock();
        if (error == -EFAULT)
            qnx_message_answer(message, WIRE_FAULT, 0, 0);
        else
            qnx_message_answer(message, WIRE_ERROR, ESRVRFAULT, 0);
        qnx_unlock();
        return error == -ESRVRFAULT ? -EFAULT : 0;
    }
    if (info != NULL)
        qnx_message_describe(message, info);
    if (message->owner != 0)
        qnx_self.current = rcvid;
    if (channel->flags & _NTO_CHF_FIXED_PRIORITY)
        qnx_message_settle();
    return rcvid;
}

/* One that came with an earlier answer, perhaps to another thread, which gives it up then. */
static struct message *find_early(struct channel *channel)
{
    struct message *message = qnx_message_take_early(channel);

    if (message == NULL || message->owner != iris_utcb()->thread)
        qnx_message_settle();
    if (message != NULL) {
        int rcvid = message->rcvid;
        qnx_lock();
        message = qnx_message_reach(rcvid);
        qnx_unlock();
    }
    return message;
}

/* ---- Waiting ---- */

static int wait_error(int status)
{
    switch (status) {
    case -ECANCELED:
        return -EINTR;
    case -EDEAD:
    case -EINVAL: /* the port is no more */
        return -ESRCH;
    default:
        return status;
    }
}

/* Answers the last message if there is an answer, then waits. */
static int wait(struct iris_message *m, bool answer, uint64_t deadline)
{
    iris_utcb()->deadline = deadline;
    if (!answer)
        *m = (struct iris_message){.tag = IRIS_TAG_NO_REPLY};
    if (deadline != IRIS_DEADLINE_NONE)
        m->tag |= IRIS_TAG_DEADLINE;
    return iris_ipc_reply_and_wait(m);
}

static void take_event(const struct iris_message *m)
{
    if (iris_tag_label(m->tag) == IRIS_EVENT_DISCONNECT)
        qnx_client_closed(m->badge); /* others are told at the layer's own port */
}

/* The next message; NULL with *status: an event came, or an error. */
static struct message *next_message(struct channel *channel, uint64_t deadline, int *status)
{
    struct message *message = find_early(channel);
    struct iris_message m;

    *status = 0;
    for (bool answer = false; message == NULL; answer = true) {
        if (channel->files)
            qnx_request_expect();
        *status = wait(&m, answer, deadline);
        if (*status < 0)
            return NULL;
        if (m.tag & IRIS_TAG_KERNEL) {
            take_event(&m);
            return NULL;
        }
        message = qnx_message_accept(&m, channel);
    }
    return message;
}

static int receive_from(struct channel *channel, const struct parts *into, struct _msg_info *info,
                        uint64_t deadline)
{
    for (;;) {
        struct pulse *pulse = qnx_pulse_take(channel);
        if (pulse != NULL) {
            qnx_message_settle();
            return give_pulse(channel, pulse, into, info);
        }
        if (channel->dead)
            return -ESRCH;
        int status;
        struct message *message = next_message(channel, deadline, &status);
        if (message != NULL)
            status = give_message(message, channel, into, info);
        if (status != 0)
            return status < 0 ? wait_error(status) : status;
    }
}

/* Pulses alone: messages stay where they are, so this is no wait at the port. */
static int receive_pulse(struct channel *channel, const struct parts *into, struct _msg_info *info,
                         uint64_t deadline)
{
    for (;;) {
        uint32_t count = __atomic_load_n(&channel->pulses_count, __ATOMIC_ACQUIRE);
        struct pulse *pulse = qnx_pulse_take(channel);
        if (pulse != NULL)
            return give_pulse(channel, pulse, into, info);
        if (channel->dead)
            return -ESRCH;
        int status = iris_word_sleep(&channel->pulses_count, count, deadline);
        if (status < 0)
            return wait_error(status);
    }
}

/* ---- The calls ---- */

static int receive(int chid, const iov_t *iov, size_t count, struct _msg_info *info, bool pulses)
{
    uint64_t deadline = qnx_timeout_take(_NTO_TIMEOUT_RECEIVE);
    struct parts into;
    int status = qnx_parts_from(&into, iov, count);
    struct channel *channel = status < 0 ? NULL : qnx_channel_hold(chid);

    if (channel == NULL)
        return status < 0 ? status : -ESRCH;
    if (pulses) {
        qnx_message_settle();
        status = receive_pulse(channel, &into, info, deadline);
    } else {
        status = iris_port_bind(channel->port) == 0 ? receive_from(channel, &into, info, deadline)
                                                    : -ESRCH;
        if (status <= 0)
            iris_port_bind(0); /* while it serves a message, those that wait help it */
    }
    qnx_channel_drop(channel);
    return status;
}

QNX_CALL(int, MsgReceivev, (int chid, const iov_t *iov, size_t count, struct _msg_info *info), chid,
         iov, count, info)
{
    return receive(chid, iov, count, info, false);
}

QNX_CALL(int, MsgReceive, (int chid, void *msg, size_t bytes, struct _msg_info *info), chid, msg,
         bytes, info)
{
    return MsgReceivev_r(chid, QNX_ONE(msg, bytes), info);
}

QNX_CALL(int, MsgReceivePulsev, (int chid, const iov_t *iov, size_t count, struct _msg_info *info),
         chid, iov, count, info)
{
    return receive(chid, iov, count, info, true);
}

QNX_CALL(int, MsgReceivePulse, (int chid, void *pulse, size_t bytes, struct _msg_info *info), chid,
         pulse, bytes, info)
{
    return MsgReceivePulsev_r(chid, QNX_ONE(pulse, bytes), info);
}
