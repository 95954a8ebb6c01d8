/* SPDX-License-Identifier: MIT */
/*
 * <iris/ipc.h> for the host: its structures as they are, its operations on a kernel made of one C
 * file (fake_kernel.c). This folder's parent comes first on the include path.
 */
#ifndef IRIS_IPC_H
#define IRIS_IPC_H

#include <iris/message.h>

#define IRIS_IPC_WAIT 0xffffffffu

struct iris_message {
    uint32_t tag;
    uint32_t word[3];
    uint32_t badge;
};

struct iris_utcb *iris_utcb(void);
void iris_ipc_raw(uint32_t operation, struct iris_message *m);

static inline int iris_ipc_send(uint32_t portal, struct iris_message *m)
{
    m->tag |= IRIS_TAG_NO_REPLY;
    iris_ipc_raw(portal, m);
    return iris_tag_error(m->tag);
}

static inline int iris_ipc_reply(uint32_t reply, struct iris_message *m)
{
    iris_ipc_raw(reply, m);
    return iris_tag_error(m->tag);
}

/* The loop itself does not run here: fake_kernel.c calls iris_server_serve for each message. */
static inline int iris_ipc_wait(struct iris_message *m)
{
    m->tag = IRIS_TAG(EDEAD, 0) | IRIS_TAG_ERROR;
    return -EDEAD;
}

static inline int iris_ipc_reply_and_wait(struct iris_message *m) { return iris_ipc_wait(m); }

#endif
