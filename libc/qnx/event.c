/* SPDX-License-Identifier: MIT */
/* Events: delivered here, or sent to the client that asked for them. */
#include <signal.h>
#include <unistd.h>

#include <iris/calls.h>

#include "qnx.h"
#include "qnx_channel.h" /* generated from qnx_channel.idl */
#include "slots.h"
#include "stub.h"

static int check(const struct sigevent *event)
{
    switch (event->sigev_notify) {
    case SIGEV_NONE:
        return 0;
    case SIGEV_PULSE:
        return event->sigev_code >= INT8_MIN && event->sigev_code <= INT8_MAX ? 0 : -EINVAL;
    case SIGEV_SIGNAL:
        return event->sigev_signo > 0 && event->sigev_signo < NSIG ? 0 : -EINVAL;
    default:
        return -ENOTSUP;
    }
}

int qnx_event_deliver(const struct sigevent *event)
{
    int status = check(event);

    if (status < 0)
        return status;
    if (event->sigev_notify == SIGEV_PULSE)
        return MsgSendPulse_r(event->sigev_coid, event->sigev_priority, event->sigev_code,
                              event->sigev_value.sival_int);
    if (event->sigev_notify == SIGEV_SIGNAL)
        return kill(getpid(), event->sigev_signo) < 0 ? -errno : 0;
    return 0;
}

int qnx_event_deliver_here(const struct sigevent *event)
{
    if (event->sigev_notify == SIGEV_PULSE) {
        struct link *link = qnx_link_hold(event->sigev_coid);
        bool own = link != NULL && link->client != NULL;
        if (link != NULL)
            qnx_link_drop(link);
        if (!own)
            return -EINVAL;
    }
    return qnx_event_deliver(event);
}

/* A handle of one's own to the client's library, so that it can be called without the lock. */
static int reach(int rcvid, uint32_t *handle, bool *own)
{
    qnx_lock();
    struct client *client = qnx_client_of_message(rcvid);
    if (client == NULL)
        client = qnx_client_find(rcvid);
    int slot = client == NULL || client->gone ? -ESRCH : 0;
    if (slot == 0 && client->files) {
        qnx_watches_end(client, true); /* what poll has asked for, whatever the event says */
        qnx_unlock();
        return 0;
    }
    *own = slot == 0 && client->events == 0;
    if (slot == 0 && !*own) {
        slot = iris_slot_alloc();
        int status = slot < 0 ? slot
                              : iris_handle_copy(client->events, 0, (uint32_t)slot,
                                                 IRIS_RIGHT_CALL | IRIS_RIGHT_COPY);
        if (slot > 0 && status < 0) {
            iris_slot_free((uint32_t)slot);
            slot = -ESRCH;
        }
    }
    qnx_unlock();
    *handle = slot > 0 ? (uint32_t)slot : 0;
    return slot < 0 ? slot : 0;
}

static int deliver_away(uint32_t handle, const struct sigevent *event)
{
    struct iris_cursor cursor = iris_cursor_write();
    struct iris_message m;

    iris_put_i32(&cursor, event->sigev_notify);
    iris_put_i32(&cursor, event->sigev_signo);
    iris_put_i32(&cursor, event->sigev_value.sival_int);
    iris_put_i32(&cursor, event->sigev_code);
    iris_put_i32(&cursor, event->sigev_priority);
    iris_cursor_send(&cursor, &m, QNX_CLIENT_LABEL_DELIVER, 0, 0);
    return qnx_call_briefly(handle, &m);
}

int MsgDeliverEvent_r(int rcvid, const struct sigevent *event)
{
    uint32_t handle = 0;
    bool own = rcvid == 0;

    if (iris_buffer_present(event, sizeof *event, false) < 0)
        return -EFAULT;
    int status = check(event);
    if (status == 0 && rcvid != 0)
        status = reach(rcvid, &handle, &own);
    if (status < 0 || own)
        return status < 0 ? status : qnx_event_deliver(event);
    if (handle == 0) /* poll's */
        return 0;
    status = deliver_away(handle, event);
    iris_handle_discard(handle);
    return status == -EDEAD || status == -EBADF ? -ESRCH : status;
}

int MsgVerifyEvent_r(int rcvid, const struct sigevent *event)
{
    uint32_t handle = 0;
    bool own = false;

    if (iris_buffer_present(event, sizeof *event, false) < 0)
        return -EFAULT;
    int status = check(event);
    if (status == 0 && rcvid != 0)
        status = reach(rcvid, &handle, &own);
    iris_handle_discard(handle);
    return status;
}
