/* SPDX-License-Identifier: MIT */
/* Channels that this process is connected to. All connections to one channel share a link. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <iris/calls.h>

#include "names.h"
#include "qnx.h"
#include "qnx_channel.h" /* generated from qnx_channel.idl */
#include "slots.h"

static struct table links = {.stamped = true};

/* ---- Its end ---- */

static void destroy(struct link *link)
{
    if (link->client == NULL) {
        iris_handle_discard(link->messages);
        iris_handle_discard(link->pulses);
    }
    qnx_portal_end(link->events);
    free(link->obituary);
    free(link);
}

void qnx_link_drop(struct link *link)
{
    qnx_lock();
    bool last = --link->references == 0;
    if (last) {
        qnx_table_remove(&links, link->number);
        if (link->client != NULL) {
            qnx_client_disconnected(link->client);
            qnx_client_drop(link->client);
        }
    }
    qnx_unlock();
    if (last)
        destroy(link);
}

/* ---- Its beginning ---- */

/* A channel of this process: both ends of the connection are ours. */
static int open_own(struct link *link)
{
    struct channel *channel = qnx_channel_hold(link->chid);
    if (channel == NULL)
        return -ESRCH;
    int status = qnx_client_create(channel, getpid(), &link->client);
    if (status == 0) {
        link->flags = channel->flags;
        link->messages = link->client->messages;
        link->pulses = link->client->pulses;
        link->scoid = link->client->scoid;
        qnx_lock();
        link->client->references++;
        qnx_unlock();
    }
    qnx_channel_drop(channel);
    return status;
}

/* The channel of another process, which its layer opens for us. */
static int open_other(struct link *link, uint32_t entrance)
{
    uint32_t scoid, flags;
    int slot = qnx_service_portal(SERVICE_BADGE(SERVICE_LINK, link->number));
    if (slot < 0)
        return slot;
    link->events = (uint32_t)slot;
    int status = qnx_channel_connect(entrance, (uint32_t)link->chid, (uint32_t)getpid(),
                                     link->events, &scoid, &flags, &link->messages, &link->pulses);
    if (status < 0)
        return status == -ENOMEM ? -EAGAIN : -ESRCH;
    link->scoid = (int)scoid;
    link->flags = flags;
    return 0;
}

static struct link *find(uint32_t port, int chid)
{
    struct link *link;
    uint32_t place = 0;

    while ((link = qnx_table_next(&links, &place)) != NULL)
        if (link->port == port && link->chid == chid && !link->dead && link->ready)
            return link;
    return NULL;
}

static struct link *create(const struct link *wanted)
{
    struct link *link = malloc(sizeof *link);
    struct pulse *obituary = calloc(1, sizeof *obituary);

    if (link == NULL || obituary == NULL) {
        free(link);
        free(obituary);
        return NULL;
    }
    *link = *wanted;
    link->references = 1;
    link->obituary = obituary;
    return link;
}

static int open_new(struct link *link, uint32_t entrance)
{
    qnx_lock();
    link->number = qnx_table_add(&links, link, 1);
    qnx_unlock();
    int status = link->number < 0                   ? link->number
                 : link->port == qnx_service_port() ? open_own(link)
                                                    : open_other(link, entrance);
    if (status < 0) {
        qnx_link_drop(link);
        return status;
    }
    qnx_lock();
    link->ready = true;
    qnx_unlock();
    return 0;
}

/* `entrance` leads to the layer of the server. */
static int open_at(uint32_t entrance, struct link *wanted, struct link **opened)
{
    qnx_lock();
    *opened = find(wanted->port, wanted->chid);
    if (*opened != NULL)
        (*opened)->references++;
    qnx_unlock();
    if (*opened != NULL)
        return 0;
    *opened = create(wanted);
    return *opened == NULL ? -EAGAIN : open_new(*opened, entrance);
}

/* Who is behind a name; no channel number yet. */
static int look_up(const char *name, uint32_t *entrance, uint32_t *port)
{
    struct iris_handle_info info;
    int status = names_lookup(IRIS_SLOT_NAMES, name, entrance);
    if (status < 0)
        return status;
    status = iris_handle_identify(*entrance, 0, &info);
    *port = info.port;
    if (status < 0)
        iris_handle_discard(*entrance);
    return status;
}

int qnx_link_open(pid_t pid, int chid, struct link **opened)
{
    struct link wanted = {.pid = pid == 0 ? getpid() : pid, .chid = chid};
    char name[40];
    uint32_t entrance = 0;

    int status = qnx_service_start();
    if (status < 0)
        return status;
    snprintf(name, sizeof name, SERVICE_NAME, (int)pid);
    if (wanted.pid == getpid())
        wanted.port = qnx_service_port();
    else if (look_up(name, &entrance, &wanted.port) < 0)
        return -ESRCH;
    status = open_at(entrance, &wanted, opened);
    iris_handle_discard(entrance);
    return status;
}

int qnx_link_open_name(const char *name, struct link **opened)
{
    struct link wanted = {.pid = 0};
    uint32_t entrance, chid = 0;

    int status = qnx_service_start();
    if (status == 0)
        status = look_up(name, &entrance, &wanted.port);
    if (status < 0)
        return status == -EAGAIN ? status : -ENOENT;
    status = qnx_channel_which(entrance, &chid);
    wanted.chid = (int)chid;
    if (status == 0)
        status = open_at(entrance, &wanted, opened);
    iris_handle_discard(entrance);
    return status == -EAGAIN ? status : status < 0 ? -ENOENT : 0;
}

struct link *qnx_link_find(int number) { return qnx_table_find(&links, number); }
