/* SPDX-License-Identifier: MIT */
/*
 * The other process of t_qnx_names: a server in the classic style with a name, pulses and a
 * timeout, or a client that lets itself be killed.
 *
 *     t_qnx_peer serve NAME      answers; ends when asked
 *     t_qnx_peer hold NAME       sends a message that nobody answers
 *     t_qnx_peer queue NAME      the same, to a server that does not receive
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/dispatch.h>
#include <sys/neutrino.h>

#include "protocol.h"

typedef union {
    uint16_t type;
    struct _pulse pulse;
    struct ask ask;
} message_t;

static int held, disconnected, unblocked, delivery;

static void take_pulse(const struct _pulse *pulse)
{
    switch (pulse->code) {
    case _PULSE_CODE_DISCONNECT:
        ConnectDetach(pulse->scoid);
        disconnected++;
        break;
    case _PULSE_CODE_UNBLOCK:
        unblocked++;
        MsgError(pulse->value.sival_int, EINTR);
        held = 0;
        break;
    default:
        break;
    }
}

/* The event that came with the message, now and after the answer. */
static void deliver(int rcvid, const struct ask *ask)
{
    MsgReply(rcvid, EOK, NULL, 0);
    for (uint32_t i = 0; i < ask->argument; i++)
        if ((delivery = -MsgDeliverEvent_r(rcvid, &ask->event)) != 0)
            break;
}

static int answer(int rcvid, const struct ask *ask, const struct _msg_info *info)
{
    struct count count = {disconnected, unblocked, held != 0, info->pid, delivery};

    switch (ask->type) {
    case ASK_ECHO:
        return MsgReply(rcvid, (long)ask->argument, ask, sizeof *ask);
    case ASK_EVENT:
        deliver(rcvid, ask);
        return 0;
    case ASK_EVENT_FIRST:
        return MsgReply(rcvid, -MsgDeliverEvent_r(rcvid, &ask->event), NULL, 0);
    case ASK_HOLD:
        held = rcvid;
        return 0;
    case ASK_COUNT:
        return MsgReply(rcvid, EOK, &count, sizeof count);
    case ASK_EXIT:
        exit(0);
    default:
        return MsgError(rcvid, ENOSYS);
    }
}

static int serve(const char *name)
{
    message_t message;
    struct _msg_info info;
    name_attach_t *attach = name_attach(NULL, name, 0);

    if (attach == NULL)
        return errno;
    for (;;) {
        int rcvid = MsgReceive(attach->chid, &message, sizeof message, &info);
        if (rcvid == -1)
            return errno;
        if (rcvid == 0)
            take_pulse(&message.pulse);
        else if (message.type == _IO_CONNECT)
            MsgReply(rcvid, EOK, NULL, 0); /* name_open says hello */
        else if (message.type > _IO_BASE && message.type <= _IO_MAX)
            MsgError(rcvid, ENOSYS);
        else
            answer(rcvid, &message.ask, &info);
    }
}

static int hold(const char *name)
{
    struct ask ask = {.type = ASK_HOLD};
    int coid = name_open(name, 0);

    return coid == -1 ? errno : MsgSend(coid, &ask, sizeof ask, NULL, 0);
}

int run_peer(const char *role, const char *name)
{
    return strcmp(role, "serve") == 0 ? serve(name) : hold(name);
}
