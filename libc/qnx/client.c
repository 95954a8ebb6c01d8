/* SPDX-License-Identifier: MIT */
/* Processes that are connected to our channels. */
#include <stdlib.h>

#include <iris/calls.h>
#include <iris/object.h>

#include "qnx.h"
#include "slots.h"

#define ROUND 4096u /* numbers of messages hold the place of their client below this */
#define SEQUENCES (1u << 18)

static struct table clients = {.stamped = true};
static uint64_t sequence; /* of the last message of all */

struct client *qnx_client_find(int scoid) { return qnx_table_find(&clients, scoid); }

/* ---- Numbers of messages ---- */

int qnx_client_next_rcvid(const struct client *client)
{
    int rcvid;

    do
        rcvid = (int)((uint32_t)(++sequence % SEQUENCES) * ROUND + (uint32_t)client->scoid % ROUND);
    while (qnx_message_find(rcvid) != NULL);
    return rcvid;
}

struct client *qnx_client_of_message(int rcvid)
{
    uint32_t place = (uint32_t)rcvid % ROUND;
    struct client *client =
        rcvid > 0 && place < clients.capacity ? clients.entry[place].thing : NULL;

    if (client == NULL)
        return NULL;
    uint64_t age = (uint32_t)((sequence - (uint32_t)rcvid / ROUND) % SEQUENCES);
    return age <= sequence - client->first_message ? client : NULL;
}

/* ---- Coming ---- */

static int make_portals(struct client *client)
{
    int slot = qnx_portal(client->channel->port, (uint32_t)client->scoid,
                          IRIS_RIGHT_CALL | IRIS_RIGHT_COPY, 0);
    if (slot < 0)
        return slot;
    client->messages = (uint32_t)slot;
    slot = qnx_service_portal(SERVICE_BADGE(SERVICE_CONNECTION, client->scoid));
    if (slot < 0)
        return slot;
    client->pulses = (uint32_t)slot;
    return 0;
}

static void destroy(struct client *client)
{
    qnx_watches_end(client, false);
    qnx_portal_end(client->messages);
    qnx_portal_end(client->pulses);
    iris_handle_discard(client->events);
    free(client->farewell);
    struct channel *channel = client->channel;
    free(client);
    qnx_channel_drop(channel);
}

int qnx_client_create(struct channel *channel, pid_t pid, struct client **created)
{
    struct client *client = calloc(1, sizeof *client);
    struct pulse *farewell = calloc(1, sizeof *farewell);

    if (client == NULL || farewell == NULL) {
        free(client);
        free(farewell);
        return -ENOMEM;
    }
    *client =
        (struct client){.channel = channel, .pid = pid, .references = 1, .farewell = farewell};
    qnx_lock();
    int status = channel->dead ? -ESRCH : qnx_table_add(&clients, client, 1);
    client->scoid = status;
    client->first_message = sequence + 1;
    channel->references++;
    qnx_unlock();
    if (status > 0) {
        status = make_portals(client);
        if (status < 0) {
            qnx_lock();
            qnx_table_remove(&clients, client->scoid);
            qnx_unlock();
        }
    }
    if (status < 0) {
        destroy(client);
        return status;
    }
    *created = client;
    return 0;
}

/* ---- Going ---- */

void qnx_client_drop(struct client *client)
{
    if (--client->references != 0)
        return;
    qnx_table_remove(&clients, client->scoid);
    qnx_unlock();
    destroy(client);
    qnx_lock();
}

/* The server has no further use for the record. */
static void release(struct client *client)
{
    if (client->released)
        return;
    client->released = true;
    qnx_client_drop(client);
}

/* Whoever serves one of its messages learns that nobody waits for the answer. */
static void demand_all(struct client *client)
{
    for (struct message *m = client->pending; m != NULL; m = m->next)
        qnx_message_demand(m);
}

void qnx_client_disconnected(struct client *client)
{
    struct channel *channel = client->channel;

    if (client->gone)
        return;
    client->gone = true;
    demand_all(client);
    if (channel->flags & _NTO_CHF_DISCONNECT && !channel->dead) {
        *client->farewell = (struct pulse){.code = _PULSE_CODE_DISCONNECT, .scoid = client->scoid};
        qnx_pulse_put(channel, client->farewell);
        client->farewell = NULL; /* the record stays until the server lets it go */
    } else {
        release(client);
    }
}

void qnx_client_forget(struct client *client)
{
    client->gone = true;
    release(client);
}

void qnx_client_closed(uint32_t badge)
{
    qnx_lock();
    struct client *client = qnx_client_find((int)badge);
    if (client != NULL && client->files)
        qnx_client_disconnected(client);
    qnx_unlock();
}

int qnx_client_let_go(int scoid)
{
    qnx_lock();
    struct client *client = qnx_client_find(scoid);
    bool known = client != NULL && client->gone && !client->released;
    if (known)
        release(client);
    qnx_unlock();
    return known ? 0 : -EINVAL;
}

/* Its senders learn that the channel is gone; what a thread is serving just now it may answer. */
static void end(struct client *client)
{
    struct message *next;

    client->gone = true;
    iris_handle_discard(client->events); /* the client's library sees that */
    client->events = 0;
    for (struct message *m = client->pending; m != NULL; m = next) {
        next = m->next;
        if (m->owner == 0)
            qnx_message_free(m);
    }
    release(client);
}

void qnx_clients_end(struct channel *channel)
{
    struct client *client;
    uint32_t place = 0;

    qnx_lock();
    while ((client = qnx_table_next(&clients, &place)) != NULL)
        if (client->channel == channel)
            end(client);
    qnx_unlock();
}
