/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/neutrino.h>

static int chid;

static void *serve(void *unused)
{
    char text[32];
    int rcvid = MsgReceive(chid, text, sizeof text, NULL);

    MsgReply(rcvid, EOK, "pong", 5);
    return unused;
}

int main(void)
{
    char reply[32];
    pthread_t thread;

    chid = ChannelCreate(0);
    int coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);
    pthread_create(&thread, NULL, serve, NULL);
    int status = MsgSend(coid, "ping", 5, reply, sizeof reply);
    pthread_join(thread, NULL);
    puts(status == EOK ? reply : "failed");
    return status;
}
