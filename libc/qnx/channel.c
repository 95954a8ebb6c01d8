/* SPDX-License-Identifier: MIT */
/* Channels: ports that others find by process and number. */
#include <stdlib.h>

#include <iris/calls.h>
#include <iris/object.h>

#include "qnx.h"
#include "slots.h"

#define FLAGS_SUPPORTED                                                                            \
    (_NTO_CHF_FIXED_PRIORITY | _NTO_CHF_UNBLOCK | _NTO_CHF_DISCONNECT | _NTO_CHF_SENDER_LEN |      \
     _NTO_CHF_COID_DISCONNECT | _NTO_CHF_REPLY_LEN | _NTO_CHF_PRIVATE)
#define FLAGS_KNOWN                                                                                \
    (FLAGS_SUPPORTED | _NTO_CHF_THREAD_DEATH | _NTO_CHF_NET_MSG | _NTO_CHF_PULSE_POOL |            \
     _NTO_CHF_ASYNC_NONBLOCK | _NTO_CHF_ASYNC | _NTO_CHF_GLOBAL | _NTO_CHF_INHERIT_RUNMASK)

static struct table channels;
static struct iris_mutex lock;

void qnx_lock(void) { iris_mutex_lock(&lock); }

void qnx_unlock(void) { iris_mutex_unlock(&lock); }

struct channel *qnx_channel_hold(int chid)
{
    qnx_lock();
    struct channel *channel = qnx_table_find(&channels, chid);
    if (channel != NULL)
        channel->references++;
    qnx_unlock();
    return channel;
}

void qnx_channel_drop(struct channel *channel)
{
    qnx_lock();
    bool last = --channel->references == 0;
    qnx_unlock();
    if (!last)
        return;
    qnx_pulses_forget(channel);
    qnx_portal_end(channel->own);
    iris_handle_discard(channel->port);
    free(channel);
}

struct channel *qnx_channel_for_obituaries(void)
{
    struct channel *channel;
    uint32_t place = 0;

    while ((channel = qnx_table_next(&channels, &place)) != NULL)
        if (channel->flags & _NTO_CHF_COID_DISCONNECT)
            break;
    return channel;
}

/* ---- Creation ---- */

int qnx_portal(uint32_t port, uint32_t badge, uint32_t rights, uint32_t mask)
{
    int slot = iris_slot_alloc();
    if (slot < 0)
        return slot;
    int status = iris_portal_create(port, (uint32_t)slot, badge, rights, mask);
    if (status < 0)
        iris_slot_free((uint32_t)slot);
    return status < 0 ? status : slot;
}

void qnx_portal_end(uint32_t portal)
{
    if (portal == 0)
        return;
    iris_object_destroy(portal);
    iris_handle_discard(portal);
}

static int make_port(struct channel *channel)
{
    int slot = iris_slot_alloc();
    if (slot < 0)
        return slot;
    channel->port = (uint32_t)slot;
    int status = iris_port_create(channel->port);
    if (status < 0)
        return status;
    slot = qnx_portal(channel->port, 0, IRIS_RIGHT_NOTIFY, 1);
    if (slot < 0)
        return slot;
    channel->own = (uint32_t)slot;
    return 0;
}

static int enter(struct channel *channel)
{
    qnx_lock();
    channel->chid = qnx_table_add(&channels, channel, 1);
    qnx_unlock();
    return channel->chid;
}

QNX_CALL(int, ChannelCreate, (unsigned flags), flags)
{
    if (flags & ~FLAGS_KNOWN)
        return -EINVAL;
    if (flags & ~FLAGS_SUPPORTED)
        return -ENOTSUP;
    int status = qnx_service_start();
    if (status == 0 && !(flags & _NTO_CHF_PRIVATE))
        status = qnx_service_publish();
    if (status < 0)
        return status;
    struct channel *channel = calloc(1, sizeof *channel);
    if (channel == NULL)
        return -EAGAIN;
    channel->flags = flags;
    channel->references = 1;
    status = make_port(channel);
    if (status == 0)
        status = enter(channel);
    if (status < 0)
        qnx_channel_drop(channel);
    return status;
}

/* ---- Destruction ---- */

QNX_CALL(int, ChannelDestroy, (int chid), chid)
{
    qnx_lock();
    struct channel *channel = qnx_table_find(&channels, chid);
    if (channel == NULL) {
        qnx_unlock();
        return -EINVAL;
    }
    qnx_table_remove(&channels, chid);
    channel->dead = true;
    channel->pulses_count++;
    qnx_unlock();
    iris_object_destroy(channel->port); /* its receivers and callers learn it */
    iris_word_rouse_all(&channel->pulses_count);
    qnx_clients_end(channel);
    qnx_channel_drop(channel);
    return 0;
}
