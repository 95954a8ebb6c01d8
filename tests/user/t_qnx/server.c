/* SPDX-License-Identifier: MIT */
/* The server of the tests, in the classic style. */
#include <stdlib.h>

#include "t_qnx.h"

#define LARGEST 20000

static uint8_t message[LARGEST], more[LARGEST];

static void note_pulse(struct server *server)
{
    const struct _pulse *pulse = (const struct _pulse *)message;

    server->last_code = (uint32_t)pulse->code;
    server->last_value = (uint32_t)pulse->value.sival_int;
    server->last_scoid = (uint32_t)pulse->scoid;
    if (pulse->code == _PULSE_CODE_UNBLOCK) {
        server->unblocked++;
        MsgError(pulse->value.sival_int, -1);
        server->held = 0;
    }
    if (pulse->code == _PULSE_CODE_DISCONNECT)
        ConnectDetach(pulse->scoid);
    server->pulses++;
    iris_word_wake((const void *)&server->pulses, ~0u);
}

static int answer_later(void *argument)
{
    int rcvid = (int)(uintptr_t)argument;
    struct _msg_info info;

    if (MsgInfo(rcvid, &info) == 0)
        MsgReply(rcvid, info.tid, "by another", 11);
    return 0;
}

/* A thread answers while this one waits for that thread's end: it must not need us. */
static void hand_over(int rcvid)
{
    struct iris_thread thread;

    if (iris_thread_launch(&thread, answer_later, (void *)rcvid, NULL) == 0)
        iris_thread_join(&thread, NULL);
    else
        MsgError(rcvid, EAGAIN);
}

static void obey(struct server *server, int rcvid, const struct _msg_info *info)
{
    const struct order *got = (const struct order *)message;
    ssize_t count;

    switch (got->type) {
    case ORDER_ECHO:
        MsgReply(rcvid, (long)got->argument, message, (size_t)info->msglen);
        break;
    case ORDER_ERROR:
        MsgError(rcvid, (int)got->argument);
        break;
    case ORDER_READ:
        count = MsgRead(rcvid, more, sizeof more, got->argument);
        MsgReply(rcvid, count, more, count > 0 ? (size_t)count : 0);
        break;
    case ORDER_WRITE:
        MsgWrite(rcvid, "first", 5, 0);
        count = MsgWrite(rcvid, "second", 6, got->argument);
        MsgReply(rcvid, count, NULL, 0);
        break;
    case ORDER_HAND:
        hand_over(rcvid);
        break;
    case ORDER_HOLD:
        server->held = rcvid;
        break;
    case ORDER_RELEASE:
        count = MsgReply(server->held, 0, "late", 5) == -1 ? errno : 0;
        MsgReply(rcvid, count, NULL, 0);
        break;
    case ORDER_INFO:
        MsgReply(rcvid, 0, info, sizeof *info);
        break;
    default:
        MsgError(rcvid, ENOSYS);
    }
}

static int serve(void *argument)
{
    struct server *server = argument;
    struct _msg_info info;

    for (;;) {
        int rcvid = MsgReceive(server->chid, message, sizeof message, &info);
        if (rcvid == -1)
            return errno;
        if (rcvid == 0)
            note_pulse(server);
        else if (((const struct order *)message)->type == ORDER_QUIT)
            return MsgReply(rcvid, 0, NULL, 0);
        else
            obey(server, rcvid, &info);
    }
}

bool server_start(struct server *server, unsigned flags)
{
    *server = (struct server){.chid = ChannelCreate(flags)};
    return server->chid > 0 && iris_thread_launch(&server->thread, serve, server, NULL) == 0;
}

void server_stop(struct server *server)
{
    int coid = ConnectAttach(0, 0, server->chid, _NTO_SIDE_CHANNEL, 0);

    order(coid, ORDER_QUIT, 0, NULL, 0);
    ConnectDetach(coid);
    iris_thread_join(&server->thread, NULL);
    ChannelDestroy(server->chid);
}

int order(int coid, uint32_t type, uint32_t argument, void *reply, size_t bytes)
{
    struct order sent = {type, argument};
    return MsgSend(coid, &sent, sizeof sent, reply, bytes);
}
