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
static int open_other(struct link *link)
{
    char path[40];
    uint32_t entrance, scoid, flags;

    snprintf(path, sizeof path, "local/channel/%d/%d", (int)link->pid, link->chid);
    int status = names_lookup(IRIS_SLOT_NAMES, path, &entrance);
    if (status < 0)
        return -ESRCH;
    int slot = qnx_service_portal(SERVICE_BADGE(SERVICE_LINK, link->number));
    status = slot < 0 ? slot : 0;
    if (status == 0) {
        link->events = (uint32_t)slot;
        status = qnx_channel_connect(entrance, (uint32_t)getpid(), link->events, &scoid, &flags,
                                     &link->messages, &link->pulses);
    }
    iris_handle_discard(entrance);
    if (status < 0)
        return status == -ENOMEM ? -EAGAIN : -ESRCH;
    link->scoid = (int)scoid;
    link->flags = flags;
    return 0;
}

static struct link *find(pid_t pid, int chid)
{
    struct link *link;
    uint32_t place = 0;

    while ((link = qnx_table_next(&links, &place)) != NULL)
        if (link->pid == pid && link->chid == chid && !link->dead && link->ready)
            return link;
    return NULL;
}

static struct link *create(pid_t pid, int chid)
{
    struct link *link = calloc(1, sizeof *link);
    struct pulse *obituary = calloc(1, sizeof *obituary);

    if (link == NULL || obituary == NULL) {
        free(link);
        free(obituary);
        return NULL;
    }
    *link = (struct link){.pid = pid, .chid = chid, .references = 1, .obituary = obituary};
    return link;
}

static int open_new(struct link *link)
{
    qnx_lock();
    link->number = qnx_table_add(&links, link, 1);
    qnx_unlock();
    int status = link->number < 0        ? link->number
                 : link->pid == getpid() ? open_own(link)
                                         : open_other(link);
    if (status < 0) {
        qnx_link_drop(link);
        return status;
    }
    qnx_lock();
    link->ready = true;
    qnx_unlock();
    return 0;
}

int qnx_link_open(pid_t pid, int chid, struct link **opened)
{
    if (pid == 0)
        pid = getpid();
    qnx_lock();
    *opened = find(pid, chid);
    if (*opened != NULL)
        (*opened)->references++;
    qnx_unlock();
    if (*opened != NULL)
        return 0;
    int status = qnx_service_start();
    if (status < 0)
        return status;
    *opened = create(pid, chid);
    return *opened == NULL ? -EAGAIN : open_new(*opened);
}

struct link *qnx_link_find(int number) { return qnx_table_find(&links, number); }
