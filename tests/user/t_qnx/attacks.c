/* SPDX-License-Identifier: MIT */
/* Numbers that are forged, stale or used twice; memory that is not there; messages not from the
 * library. */
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

void check_attacks(void)
{
    check_numbers();
    check_stale();
    check_end();
    check_receiver_ends();
}
