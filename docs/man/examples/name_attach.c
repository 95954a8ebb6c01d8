/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sys/dispatch.h>
#include <sys/neutrino.h>

/* The server's side: a name, and the answer to those who open it. */
int serve_one(const char *name)
{
    struct _msg_info info;
    struct _io_connect message;
    name_attach_t *attach = name_attach(NULL, name, 0);

    if (attach == NULL)
        return errno;
    int rcvid = MsgReceive(attach->chid, &message, sizeof message, &info);
    if (rcvid > 0)
        MsgReply(rcvid, EOK, NULL, 0);
    name_detach(attach, 0);
    return EOK;
}

/* The client's: a connection for MsgSend. */
int find(const char *name) { return name_open(name, 0); }
