/* SPDX-License-Identifier: MIT */
/*
 * A driver is a server with an interrupt. This one asks the IDE drives for their names: the command
 * goes out at once, the caller is kept, and the interrupt brings the answer.
 *
 * Root starts it with what boot.conf grants. Started at the prompt, the same program is its client.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <iris/calls.h>
#include <iris/object.h>
#include <iris/summary.h>

#include "device.h"
#include "drive.h" /* generated from drive.idl */
#include "ide.h"
#include "names.h"
#include "server.h"
#include "service.h"
#include "slots.h"

IRIS_SUMMARY("tell the models of the IDE drives; as a server: their driver");

#define MODEL_SIZE 41 /* with the zero byte */

static struct channel {
    uint16_t base, control;
    uint32_t irq;    /* slot */
    uint32_t caller; /* who waits for the answer, 0: nobody */
} channels[DRIVE_CHANNELS] = {
    {.base = 0x1f0, .control = 0x3f6, .irq = SERVER_SLOT_IRQ},
    {.base = 0x170, .control = 0x376, .irq = SERVER_SLOT_IRQ + 1},
};

/* ---- The server ---- */

static int model(void *context, struct iris_request *rq, uint32_t number, char *name)
{
    struct channel *channel = &channels[number];

    (void)context, (void)name;
    if (number >= DRIVE_CHANNELS)
        return -EINVAL;
    if (channel->caller != 0)
        return -EBUSY;
    device_out(channel->base + IDE_DEVICE, IDE_DEVICE_FIRST);
    uint8_t status = device_in(channel->base + IDE_STATUS);
    if (status == 0 || status == IDE_STATUS_ABSENT)
        return -ENOENT;
    int caller = iris_request_keep(rq);
    if (caller < 0)
        return caller;
    channel->caller = (uint32_t)caller;
    device_out(channel->control, IDE_INTERRUPTS_ON);
    device_out(channel->base + IDE_COMMAND, IDE_IDENTIFY_PACKET);
    return IRIS_DEFER;
}

/* All words have to be read; the name is filled up with spaces. */
static void read_model(const struct channel *channel, char name[MODEL_SIZE])
{
    char *end = name;

    for (int i = 0; i < IDE_WORDS; i++) {
        uint16_t word = device_in_16(channel->base + IDE_DATA);
        if (i < IDE_MODEL || i >= IDE_MODEL + IDE_MODEL_WORDS)
            continue;
        *end++ = (char)(word >> 8);
        *end++ = (char)word;
    }
    while (end > name && end[-1] == ' ')
        end--;
    *end = '\0';
}

/* A disk refuses what is meant for CD-ROM drives, and is asked in the other way. */
static void interrupt(struct channel *channel)
{
    char name[MODEL_SIZE] = "";
    uint8_t status = device_in(channel->base + IDE_STATUS); /* the drive takes its request back */

    if (channel->caller == 0)
        return;
    if (status & IDE_STATUS_ERROR) {
        device_out(channel->base + IDE_COMMAND, IDE_IDENTIFY);
    } else if (status & IDE_STATUS_REQUEST) {
        read_model(channel, name);
        drive_model_reply(channel->caller, 0, name);
        channel->caller = 0;
    }
}

static int event(void *context, struct iris_request *rq)
{
    (void)context;
    if (iris_tag_label(rq->message.tag) != IRIS_EVENT_NOTIFY)
        return 0;
    for (uint32_t i = 0; i < DRIVE_CHANNELS; i++)
        if (rq->message.word[0] & 1u << i) {
            interrupt(&channels[i]);
            iris_irq_ack(channels[i].irq);
        }
    return 0;
}

static int serve(void)
{
    static const struct drive_server operations = {.model = model};
    static const struct iris_service services[] = {DRIVE_SERVICE(&operations)};
    static const struct iris_server server = {
        .port = SERVER_SLOT_PORT, .services = services, .count = 1, .event = event};
    int portal = iris_slot_alloc();
    int error = portal < 0 ? portal
                           : iris_portal_create(SERVER_SLOT_PORT, (uint32_t)portal, 0,
                                                IRIS_RIGHT_NOTIFY, (1u << DRIVE_CHANNELS) - 1);
    for (uint32_t i = 0; error == 0 && i < DRIVE_CHANNELS; i++)
        error = iris_irq_bind(channels[i].irq, (uint32_t)portal, 1u << i);
    return error == 0 ? -iris_server_run(&server) : -error;
}

/* ---- The client ---- */

static int ask(void)
{
    char name[MODEL_SIZE];
    uint32_t drive;
    int error = names_lookup(IRIS_SLOT_NAMES, "drive", &drive);

    if (error != 0) {
        printf("identify: no driver: is its boot.conf in the image?\n");
        return 1;
    }
    for (uint32_t i = 0; i < DRIVE_CHANNELS; i++) {
        error = drive_model(drive, i, name);
        printf("channel %u: %s\n", (unsigned)i,
               error == 0         ? name
               : error == -ENOENT ? "no drive"
                                  : strerror(-error));
    }
    iris_handle_discard(drive);
    return 0;
}

/* Servers have a port from root. */
int main(void)
{
    struct iris_handle_info info;
    bool is_server =
        iris_handle_identify(SERVER_SLOT_PORT, 0, &info) == 0 && info.type == IRIS_TYPE_PORT;
    return is_server ? serve() : ask();
}
