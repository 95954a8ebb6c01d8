/* SPDX-License-Identifier: MIT */
/* Events: delivered here, or sent to the client that asked for them. */
#include <signal.h>
#include <unistd.h>

#include <iris/calls.h>

#include "../sigevent.h"
#include "qnx.h"
#include "qnx_channel.h" /* generated from qnx_channel.idl */
#include "slots.h"
#include "stub.h"

/* ---- In this process ---- */

/* Pulses by a thread of the library's go to channels of this process: what waits for them must not
   have to wait for another process. */
int qnx_event_pulse_check(const struct sigevent *event)
{
    struct link *link = qnx_link_hold(event->sigev_coid);
    bool own = link != NULL && link->client != NULL;

    if (link != NULL)
        qnx_link_drop(link);
    return own && event->sigev_code >= INT8_MIN && event->sigev_code <= INT8_MAX ? 0 : -EINVAL;
}

static int send_pulse(const struct sigevent *event)
{
    return MsgSendPulse_r(event->sigev_coid, event->sigev_priority, event->sigev_code,
                          event->sigev_value.sival_int);
}

int qnx_event_pulse(const struct sigevent *event)
{
    int status = qnx_event_pulse_check(event);
    return status < 0 ? status : send_pulse(event);
}

int qnx_event_deliver(const struct sigevent *event, int tid)
{
    const siginfo_t info = {.si_code = SI_USER, .si_pid = getpid()};
    return event_deliver(event, &info, tid);
}

/* ---- Of a client ---- */

/* The connection of a pulse is the client's, so only the client can look at it. */
static int check(const struct sigevent *event)
{
    if (event->sigev_notify == SIGEV_PULSE)
        return event->sigev_code >= INT8_MIN && event->sigev_code <= INT8_MAX ? 0 : -EINVAL;
    return event->sigev_notify == SIGEV_THREAD ? -ENOTSUP : event_check(event);
}

static bool is_for_thread(const struct sigevent *event)
{
    return event->sigev_notify == SIGEV_SIGNAL_THREAD || event->sigev_notify == SIGEV_INTR;
}

/* Where an event goes. */
struct target {
    bool own;        /* this process */
    uint32_t handle; /* of another one's library */
    int tid;         /* who asked, while the message is not answered; 0 */
};

/* A handle of one's own to the client's library, so that it can be called without the lock. */
static int reach(int rcvid, struct target *target)
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
    const struct message *message = qnx_message_find(rcvid);
    target->tid = message != NULL ? message->thread : 0;
    target->own = slot == 0 && client->events == 0;
    if (slot == 0 && !target->own) {
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
    target->handle = slot > 0 ? (uint32_t)slot : 0;
    return slot < 0 ? slot : 0;
}

static int deliver_away(const struct target *target, const struct sigevent *event)
{
    struct iris_cursor cursor = iris_cursor_write();
    struct iris_message m;
    bool to_thread = is_for_thread(event);

    iris_put_i32(&cursor, event->sigev_notify);
    iris_put_i32(&cursor, event->sigev_signo);
    iris_put_i32(&cursor, event->sigev_value.sival_int);
    iris_put_i32(&cursor, event->sigev_code);
    iris_put_i32(&cursor, event->sigev_priority);
    if (to_thread)
        iris_put_i32(&cursor, target->tid);
    iris_cursor_send(&cursor, &m,
                     to_thread ? QNX_CLIENT_LABEL_DELIVER_THREAD : QNX_CLIENT_LABEL_DELIVER, 0, 0);
    int status = qnx_call_briefly(target->handle, &m);
    iris_handle_discard(target->handle);
    return status == -EDEAD || status == -EBADF || status == -ENOENT ? -ESRCH : status;
}

QNX_CALL(int, MsgDeliverEvent, (int rcvid, const struct sigevent *event), rcvid, event)
{
    struct target target = {.own = rcvid == 0};

    if (iris_buffer_present(event, sizeof *event, false) < 0)
        return -EFAULT;
    int status = check(event);
    if (status == 0 && rcvid != 0)
        status = reach(rcvid, &target);
    else
        target.tid = qnx_tid();
    if (status < 0)
        return status;
    if (target.own)
        return event->sigev_notify == SIGEV_PULSE ? send_pulse(event)
                                                  : qnx_event_deliver(event, target.tid);
    return target.handle == 0 ? 0 /* poll's */ : deliver_away(&target, event);
}

QNX_CALL(int, MsgVerifyEvent, (int rcvid, const struct sigevent *event), rcvid, event)
{
    struct target target = {.own = false};

    if (iris_buffer_present(event, sizeof *event, false) < 0)
        return -EFAULT;
    int status = check(event);
    if (status == 0 && rcvid != 0)
        status = reach(rcvid, &target);
    iris_handle_discard(target.handle);
    return status;
}
