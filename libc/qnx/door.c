/* SPDX-License-Identifier: MIT */
/*
 * The layer's own thread. It serves a port of its own, at which other processes connect to our
 * channels, send pulses, deliver events and ask for their messages back, and where the kernel tells
 * that they are gone. So none of that waits for the program to receive. It runs on its callers'
 * time and calls nobody who might be waiting for it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <iris/calls.h>

#include "../service.h"
#include "../sigevent.h"
#include "names.h"
#include "qnx.h"
#include "qnx_channel.h" /* generated from qnx_channel.idl */
#include "server.h"
#include "slots.h"
#include "stub.h"
#include "thread.h"

static uint32_t port;
static struct iris_thread thread;
static struct iris_handle_info port_info;

static uint32_t number_of(const struct iris_request *rq)
{
    return iris_request_badge(rq) & ~SERVICE_BADGE(3, 0);
}

/* ---- Connecting ---- */

static int give(const struct client *client, struct iris_handle_out *messages,
                struct iris_handle_out *pulses)
{
    int status = iris_portal_give(client->messages, IRIS_RIGHT_CALL, messages);
    if (status < 0)
        return status;
    status = iris_portal_give(client->pulses, IRIS_RIGHT_CALL, pulses);
    if (status < 0)
        iris_handle_discard(messages->slot);
    return status;
}

static int which(void *context, struct iris_request *rq, uint32_t *chid)
{
    (void)context;
    *chid = number_of(rq);
    return 0;
}

/* A channel with a name is in its portal; by number one gets those that are not private. */
static struct channel *find_channel(const struct iris_request *rq, uint32_t chid)
{
    uint32_t named = number_of(rq);
    struct channel *channel = qnx_channel_hold((int)(named != 0 ? named : chid));

    if (channel != NULL && named == 0 && channel->flags & _NTO_CHF_PRIVATE) {
        qnx_channel_drop(channel);
        return NULL;
    }
    return channel;
}

static int connect(void *context, struct iris_request *rq, uint32_t chid, uint32_t pid,
                   uint32_t events, uint32_t *scoid, uint32_t *flags,
                   struct iris_handle_out *messages, struct iris_handle_out *pulses)
{
    struct channel *channel = find_channel(rq, chid);
    struct client *client = NULL;

    (void)context;
    if (channel == NULL)
        return -ENOENT;
    int status = qnx_client_create(channel, (pid_t)pid, &client);
    if (status == 0) {
        status = give(client, messages, pulses);
        qnx_lock();
        if (status == 0)
            client->events = iris_request_claim(rq, events);
        else
            qnx_client_disconnected(client);
        qnx_unlock();
    }
    if (status == 0) {
        *scoid = (uint32_t)client->scoid;
        *flags = channel->flags;
    }
    qnx_channel_drop(channel);
    return status;
}

/* ---- Pulses and events ---- */

static int pulse(void *context, struct iris_request *rq, int32_t priority, int32_t code,
                 int32_t value)
{
    (void)context;
    if (code < INT8_MIN || code > INT8_MAX)
        return -EINVAL;
    qnx_lock();
    struct client *client = qnx_client_find((int)number_of(rq));
    if (client != NULL)
        client->references++;
    qnx_unlock();
    if (client == NULL)
        return -EDEAD;
    int status = qnx_pulse_send(client, priority, code, value);
    qnx_lock();
    qnx_client_drop(client);
    qnx_unlock();
    return status;
}

static int deliver_thread(void *context, struct iris_request *rq, const struct qnx_event *wire,
                          int32_t tid)
{
    struct sigevent event = {.sigev_notify = wire->notify,
                             .sigev_signo = wire->target,
                             .sigev_value = {.sival_int = wire->value}};

    (void)context;
    (void)rq;
    if (wire->notify == SIGEV_THREAD) /* a server would choose which of our functions to run */
        return -EINVAL;
    event.sigev_code = (short)wire->code;
    event.sigev_priority = (short)wire->priority;
    int status = event_check(&event);
    if (status == 0)
        status = qnx_event_deliver(&event, tid);
    return status == -ESRCH ? -ENOENT : status;
}

static int deliver(void *context, struct iris_request *rq, const struct qnx_event *wire)
{
    return deliver_thread(context, rq, wire, 0);
}

/* ---- A client wants its message back ---- */

static struct message *find_token(struct client *client, uint32_t token)
{
    struct message *message = client != NULL ? client->pending : NULL;

    while (message != NULL && message->token != token)
        message = message->next;
    return message;
}

/* Its new call takes the place of the old one, whose right to reply is void; so the program answers
   the new one, under the rcvid it knows. False: there is no such message, `m` is the answer. */
static bool replace(struct iris_message *m)
{
    const struct iris_cursor cursor = iris_cursor_read(m);
    int slot = iris_tag_words(m->tag) == WIRE_WORDS ? iris_slot_alloc() : -EINVAL;

    qnx_lock();
    struct client *client = qnx_client_find((int)(m->badge & ~SERVICE_BADGE(3, 0)));
    struct message *message = slot > 0 ? find_token(client, cursor.utcb->words[WIRE_TOKEN]) : NULL;
    bool kept = message != NULL && iris_tag_buffers(m->tag) == message->buffers &&
                iris_ipc_keep((uint32_t)slot) == 0;
    if (kept) {
        iris_handle_discard(message->reply);
        message->owner = 0; /* it has no such caller any more */
        message->reply = (uint32_t)slot;
        qnx_message_demand(message);
    }
    qnx_unlock();
    if (!kept && slot > 0)
        iris_slot_free((uint32_t)slot);
    *m = (struct iris_message){.tag = IRIS_TAG(WIRE_ERROR, 1), .word = {ESRCH}};
    return kept;
}

/* ---- The loop ---- */

/* interrupt.c, only in programs that have some. */
#pragma weak qnx_interrupts_arrived

static int event(void *context, struct iris_request *rq)
{
    int number = (int)number_of(rq);

    (void)context;
    if (iris_tag_label(rq->message.tag) == IRIS_EVENT_NOTIFY && qnx_interrupts_arrived != NULL) {
        qnx_interrupts_arrived(rq->message.word[0]);
        return 0;
    }
    if (iris_tag_label(rq->message.tag) != IRIS_EVENT_DISCONNECT)
        return -EINVAL;
    switch (iris_request_badge(rq) >> 30) {
    case SERVICE_CONNECTION:
        qnx_lock();
        struct client *client = qnx_client_find(number);
        if (client != NULL)
            qnx_client_disconnected(client);
        qnx_unlock();
        break;
    case SERVICE_LINK:
        qnx_link_died(number);
        break;
    default:
        break;
    }
    return 0;
}

static const struct qnx_channel_server channel_operations = {.which = which, .connect = connect};
static const struct qnx_connection_server connection_operations = {.pulse = pulse};
static const struct qnx_client_server client_operations = {.deliver = deliver,
                                                           .deliver_thread = deliver_thread};
static const struct iris_service services[] = {
    [SERVICE_CHANNEL] = QNX_CHANNEL_SERVICE(&channel_operations),
    [SERVICE_CONNECTION] = QNX_CONNECTION_SERVICE(&connection_operations),
    [SERVICE_LINK] = QNX_CLIENT_SERVICE(&client_operations)};

static int locate(void *context, uint32_t badge, struct iris_target *target)
{
    (void)context;
    if (badge >> 30 > SERVICE_LINK)
        return -EBADF;
    target->services = &services[badge >> 30];
    target->count = 1;
    return 0;
}

static bool serve(const struct iris_server *server, struct iris_request *rq)
{
    uint32_t tag = rq->message.tag;
    bool back = !(tag & IRIS_TAG_KERNEL) && iris_tag_label(tag) == WIRE_UNBLOCK &&
                iris_tag_handles(tag) == 0 && rq->message.badge >> 30 == SERVICE_CONNECTION;

    return back ? !replace(&rq->message) : iris_server_serve(server, rq);
}

static int run(void *unused)
{
    const struct iris_server server = {
        .port = port, .services = services, .count = 3, .locate = locate, .event = event};
    struct iris_request rq;
    int status = iris_server_begin(&server);

    (void)unused;
    if (status == 0)
        status = iris_ipc_wait(&rq.message);
    while (status == 0)
        status =
            serve(&server, &rq) ? iris_ipc_reply_and_wait(&rq.message) : iris_ipc_wait(&rq.message);
    return status;
}

static uint32_t entrance; /* portal: where others find all our channels */

static void path_of(char path[40]) { snprintf(path, 40, SERVICE_NAME, (int)getpid()); }

/* The name service would notice by itself, but not at once. */
static void withdraw(void)
{
    char path[40];

    path_of(path);
    names_unregister(IRIS_SLOT_NAMES, path, entrance);
}

/* Who may not register names has channels for itself and for whom it gives a connection. */
static int publish(void)
{
    char path[40];
    int slot = qnx_service_portal(SERVICE_BADGE(SERVICE_CHANNEL, 0));
    if (slot < 0)
        return slot;
    path_of(path);
    int status = names_register(IRIS_SLOT_NAMES, path, (uint32_t)slot);
    if (status < 0) {
        qnx_portal_end((uint32_t)slot);
        return status == -EPERM ? 0 : status;
    }
    entrance = (uint32_t)slot;
    return atexit(withdraw) == 0 ? 0 : -ENOMEM;
}

static struct iris_mutex starting;

int qnx_service_publish(void)
{
    iris_mutex_lock(&starting);
    int status = entrance != 0 ? 0 : publish();
    iris_mutex_unlock(&starting);
    return status;
}

/* ---- Starting ---- */

static int start(void)
{
    int slot = service_make_port();
    if (slot < 0)
        return slot;
    port = (uint32_t)slot;
    int status = service_launch(&thread, run);
    if (status == 0)
        status = iris_handle_identify(port, 0, &port_info);
    if (status < 0) {
        iris_handle_discard(port);
        port = 0;
    }
    return status == -ENOMEM ? -EAGAIN : status;
}

int qnx_service_start(void)
{
    iris_mutex_lock(&starting);
    int status = port != 0 ? 0 : start();
    iris_mutex_unlock(&starting);
    return status;
}

uint32_t qnx_service_port(void) { return port_info.object; }

int qnx_service_portal(uint32_t badge)
{
    return qnx_portal(port, badge, IRIS_RIGHT_CALL | IRIS_RIGHT_COPY, 0);
}

int qnx_service_bell(uint32_t bits) { return qnx_portal(port, 0, IRIS_RIGHT_NOTIFY, bits); }
