/* SPDX-License-Identifier: MIT */
/* Messages and their answers: any length, in pieces, cut, from several threads. */
#include <stdlib.h>
#include <unistd.h>

#include "t_qnx.h"

#define LONG 15000

static uint8_t out[LONG], in[LONG];

static void fill(uint32_t seed)
{
    uint32_t state = seed;
    for (unsigned i = 0; i < LONG; i++)
        out[i] = (uint8_t)kit_random(&state);
    memset(in, 0, sizeof in);
}

static void check_lengths(int coid)
{
    static const unsigned lengths[] = {8, 9, 255, 4095, 4096, 4097, 8192, LONG};

    for (unsigned i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        fill(i + 1);
        *(struct order *)out = (struct order){ORDER_ECHO, 1000 + i};
        int status = MsgSend(coid, out, lengths[i], in, sizeof in);
        TEST_CHECK(status == 1000 + (int)i && memcmp(in, out, lengths[i]) == 0,
                   "%u bytes there and back, with a status", lengths[i]);
        TEST_CHECK(lengths[i] == LONG || in[lengths[i]] == 0, "and no more than that");
    }
    fill(99);
    *(struct order *)out = (struct order){ORDER_ECHO, (uint32_t)-7};
    TEST_EQUAL(MsgSend(coid, out, 100, in, 10), -7, "a reply longer than its place");
    TEST_CHECK(memcmp(in, out, 10) == 0 && in[10] == 0, "is cut");
    TEST_EQUAL(MsgSend(coid, out, 100, out, 100), -7, "a reply into the message's own memory");
    TEST_EQUAL(MsgSend(coid, out, 100, NULL, 0), -7, "a reply that nobody wants");
}

static void check_pieces(int coid)
{
    iov_t siov[7], riov[7];

    for (unsigned pieces = 1; pieces <= 7; pieces++) {
        fill(pieces);
        *(struct order *)out = (struct order){ORDER_ECHO, 0};
        for (unsigned i = 0; i < pieces; i++) {
            SETIOV(&siov[i], out + i * 2000, i == 2 ? 0 : 2000);
            SETIOV(&riov[i], in + i * 2000, 2000);
        }
        int status = MsgSendv(coid, siov, pieces, riov, pieces);
        unsigned sent = pieces > 2 ? (pieces - 1) * 2000 : pieces * 2000;
        bool same = memcmp(in, out, pieces < 2 ? 2000 : 4000) == 0 &&
                    (pieces < 4 || memcmp(in + 4000, out + 6000, sent - 4000) == 0);
        TEST_CHECK(status == 0 && same, "a message and a reply of %u pieces each", pieces);
    }
    SETIOV(&riov[0], in, 3);
    SETIOV(&riov[1], in + 100, LONG - 100);
    TEST_EQUAL(MsgSendsv(coid, out, 50, riov, 2), 0, "one piece out, two in");
    TEST_CHECK(memcmp(in, out, 3) == 0 && memcmp(in + 100, out + 3, 47) == 0, "each in its place");
    TEST_EQUAL(MsgSendvs(coid, siov, 2, in, 60), 0, "two pieces out, one in");
}

static void check_partial(int coid)
{
    char reply[32] = "................";

    fill(5);
    *(struct order *)out = (struct order){ORDER_READ, 100};
    TEST_EQUAL(MsgSend(coid, out, 5000, in, sizeof in), 4900, "MsgRead of what lies behind");
    TEST_CHECK(memcmp(in, out + 100, 4900) == 0, "are the right bytes");
    *(struct order *)out = (struct order){ORDER_READ, 5000};
    TEST_EQUAL(MsgSend(coid, out, 5000, in, sizeof in), 0, "MsgRead past the end");
    TEST_EQUAL(order(coid, ORDER_WRITE, 10, reply, sizeof reply), 6, "MsgWrite in two pieces");
    TEST_CHECK(memcmp(reply, "first.....second", 16) == 0, "each at its offset");
    TEST_EQUAL(order(coid, ORDER_WRITE, 10, reply, 13), 3, "MsgWrite over the end is cut");
    TEST_EQUAL(order(coid, ORDER_WRITE, 100, reply, 13), 0, "MsgWrite past the end");
}

static void check_errors(int coid)
{
    TEST_FAILS(order(coid, ORDER_ERROR, EPERM, NULL, 0), EPERM, "MsgError");
    TEST_EQUAL(order(coid, ORDER_ERROR, EOK, NULL, 0), 0, "MsgError(EOK) is no error");
    TEST_FAILS(order(coid, 77, 0, NULL, 0), ENOSYS, "an order nobody knows");
    struct order sent = {ORDER_ERROR, EPERM};
    TEST_EQUAL(MsgSend_r(coid, &sent, sizeof sent, NULL, 0), -EPERM, "the twin that spares errno");
    TEST_FAILS(MsgSend(coid, (void *)0x10, 8, NULL, 0), EFAULT, "a message that is no memory");
    TEST_FAILS(MsgSend(coid, &sent, sizeof sent, (void *)0xc0000000, 8), EFAULT,
               "a reply to the kernel's memory");
    TEST_FAILS(MsgSend(coid, &sent, sizeof sent, (void *)(uintptr_t) "text", 4), EFAULT,
               "a reply to memory that is not to be written");
    TEST_FAILS(MsgSendv(coid, (const iov_t *)0x10, 2, NULL, 0), EFAULT, "pieces that are nowhere");
    void *fresh = malloc(40000);
    TEST_EQUAL(order(coid, ORDER_WRITE, 30000, fresh, 40000), 6, "memory not touched yet");
    TEST_CHECK(memcmp((char *)fresh + 30000, "second", 6) == 0, "is brought in");
    free(fresh);
}

static void check_info(int coid)
{
    struct _msg_info info;
    struct _server_info server;
    struct order sent[4] = {{ORDER_INFO, 0}};

    TEST_EQUAL(MsgSend(coid, sent, sizeof sent, &info, sizeof info), 0, "who is asking?");
    TEST_CHECK(info.pid == getpid() && info.coid == coid, "this process, by this connection");
    TEST_EQUAL(info.msglen, sizeof sent, "with so many bytes");
    TEST_EQUAL(info.dstmsglen, sizeof info, "and room for so many");
    TEST_EQUAL(ConnectServerInfo(0, coid, &server), coid, "and who is asked?");
    TEST_CHECK(server.pid == getpid() && server.scoid == info.scoid, "this process");
}

static int run_echo(void *argument)
{
    int coid = (int)(uintptr_t)argument;
    unsigned wrong = 0;

    for (uint32_t i = 0; i < 50; i++) {
        struct order sent = {ORDER_ECHO, i}, got = {0, 0};
        int status = MsgSend(coid, &sent, sizeof sent, &got, sizeof got);
        wrong += status != (int)i || got.argument != i;
    }
    return (int)wrong;
}

static void check_many(int coid)
{
    struct iris_thread threads[4];
    int wrong = 0, result;

    for (unsigned i = 0; i < 4; i++)
        iris_thread_launch(&threads[i], run_echo, (void *)coid, NULL);
    for (unsigned i = 0; i < 4; i++) {
        iris_thread_join(&threads[i], &result);
        wrong += result;
    }
    TEST_EQUAL(wrong, 0, "four threads at one server get each its own answers");
}

static void check_other_thread(int coid)
{
    char reply[16];

    TEST_EQUAL(order(coid, ORDER_HAND, 0, reply, sizeof reply), 1,
               "another thread than the receiver answers");
    TEST_CHECK(strcmp(reply, "by another") == 0, "with its own bytes");
}

static int run_hold(void *argument)
{
    char reply[8] = "";
    int status = order((int)(uintptr_t)argument, ORDER_HOLD, 0, reply, sizeof reply);
    return status == 0 && strcmp(reply, "late") == 0 ? 0 : errno;
}

static void check_late(struct server *server, int coid)
{
    struct iris_thread thread;
    int result = -1;

    iris_thread_launch(&thread, run_hold, (void *)coid, NULL);
    while (server->held == 0)
        iris_thread_switch(0);
    TEST_EQUAL(order(coid, ORDER_RELEASE, 0, NULL, 0), 0, "the second message frees the first");
    iris_thread_join(&thread, &result);
    TEST_EQUAL(result, 0, "which has its answer");
    TEST_EQUAL(order(coid, ORDER_RELEASE, 0, NULL, 0), ESRCH, "but only one");
}

void check_messages(void)
{
    struct server server;

    if (!TEST_CHECK(server_start(&server, 0), "a server"))
        return;
    int coid = ConnectAttach(0, 0, server.chid, 0, 0);
    check_lengths(coid);
    check_pieces(coid);
    check_partial(coid);
    check_errors(coid);
    check_info(coid);
    check_many(coid);
    check_other_thread(coid);
    check_late(&server, coid);
    ConnectDetach(coid);
    server_stop(&server);
}
