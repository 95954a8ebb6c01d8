/* SPDX-License-Identifier: MIT */
/* Connections: numbers for links. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <iris/calls.h>

#include "qnx.h"
#include "qnx_channel.h" /* generated from qnx_channel.idl */

static struct table coids;

/* With the lock held. A number is one of the side or not. */
static struct coid *find(int number)
{
    struct coid *coid = qnx_table_find(&coids, number & ~_NTO_SIDE_CHANNEL);
    return coid != NULL && coid->number == number ? coid : NULL;
}

struct link *qnx_link_hold(int number)
{
    qnx_lock();
    const struct coid *coid = find(number);
    struct link *link = coid != NULL ? coid->link : NULL;
    if (link != NULL)
        link->references++;
    qnx_unlock();
    return link;
}

int qnx_coid_open(struct link *link, unsigned index, unsigned flags)
{
    struct coid *coid = malloc(sizeof *coid);

    if (coid == NULL)
        return -EAGAIN;
    qnx_lock();
    int number = qnx_table_add(&coids, coid, index & ~(unsigned)_NTO_SIDE_CHANNEL);
    if (number > 0)
        *coid = (struct coid){number | (int)(index & _NTO_SIDE_CHANNEL), link, flags};
    qnx_unlock();
    if (number < 0) {
        free(coid);
        return -EAGAIN;
    }
    return coid->number;
}

int qnx_coid_close(int number)
{
    qnx_lock();
    struct coid *coid = find(number);
    if (coid != NULL)
        qnx_table_remove(&coids, number & ~_NTO_SIDE_CHANNEL);
    qnx_unlock();
    if (coid == NULL)
        return -EINVAL;
    struct link *link = coid->link;
    free(coid);
    qnx_link_drop(link);
    return 0;
}

/* The server of a link has gone: who asked for that is told, for each of its connections. */
void qnx_link_died(int number)
{
    uint32_t place = 0;
    const struct coid *coid;

    qnx_lock();
    struct link *link = qnx_link_find(number);
    struct channel *channel = link != NULL ? qnx_channel_for_obituaries() : NULL;
    if (link != NULL)
        link->dead = true;
    while (channel != NULL && (coid = qnx_table_next(&coids, &place)) != NULL)
        if (coid->link == link && link->obituary != NULL) {
            *link->obituary = (struct pulse){.code = _PULSE_CODE_COIDDEATH, .value = coid->number};
            qnx_pulse_put(channel, link->obituary);
            link->obituary = calloc(1, sizeof *link->obituary);
        }
    qnx_unlock();
}

/* ---- The calls ---- */

QNX_CALL(int, ConnectAttach, (uint32_t nd, pid_t pid, int chid, unsigned index, int flags), nd, pid,
         chid, index, flags)
{
    struct link *link;

    if (nd != ND_LOCAL_NODE || pid < 0 || flags & ~(int)_NTO_COF_CLOEXEC)
        return -EINVAL;
    int status = qnx_link_open(pid, chid, &link);
    if (status < 0)
        return status;
    int coid = qnx_coid_open(link, index, (unsigned)flags);
    if (coid < 0)
        qnx_link_drop(link);
    return coid;
}

/* A server lets go of a client that has disconnected by the same call. */
QNX_CALL(int, ConnectDetach, (int coid), coid)
{
    int status = qnx_coid_close(coid);
    return status < 0 ? qnx_client_let_go(coid) : status;
}

QNX_CALL(int, ConnectFlags, (pid_t pid, int number, unsigned mask, unsigned bits), pid, number,
         mask, bits)
{
    if (pid != 0 && pid != getpid())
        return -ENOTSUP;
    qnx_lock();
    struct coid *coid = find(number);
    int before = coid != NULL ? (int)coid->flags : -EBADF;
    if (coid != NULL && !((mask & bits) & ~_NTO_COF_CLOEXEC))
        coid->flags = (coid->flags & ~mask) | (bits & mask);
    else if (coid != NULL)
        before = -EINVAL;
    qnx_unlock();
    return before;
}

QNX_CALL(int, ConnectServerInfo, (pid_t pid, int number, struct _server_info *info), pid, number,
         info)
{
    if (pid != 0 && pid != getpid())
        return -ENOTSUP;
    qnx_lock();
    const struct coid *coid = find(number);
    if (coid != NULL)
        *info = (struct _server_info){.pid = coid->link->pid,
                                      .chid = coid->link->chid,
                                      .scoid = coid->link->scoid,
                                      .coid = coid->number,
                                      .flags = (int16_t)coid->flags};
    qnx_unlock();
    return coid != NULL ? number : -EINVAL;
}

/* Iris has no users: everybody is the first one. */
QNX_CALL(int, ConnectClientInfo, (int scoid, struct _client_info *info, int groups), scoid, info,
         groups)
{
    qnx_lock();
    const struct client *client = qnx_client_find(scoid);
    if (client != NULL)
        *info = (struct _client_info){.pid = client->pid};
    qnx_unlock();
    (void)groups;
    return client != NULL ? 0 : -EINVAL;
}

/* ---- Pulses go through connections too ---- */

static int send_away(const struct link *link, int priority, int code, int value)
{
    struct iris_message m = {
        .tag = IRIS_TAG(QNX_CONNECTION_LABEL_PULSE, 3),
        .word = {(uint32_t)priority, (uint32_t)code, (uint32_t)value},
    };
    int status;

    if (link->client != NULL)
        status = qnx_pulse_send(link->client, priority, code, value);
    else
        status = qnx_call_briefly(link->pulses, &m);
    return status == -EDEAD || status == -EBADF ? -ESRCH : status;
}

QNX_CALL(int, MsgSendPulse, (int coid, int priority, int code, int value), coid, priority, code,
         value)
{
    struct link *link = qnx_link_hold(coid);

    if (link == NULL)
        return -EBADF;
    if (priority < 0)
        priority = qnx_priority();
    int status = link->dead ? -EBADF : -EINVAL;
    if (!link->dead && code >= INT8_MIN && code <= INT8_MAX)
        status = send_away(link, priority, code, value);
    if (status == -ESRCH)
        link->dead = true;
    qnx_link_drop(link);
    return status;
}
