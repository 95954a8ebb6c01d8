/* SPDX-License-Identifier: MIT */
/* MsgReceive: the next pulse or message of a channel. */
#include <stdlib.h>
#include <string.h>

#include <iris/calls.h>

#include "qnx.h"

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
    if (parts_present(into, true) < 0)
        return -EFAULT;
    parts_scatter(into, &pulse, sizeof pulse < into->bytes ? sizeof pulse : into->bytes);
    return 0;
}

/* ---- Messages ---- */

/* Copies what came: 0, or the label with which the client is to be sent away. */
static unsigned fetch(struct message *message, const struct parts *into, int *error)
{
    uint32_t bytes = message->sent < into->bytes ? message->sent : into->bytes;
    int done = message_read(message, 0, into, bytes);

    if (done >= 0 && message_probe(message) < 0)
        done = -EFAULT;
    if (done < 0) {
        *error = done;
        return done == -EFAULT ? WIRE_FAULT : WIRE_ERROR;
    }
    message->received = (uint32_t)done;
    return 0;
}

/* Whether the message that came is for the program; if not, `m` is the answer to it, if it waits
   for one, and *error what MsgReceive says if it is its own fault. */
static struct message *take(struct iris_message *m, const struct channel *channel,
                            const struct parts *into, int *error)
{
    struct message *message =
        iris_tag_label(m->tag) == WIRE_MESSAGE ? message_accept(m, channel) : NULL;
    unsigned label = message != NULL ? fetch(message, into, error) : WIRE_ERROR;

    if (label == 0)
        return message;
    if (message != NULL) {
        qnx_lock();
        message_free(message);
        qnx_unlock();
    }
    *m = (struct iris_message){
        .tag = IRIS_TAG(label, 1),
        .word = {(uint32_t)(*error == -ESRVRFAULT ? ESRVRFAULT : EINVAL)},
    };
    return NULL;
}

static int give_message(struct message *message, const struct channel *channel,
                        struct _msg_info *info)
{
    int rcvid = message->rcvid;

    qnx_self.current = rcvid;
    if (info != NULL)
        message_describe(message, info);
    if (channel->flags & _NTO_CHF_FIXED_PRIORITY)
        message_settle();
    return rcvid;
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

static int receive_from(struct channel *channel, const struct parts *into, struct _msg_info *info,
                        uint64_t deadline)
{
    struct iris_message m;
    struct message *message;
    bool answer = false;
    int error = 0;

    for (;;) {
        struct pulse *pulse = answer ? NULL : pulse_take(channel);
        if (pulse != NULL)
            return give_pulse(channel, pulse, into, info);
        if (channel->dead)
            return -ESRCH;
        int status = wait(&m, answer, deadline);
        if (status < 0)
            return wait_error(status);
        answer = !(m.tag & IRIS_TAG_KERNEL);
        if (!answer)
            continue;
        error = 0;
        if ((message = take(&m, channel, into, &error)) != NULL)
            return give_message(message, channel, info);
        if (error == -ESRVRFAULT) {
            message_answer_caller(&m);
            return -EFAULT;
        }
    }
}

/* Pulses alone: messages stay where they are, so this is no wait at the port. */
static int receive_pulse(struct channel *channel, const struct parts *into, struct _msg_info *info,
                         uint64_t deadline)
{
    for (;;) {
        uint32_t count = __atomic_load_n(&channel->pulses_count, __ATOMIC_ACQUIRE);
        struct pulse *pulse = pulse_take(channel);
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

static int receive(int chid, const struct parts *into, struct _msg_info *info, bool pulses)
{
    uint64_t deadline = timeout_take(_NTO_TIMEOUT_RECEIVE);
    struct channel *channel = channel_hold(chid);

    if (channel == NULL)
        return -ESRCH;
    message_settle();
    int status = pulses ? receive_pulse(channel, into, info, deadline) : 0;
    if (!pulses) {
        status = iris_port_bind(channel->port) == 0 ? receive_from(channel, into, info, deadline)
                                                    : -ESRCH;
        if (status <= 0)
            iris_port_bind(0); /* while it serves a message, those that wait help it */
    }
    channel_drop(channel);
    return status;
}

int MsgReceivev_r(int chid, const iov_t *iov, size_t count, struct _msg_info *info)
{
    struct parts parts;
    int status = parts_from(&parts, iov, count);
    return status < 0 ? status : receive(chid, &parts, info, false);
}

int MsgReceive_r(int chid, void *msg, size_t bytes, struct _msg_info *info)
{
    struct iovec iov;
    struct parts parts = parts_one(&iov, msg, bytes);
    return receive(chid, &parts, info, false);
}

int MsgReceivePulsev_r(int chid, const iov_t *iov, size_t count, struct _msg_info *info)
{
    struct parts parts;
    int status = parts_from(&parts, iov, count);
    return status < 0 ? status : receive(chid, &parts, info, true);
}

int MsgReceivePulse_r(int chid, void *pulse, size_t bytes, struct _msg_info *info)
{
    struct iovec iov;
    struct parts parts = parts_one(&iov, pulse, bytes);
    return receive(chid, &parts, info, true);
}
