/* SPDX-License-Identifier: MIT */
/* Numbers that are forged, stale or used twice; memory that is not there; messages not from the
 * library. */
#include <stdio.h>
#include <unistd.h>

#include "names.h"
#include "qnx_channel.h"
#include "t_qnx.h"

static char bytes[64];

static void check_numbers(void)
{
    struct _msg_info info;

    for (int rcvid = -3; rcvid < 3; rcvid++)
        if (MsgReply(rcvid, 0, NULL, 0) != -1 || errno != ESRCH)
            TEST_CHECK(false, "rcvid %d is nobody's", rcvid);
    TEST_FAILS(MsgReply(0x3fffffff, 0, NULL, 0), ESRCH, "a forged rcvid");
    TEST_FAILS(MsgError(0x12345, EPERM), ESRCH, "by MsgError");
    TEST_FAILS(MsgRead(0x12345, bytes, 4, 0), ESRCH, "by MsgRead");
    TEST_FAILS(MsgWrite(0x12345, bytes, 4, 0), ESRCH, "by MsgWrite");
    TEST_FAILS(MsgInfo(0x12345, &info), ESRCH, "by MsgInfo");
    TEST_FAILS(ConnectDetach(0x7fffffff), EINVAL, "a forged coid");
    TEST_FAILS(MsgSend(-5, bytes, 4, NULL, 0), EBADF, "and a negative one");
}

static int send_one(void *argument)
{
    return order((int)(uintptr_t)argument, ORDER_ECHO, 0, bytes, sizeof bytes) == 0 ? 0 : errno;
}

static void check_stale(void)
{
    struct iris_thread thread;
    int result, chid = ChannelCreate(0), coid = ConnectAttach(0, 0, chid, 0, 0);

    iris_thread_launch(&thread, send_one, (void *)coid, NULL);
    int rcvid = MsgReceive(chid, bytes, 4, NULL);
    TEST_CHECK(rcvid > 0, "a message longer than its place is received");
    TEST_EQUAL(MsgRead(rcvid, bytes, sizeof bytes, 0), sizeof(struct order), "and read to the end");
    TEST_FAILS(MsgRead(rcvid, (void *)0x20, 8, 0), EFAULT, "but not to nowhere");
    TEST_EQUAL(MsgReply(rcvid, 0, NULL, 0), 0, "answered");
    TEST_FAILS(MsgReply(rcvid, 0, NULL, 0), ESRCH, "once");
    TEST_FAILS(MsgRead(rcvid, bytes, 1, 0), ESRCH, "and gone");
    iris_thread_join(&thread, &result);
    TEST_EQUAL(result, 0, "its sender went on");
    iris_thread_launch(&thread, send_one, (void *)coid, NULL);
    TEST_FAILS(MsgReceive(chid, (void *)0x30, 8, NULL), EFAULT, "receiving to nowhere");
    iris_thread_join(&thread, &result);
    TEST_EQUAL(result, ESRVRFAULT, "is the server's fault, as its client learns");
    iris_thread_launch(&thread, send_one, (void *)coid, NULL);
    rcvid = MsgReceive(chid, bytes, sizeof bytes, NULL);
    TEST_FAILS(MsgReply(rcvid, 0, (void *)0x40, 8), EFAULT, "a reply from nowhere");
    iris_thread_join(&thread, &result);
    TEST_EQUAL(result, ESRVRFAULT, "too");
    ConnectDetach(coid);
    ChannelDestroy(chid);
}

/* The channel ends while one message is being served, one is kept and one waits. */
static void check_end(void)
{
    struct iris_thread threads[3];
    int result, chid = ChannelCreate(0), coid = ConnectAttach(0, 0, chid, 0, 0);

    for (unsigned i = 0; i < 3; i++)
        iris_thread_launch(&threads[i], send_one, (void *)coid, NULL);
    int first = MsgReceive(chid, bytes, sizeof bytes, NULL);
    int second = MsgReceive(chid, bytes, sizeof bytes, NULL);
    ChannelDestroy(chid);
    TEST_FAILS(MsgReply(first, 0, NULL, 0), ESRCH, "no answer through a channel that is gone");
    MsgReply(second, 0, NULL, 0);
    unsigned failed = 0;
    for (unsigned i = 0; i < 3; i++) {
        iris_thread_join(&threads[i], &result);
        failed += result == ESRCH;
    }
    TEST_CHECK(failed >= 2, "its senders learn that");
    ConnectDetach(coid);
}

/* A receiver that ends without an answer. */
static int receive_and_leave(void *argument)
{
    return MsgReceive((int)(uintptr_t)argument, bytes, sizeof bytes, NULL);
}

static void check_receiver_ends(void)
{
    struct iris_thread sender, receiver;
    int rcvid, result, chid = ChannelCreate(0), coid = ConnectAttach(0, 0, chid, 0, 0);

    iris_thread_launch(&receiver, receive_and_leave, (void *)chid, NULL);
    iris_thread_launch(&sender, send_one, (void *)coid, NULL);
    iris_thread_join(&receiver, &rcvid);
    iris_thread_join(&sender, &result);
    TEST_EQUAL(result, ESRCH, "a receiver that ends takes its message with it");
    TEST_FAILS(MsgReply(rcvid, 0, NULL, 0), ESRCH, "nobody else can answer that");
    ConnectDetach(coid);
    ChannelDestroy(chid);
}

/* ---- A client without the library: what it sends is not what the library would ---- */

static int raw(uint32_t portal, uint32_t tag, uint32_t sources, uint32_t length)
{
    struct iris_message m = {.tag = tag, .word = {1, sources, 1}};

    for (unsigned i = 3; i < 9; i++)
        iris_utcb()->words[i] = i >= 5 ? length : 0;
    for (unsigned i = 0; i < IRIS_BUFFERS_MAX; i++)
        iris_utcb()->buffers[i] =
            (struct iris_buffer){(uint32_t)bytes, 8, IRIS_BUFFER_READ | IRIS_BUFFER_WRITE};
    int status = iris_ipc_call(portal, &m);
    return status < 0 ? status : (int)iris_tag_label(m.tag);
}

#define MESSAGE(words, buffers) IRIS_TAG_FULL(0x7401, words, 0, buffers)
#define UNBLOCK(words, buffers) IRIS_TAG_FULL(0x7402, words, 0, buffers)

/* Labels of answers: 1 is an error, 2 says that a page is not there. */
static void check_raw(struct server *server, uint32_t messages, uint32_t pulses)
{
    struct iris_message m = {.tag = MESSAGE(3, 0) | IRIS_TAG_NO_REPLY};

    TEST_EQUAL(raw(messages, MESSAGE(3, 0), 0, 0), 1, "a message that is too short");
    TEST_EQUAL(raw(messages, MESSAGE(9, 1), 3, 8), 1, "more sources than buffers");
    TEST_EQUAL(raw(messages, MESSAGE(9, 4), 2, 0xfffffff0), 1, "lengths that run over");
    TEST_EQUAL(raw(messages, MESSAGE(9, 1), 1, 4000), 2, "a length that is not the buffer's");
    TEST_EQUAL(raw(messages, IRIS_TAG(0x1234, 1), 0, 0), 1, "another label");
    TEST_EQUAL(raw(pulses, UNBLOCK(9, 0), 0, 0), 1, "a call back that was never made");
    TEST_EQUAL(raw(pulses, UNBLOCK(2, 0), 0, 0), 1, "and one that is too short");
    TEST_EQUAL(raw(pulses, MESSAGE(9, 0), 0, 0), EINVAL, "a message at the wrong door");
    iris_ipc_send(messages, &m);
    int coid = ConnectAttach(0, 0, server->chid, _NTO_SIDE_CHANNEL, 0);
    TEST_EQUAL(order(coid, ORDER_ECHO, 6, NULL, 0), 6, "the server is none the worse for it");
    ConnectDetach(coid);
}

/* Codes that look like the system's are bounded as others are. */
static void check_flood(uint32_t entrance, uint32_t client)
{
    uint32_t scoid, flags, messages, pulses;
    int sent = 0, status = 0, chid = ChannelCreate(0);

    TEST_EQUAL(qnx_channel_connect(entrance, (uint32_t)chid, 1, client, &scoid, &flags, &messages,
                                   &pulses),
               0, "a stranger at a channel that nobody serves");
    while (status == 0 && sent < 10000) {
        status = qnx_connection_pulse(pulses, 10, -50, 0);
        sent += status == 0;
    }
    TEST_CHECK(status == -EAGAIN && sent <= 256, "floods it with %d pulses at most", sent);
    iris_handle_discard(messages);
    iris_handle_discard(pulses);
    ChannelDestroy(chid);
}

static void check_strangers(void)
{
    struct server server;
    struct rig rig;
    char name[40];
    uint32_t entrance, scoid, flags, messages, pulses;

    server_start(&server, _NTO_CHF_DISCONNECT);
    rig_make(&rig, 1, 1);
    snprintf(name, sizeof name, "local/channel/%d", (int)getpid());
    TEST_EQUAL(names_lookup(IRIS_SLOT_NAMES, name, &entrance), 0, "where others connect");
    TEST_EQUAL(
        qnx_channel_connect(entrance, 4000, 1, rig.client, &scoid, &flags, &messages, &pulses),
        -ENOENT, "to no channel");
    if (TEST_EQUAL(qnx_channel_connect(entrance, (uint32_t)server.chid, 1, rig.client, &scoid,
                                       &flags, &messages, &pulses),
                   0, "as a stranger does")) {
        check_raw(&server, messages, pulses);
        iris_handle_discard(messages);
        iris_handle_discard(pulses);
        TEST_CHECK(kit_wait_word(&server.pulses, 2), "and it is told when the stranger goes");
    }
    check_flood(entrance, rig.client);
    iris_handle_discard(entrance);
    rig_free(&rig);
    server_stop(&server);
}

void check_attacks(void)
{
    check_strangers();
    check_numbers();
    check_stale();
    check_end();
    check_receiver_ends();
}
