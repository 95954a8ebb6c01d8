/* SPDX-License-Identifier: MIT */
/* Pulses that wait at a channel: by priority, then first come. */
#include <stdlib.h>

#include <iris/calls.h>

#include "qnx.h"

void qnx_pulse_put(struct channel *channel, struct pulse *pulse)
{
    struct pulse **place = &channel->pulses;

    while (*place != NULL && (*place)->priority >= pulse->priority)
        place = &(*place)->next;
    pulse->next = *place;
    *place = pulse;
    channel->pulses_count++;
    iris_notify(channel->own, 1);
    iris_word_rouse(&channel->pulses_count);
}

struct pulse *qnx_pulse_take(struct channel *channel)
{
    qnx_lock();
    struct pulse *pulse = channel->pulses;
    if (pulse != NULL) {
        channel->pulses = pulse->next;
        struct client *client = pulse->counted ? qnx_client_find(pulse->scoid) : NULL;
        if (client != NULL && client->pulses_waiting > 0)
            client->pulses_waiting--;
    }
    /* One notification may stand for several pulses, and this thread takes one of them. */
    if (channel->pulses != NULL)
        iris_notify(channel->own, 1);
    qnx_unlock();
    return pulse;
}

int qnx_pulse_send(struct client *client, int priority, int code, int value)
{
    struct pulse *pulse = malloc(sizeof *pulse);

    if (pulse == NULL)
        return -EAGAIN;
    /* The layer's own, as dispatch's, are few, and must not be lost to a program's flood. */
    bool counted = client->events != 0 || code >= 0;
    *pulse = (struct pulse){.priority = priority,
                            .code = code,
                            .value = value,
                            .scoid = client->scoid,
                            .counted = counted};
    qnx_lock();
    bool full = counted && client->pulses_waiting >= PULSES_OF_CLIENT_MAX;
    int status = client->channel->dead ? -EDEAD : full ? -EAGAIN : 0;
    if (status == 0) {
        client->pulses_waiting += counted;
        qnx_pulse_put(client->channel, pulse);
    }
    qnx_unlock();
    if (status < 0)
        free(pulse);
    return status;
}

void qnx_pulses_forget(struct channel *channel)
{
    while (channel->pulses != NULL) {
        struct pulse *next = channel->pulses->next;
        free(channel->pulses);
        channel->pulses = next;
    }
}
