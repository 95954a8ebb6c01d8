/* SPDX-License-Identifier: MIT */
/*
 * uart: driver of a 16550 on COM1: this is its server, line.c moves the bytes. An idle line costs
 * no instruction.
 */
#include <iris/calls.h>

#include "device.h"
#include "line.h"
#include "resident.h"
#include "serial.h" /* generated from serial.idl */
#include "server.h"
#include "service.h"

static struct {
    uint32_t subscriber; /* portal, 0: none */
    uint32_t input_bits, room_bits;
    uint32_t drainer; /* kept caller of `drain`, 0: none */
} uart;

static void tell_subscriber(uint32_t bits)
{
    if (uart.subscriber != 0 && bits != 0)
        iris_notify(uart.subscriber, bits);
}

static void finish_drain(void)
{
    line_wait_for_last_byte();
    uint32_t reply = uart.drainer;
    uart.drainer = 0;
    serial_drain_reply(reply, 0);
}

static int event(void *context, struct iris_request *rq)
{
    uint32_t bits = rq->message.word[0];

    (void)context;
    if (iris_tag_label(rq->message.tag) != IRIS_EVENT_NOTIFY)
        return 0;
    tell_subscriber((bits & LINE_INPUT ? uart.input_bits : 0) |
                    (bits & LINE_ROOM ? uart.room_bits : 0));
    if ((bits & LINE_SENT) && uart.drainer != 0)
        finish_drain();
    return 0;
}

/* ---- The interface ---- */

static int write_data(void *context, struct iris_request *rq, struct iris_buffer_ref data,
                      uint32_t *count)
{
    uint8_t part[256];
    uint32_t done = 0;

    (void)context;
    (void)rq;
    while (done < data.length && ring_room(&line.sending) > 0) {
        uint32_t room = ring_room(&line.sending);
        int taken = iris_buffer_read(data, done, part, room < sizeof part ? room : sizeof part);
        if (taken <= 0) {
            if (done == 0)
                return taken;
            break; /* the rest comes with the next call */
        }
        for (int i = 0; i < taken; i++)
            ring_put(&line.sending, part[i]);
        done += (uint32_t)taken;
    }
    line_send();
    if (done < data.length && !line_want_room())
        tell_subscriber(uart.room_bits);
    *count = done;
    return 0;
}

static int read_data(void *context, struct iris_request *rq, uint8_t data[200], uint32_t *size)
{
    (void)context;
    (void)rq;
    for (*size = 0; *size < 200 && ring_used(&line.received) > 0; ++*size)
        data[*size] = ring_take(&line.received);
    return 0;
}

static int subscribe(void *context, struct iris_request *rq, uint32_t portal, uint32_t input_bits,
                     uint32_t room_bits)
{
    (void)context;
    if (uart.subscriber != 0)
        iris_handle_discard(uart.subscriber);
    uart.subscriber = iris_request_claim(rq, portal);
    uart.input_bits = input_bits;
    uart.room_bits = room_bits;
    if (ring_used(&line.received) > 0)
        iris_notify(portal, input_bits);
    return 0;
}

static int drain(void *context, struct iris_request *rq)
{
    (void)context;
    if (uart.drainer != 0)
        return -EBUSY;
    int reply = iris_request_keep(rq);
    if (reply < 0)
        return reply;
    uart.drainer = (uint32_t)reply;
    line_want_end();
    return IRIS_DEFER;
}

static const struct serial_server operations = {
    .write = write_data, .read = read_data, .subscribe = subscribe, .drain = drain};
static const struct iris_service services[] = {SERIAL_SERVICE(&operations)};
static const struct iris_server server = {
    .port = SERVER_SLOT_PORT, .services = services, .count = 1, .event = event};

int main(void)
{
    iris_resident(0);
    int told = device_own_portal(LINE_INPUT | LINE_ROOM | LINE_SENT);
    int status = told < 0 ? told : line_start((uint32_t)told);
    return status < 0 ? -status : -iris_server_run(&server);
}
