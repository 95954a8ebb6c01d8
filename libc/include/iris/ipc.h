/* SPDX-License-Identifier: MIT */
/* The IPC operations as inline functions. What they carry, <iris/message.h> tells. */
#ifndef IRIS_IPC_H
#define IRIS_IPC_H

#include <iris/message.h>

/* The thread pointer's first word is the UTCB's address (set up by START and the C library). */
static inline struct iris_utcb *iris_utcb(void)
{
    struct iris_utcb **tp;
    __asm__("movl %%gs:0, %0" : "=r"(tp));
    return *tp;
}

/* ---- Operations ---- */

#define IRIS_IPC_WAIT 0xffffffffu

struct iris_message {
    uint32_t tag;
    uint32_t word[3];
    uint32_t badge;
};

extern void iris_ipc(void); /* vDSO; never called as a C function: registers only */

/*
 * The one primitive. `operation` is a handle or IRIS_IPC_WAIT; the message is replaced by the one
 * received. EBP carries the tag, so it is exchanged around the call; the entry is called through
 * the GOT slot that start-up bound.
 */
static inline void iris_ipc_raw(uint32_t operation, struct iris_message *m)
{
    uint32_t a = operation, tag = m->tag, b = m->word[0], s = m->word[1], d = m->word[2];
    __asm__ volatile("xchgl %%ebp, %%edx\n\t"
                     "pushl %%edx\n\t"
                     "call *iris_ipc@GOT\n\t"
                     "popl %%edx\n\t"
                     "xchgl %%ebp, %%edx"
                     : "+a"(a), "+d"(tag), "+b"(b), "+S"(s), "+D"(d)
                     :
                     : "ecx", "memory", "cc");
    m->badge = a;
    m->tag = tag;
    m->word[0] = b;
    m->word[1] = s;
    m->word[2] = d;
}

/* Send and block for the reply. Returns 0 or a negative error number (then nothing came back). */
static inline int iris_ipc_call(uint32_t portal, struct iris_message *m)
{
    iris_ipc_raw(portal, m);
    return iris_tag_error(m->tag);
}

/* A call flagged "no reply": returns when received. */
static inline int iris_ipc_send(uint32_t portal, struct iris_message *m)
{
    m->tag |= IRIS_TAG_NO_REPLY;
    iris_ipc_raw(portal, m);
    return iris_tag_error(m->tag);
}

/* Answer the current caller, wait again: a server's whole loop. */
static inline int iris_ipc_reply_and_wait(struct iris_message *m)
{
    iris_ipc_raw(IRIS_IPC_WAIT, m);
    return iris_tag_error(m->tag);
}

/* Wait for a caller or an event at the bound port, answering nobody. A current caller that was
   neither answered nor kept gets ECANCELED. */
static inline int iris_ipc_wait(struct iris_message *m)
{
    *m = (struct iris_message){.tag = IRIS_TAG_NO_REPLY};
    iris_ipc_raw(IRIS_IPC_WAIT, m);
    return iris_tag_error(m->tag);
}

/* The same until utcb->deadline. */
static inline int iris_ipc_wait_until(struct iris_message *m, uint64_t deadline)
{
    iris_utcb()->deadline = deadline;
    *m = (struct iris_message){.tag = IRIS_TAG_NO_REPLY | IRIS_TAG_DEADLINE};
    iris_ipc_raw(IRIS_IPC_WAIT, m);
    return iris_tag_error(m->tag);
}

/* Answer a kept caller; never blocks. The handle is used up. */
static inline int iris_ipc_reply(uint32_t reply, struct iris_message *m)
{
    iris_ipc_raw(reply, m);
    return iris_tag_error(m->tag);
}

#endif
