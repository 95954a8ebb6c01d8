/* SPDX-License-Identifier: MIT */
/* MsgSend in all its forms. */
#include <stdlib.h>

#include <iris/calls.h>
#include <iris/vdso.h>

#include "qnx.h"
#include "stub.h"

/* ---- The buffers of a message ---- */

/* As many pieces as fit are declared where they are; too many are put together first. */
struct load {
    struct iris_buffer buffer[IRIS_BUFFERS_MAX];
    uint32_t sources, count;
    const struct parts *into;
    void *gathered, *scattered; /* the copies, NULL: none */
    uint32_t bytes;             /* of `scattered` */
};

static void declare(struct load *load, const struct parts *parts, uint32_t access)
{
    for (uint32_t i = 0; i < parts->count; i++)
        if (parts->iov[i].iov_len != 0)
            load->buffer[load->count++] = (struct iris_buffer){
                (uint32_t)parts->iov[i].iov_base, (uint32_t)parts->iov[i].iov_len, access};
}

static int declare_copy(struct load *load, const struct parts *parts, uint32_t access, void **copy)
{
    if (qnx_parts_present(parts, access & IRIS_BUFFER_WRITE) < 0)
        return -EFAULT;
    *copy = malloc(parts->bytes);
    if (*copy == NULL)
        return -ENOMEM;
    if (access & IRIS_BUFFER_READ)
        qnx_parts_gather(parts, *copy, parts->bytes);
    load->buffer[load->count++] = (struct iris_buffer){(uint32_t)*copy, parts->bytes, access};
    return 0;
}

static uint32_t pieces(const struct parts *parts)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < parts->count; i++)
        count += parts->iov[i].iov_len != 0;
    return count;
}

static int load_up(struct load *load, const struct parts *from, const struct parts *into)
{
    uint32_t out = pieces(from), in = pieces(into);
    bool gather = out + in > IRIS_BUFFERS_MAX && out > 1;
    bool scatter = (gather ? 1 : out) + in > IRIS_BUFFERS_MAX;
    int status = 0;

    *load = (struct load){.into = into, .bytes = into->bytes};
    if (gather)
        status = declare_copy(load, from, IRIS_BUFFER_READ, &load->gathered);
    else
        declare(load, from, IRIS_BUFFER_READ);
    load->sources = load->count;
    if (status == 0 && scatter)
        status = declare_copy(load, into, IRIS_BUFFER_WRITE, &load->scattered);
    else if (status == 0)
        declare(load, into, IRIS_BUFFER_WRITE);
    return status;
}

static void unload(struct load *load, uint32_t written)
{
    if (load->scattered != NULL)
        qnx_parts_scatter(load->into, load->scattered,
                          written < load->bytes ? written : load->bytes);
    free(load->gathered);
    free(load->scattered);
}

/* ---- The call ---- */

struct sending {
    const struct link *link;
    int coid;
    uint32_t token;
    uint64_t deadline;
};

static void compose(const struct sending *sending, const struct load *load, unsigned label,
                    struct iris_message *m)
{
    struct iris_cursor cursor = iris_cursor_write();

    iris_put_u32(&cursor, sending->token);
    iris_put_u32(&cursor, load->sources);
    iris_put_u32(&cursor, (uint32_t)qnx_tid());
    iris_put_u32(&cursor, (uint32_t)sending->coid);
    iris_put_u32(&cursor, (uint32_t)qnx_priority());
    for (uint32_t i = 0; i < IRIS_BUFFERS_MAX; i++) {
        iris_put_u32(&cursor, i < load->count ? load->buffer[i].length : 0);
        cursor.utcb->buffers[i] = load->buffer[i];
    }
    iris_cursor_send(&cursor, m, label, 0, load->count);
    if (sending->deadline != IRIS_DEADLINE_NONE && label == WIRE_MESSAGE) {
        cursor.utcb->deadline = sending->deadline;
        m->tag |= IRIS_TAG_DEADLINE;
    }
}

/* The call has ended at this end, but its receiver wants to be asked before. Waits for its answer,
   by a second call that takes the place of the first. -ESRCH: it has no message of ours. */
static int ask(const struct sending *sending, const struct load *load, struct iris_message *m)
{
    int status;

    do {
        compose(sending, load, WIRE_UNBLOCK, m);
        status = iris_ipc_call(sending->link->pulses, m);
    } while (status == -ECANCELED); /* a signal is not to be said twice */
    return status;
}

/* One attempt: 0 and an answer, or why there is none. */
static int attempt(const struct sending *sending, const struct load *load, struct iris_message *m)
{
    compose(sending, load, WIRE_MESSAGE, m);
    int status = iris_ipc_call(sending->link->messages, m);
    if (status == -ECANCELED) {
        int reason =
            sending->deadline != IRIS_DEADLINE_NONE && iris_clock_monotonic() >= sending->deadline
                ? -ETIMEDOUT
                : -EINTR;
        if (sending->link->flags & _NTO_CHF_UNBLOCK && ask(sending, load, m) == 0 &&
            !(iris_tag_label(m->tag) == WIRE_ERROR && m->word[0] == ESRCH))
            return 0;
        return reason;
    }
    return status == -EDEAD || status == -EBADF ? -ESRCH : status;
}

static int make_present(const struct load *load)
{
    int status = 0;

    for (uint32_t i = 0; status == 0 && i < load->count; i++)
        status = iris_buffer_present((const void *)load->buffer[i].address, load->buffer[i].length,
                                     load->buffer[i].access & IRIS_BUFFER_WRITE);
    return status == 0 ? 0 : -EFAULT;
}

/* 0 and what the server said, or a negative error number. */
static int converse(const struct sending *sending, const struct load *load, struct iris_message *m)
{
    for (bool again = false;; again = true) {
        int status = attempt(sending, load, m);
        unsigned label = iris_tag_label(m->tag);
        if (status < 0)
            return status;
        if (label == WIRE_FAULT && !again)
            status = make_present(load);
        else if (label == WIRE_FAULT)
            status = -EFAULT;
        else if (label == WIRE_ERROR && m->word[0] != ERESTART)
            status = -(int)m->word[0];
        else if (label != WIRE_ERROR)
            return label == WIRE_REPLY ? 0 : -EIO;
        if (status < 0)
            return status;
    }
}

/* 0 with the reply's status, or a negative error number. */
static int send(int coid, const struct parts *from, const struct parts *into, int *status)
{
    static uint32_t tokens;
    struct sending sending = {
        .coid = coid,
        .token = __atomic_add_fetch(&tokens, 1, __ATOMIC_RELAXED),
        .deadline = qnx_timeout_take(_NTO_TIMEOUT_SEND | _NTO_TIMEOUT_REPLY),
    };
    struct iris_message m = {.tag = 0};
    struct load load = {.count = 0};
    struct link *link = qnx_link_hold(coid);

    if (link == NULL)
        return -EBADF;
    sending.link = link;
    int error = link->dead ? -EBADF : 0; /* what is known to be dead is no connection any more */
    if (error == 0)
        error = load_up(&load, from, into);
    if (error == 0)
        error = converse(&sending, &load, &m);
    if (error == -ESRCH && iris_tag_error(m.tag) != 0)
        link->dead = true;
    unload(&load, error == 0 ? m.word[1] : 0);
    qnx_link_drop(link);
    qnx_message_settle_wanted();
    *status = (int)m.word[0];
    return error;
}

/* ---- The forms. Each message and each reply is one piece or several. ---- */

static int send_result(int error, int status, bool twin)
{
    if (error == 0)
        return status;
    if (twin)
        return error;
    errno = -error;
    return -1;
}

static int send_pieces(int coid, const iov_t *siov, size_t sparts, const iov_t *riov, size_t rparts,
                       bool twin)
{
    struct parts from, into;
    int status = 0, error = qnx_parts_from(&from, siov, sparts);

    if (error == 0)
        error = qnx_parts_from(&into, riov, rparts);
    if (error == 0)
        error = send(coid, &from, &into, &status);
    return send_result(error, status, twin);
}

/* `nc`: pthread_cancel does not end these; here it ends none of them yet. */
#define SEND_FORM(name, parameters, ...)                                                           \
    int name parameters { return send_pieces(__VA_ARGS__, false); }                                \
    int name##nc parameters { return send_pieces(__VA_ARGS__, false); }                            \
    int name##_r parameters { return send_pieces(__VA_ARGS__, true); }                             \
    int name##nc_r parameters { return send_pieces(__VA_ARGS__, true); }

SEND_FORM(MsgSend, (int coid, const void *smsg, size_t sbytes, void *rmsg, size_t rbytes), coid,
          QNX_ONE(smsg, sbytes), QNX_ONE(rmsg, rbytes))
SEND_FORM(MsgSendsv, (int coid, const void *smsg, size_t sbytes, const iov_t *riov, size_t rparts),
          coid, QNX_ONE(smsg, sbytes), riov, rparts)
SEND_FORM(MsgSendvs, (int coid, const iov_t *siov, size_t sparts, void *rmsg, size_t rbytes), coid,
          siov, sparts, QNX_ONE(rmsg, rbytes))
SEND_FORM(MsgSendv, (int coid, const iov_t *siov, size_t sparts, const iov_t *riov, size_t rparts),
          coid, siov, sparts, riov, rparts)
