/* SPDX-License-Identifier: MIT */
/* A receiver runs on its client's time, so that nobody in between holds the client up. */
#include "t_qnx.h"

static volatile bool stop;

static int hog(void *unused)
{
    (void)unused;
    while (!stop)
        ;
    return 0;
}

static int answer_all(void *argument)
{
    const struct server *server = argument;
    char bytes[8];
    int rcvid;

    while ((rcvid = MsgReceive(server->chid, bytes, sizeof bytes, NULL)) > 0) {
        for (volatile unsigned i = 0; i < 10000; i++)
            ;
        MsgReply(rcvid, 5, NULL, 0);
    }
    return 0;
}

/* A server below a hog below the client: the status, or -1 with errno. */
static int ask_over_hog(unsigned flags, uint64_t patience)
{
    const struct iris_thread_options low = {.priority = 2}, middle = {.priority = 4};
    struct iris_thread hog_thread;
    struct server server = {.chid = ChannelCreate(flags)};
    int coid = ConnectAttach(0, 0, server.chid, _NTO_SIDE_CHANNEL, 0);

    stop = false;
    iris_thread_launch(&server.thread, answer_all, &server, &low);
    MsgSend(coid, "?", 1, NULL, 0); /* it runs and waits */
    iris_thread_launch(&hog_thread, hog, NULL, &middle);
    TimerTimeout(CLOCK_MONOTONIC, (int)(_NTO_TIMEOUT_SEND | _NTO_TIMEOUT_REPLY), NULL, &patience,
                 NULL);
    int status = MsgSend(coid, "?", 1, NULL, 0), error = errno;
    stop = true;
    iris_thread_join(&hog_thread, NULL);
    ChannelDestroy(server.chid);
    iris_thread_join(&server.thread, NULL);
    ConnectDetach(coid);
    errno = error;
    return status;
}

void check_priority(void)
{
    TEST_EQUAL(ask_over_hog(0, KIT_PATIENCE * 1000000ull), 5,
               "a busy thread in between does not hold up client and server");
    TEST_FAILS(ask_over_hog(_NTO_CHF_FIXED_PRIORITY, 20000000), ETIMEDOUT,
               "unless the channel is of fixed priority");
}
