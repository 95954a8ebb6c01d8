/* SPDX-License-Identifier: MIT */
/*
 * uart: driver of a 16550 on COM1. Both directions are moved by its interrupt, which arrives as a
 * notification on the same port as the clients' calls; an idle line costs no instruction.
 */
#include <iris/calls.h>

#include "device.h"
#include "resident.h"
#include "ring.h"
#include "serial.h" /* generated from serial.idl */
#include "server.h"
#include "service.h"
#include "slots.h"

/* Registers and bits: National Semiconductor PC16550D, section 8. */
enum {
    COM1 = 0x3f8,
    DATA = COM1 + 0, /* divisor's low byte while LINE_DIVISOR is set */
    INTERRUPT_ENABLE = COM1 + 1,
    ENABLE_RECEIVED = 0x01,
    ENABLE_SENDER_EMPTY = 0x02,
    INTERRUPT_CAUSE = COM1 + 2, /* read */
    CAUSE_NONE = 0x01,
    FIFO_CONTROL = COM1 + 2,      /* write */
    FIFO_ON = 0x01 | 0x02 | 0x04, /* enable, clear both */
    FIFO_TRIGGER_8 = 0x80,
    LINE_CONTROL = COM1 + 3,
    LINE_8N1 = 0x03,
    LINE_DIVISOR = 0x80,
    MODEM_CONTROL = COM1 + 4,
    MODEM_READY = 0x01 | 0x02 | 0x08, /* DTR, RTS, and OUT2, which lets interrupts through */
    LINE_STATUS = COM1 + 5,
    STATUS_RECEIVED = 0x01,
    STATUS_FIFO_EMPTY = 0x20,
    STATUS_SENDER_EMPTY = 0x40,
    MODEM_STATUS = COM1 + 6,
    FIFO_SIZE = 16,
};

#define NOTIFY_IRQ 1u

static uint8_t received_bytes[4096], sending_bytes[4096];

static struct {
    struct ring received, sending;
    bool interrupt_when_empty;
    bool was_full;       /* a writer found no room: to be told when there is */
    uint32_t subscriber; /* portal, 0: none */
    uint32_t input_bits, room_bits;
    uint32_t drainer; /* kept caller of `drain`, 0: none */
} uart = {.received = {.data = received_bytes, .size = sizeof received_bytes},
          .sending = {.data = sending_bytes, .size = sizeof sending_bytes}};

/* ---- The device ---- */

/*
 * The last byte leaves the shift register without an interrupt: at most 87 us at 115200 baud, more
 * in an emulator whose host is busy. The limit, some 20 s, is for a line that is broken.
 */
static void wait_for_last_byte(void)
{
    for (int tries = 0; tries < 20000000 && !(device_in(LINE_STATUS) & STATUS_SENDER_EMPTY);
         tries++)
        continue;
}

static void start_device(void)
{
    wait_for_last_byte(); /* of the kernel's early console */
    device_out(INTERRUPT_ENABLE, 0);
    device_out(LINE_CONTROL, LINE_DIVISOR);
    device_out(DATA, 1); /* 115200 baud */
    device_out(DATA + 1, 0);
    device_out(LINE_CONTROL, LINE_8N1);
    device_out(FIFO_CONTROL, FIFO_ON | FIFO_TRIGGER_8);
    device_out(MODEM_CONTROL, MODEM_READY);
    device_in(LINE_STATUS);
    device_in(MODEM_STATUS);
    device_out(INTERRUPT_ENABLE, ENABLE_RECEIVED);
}

static void set_interrupt_when_empty(bool wanted)
{
    if (uart.interrupt_when_empty == wanted)
        return;
    uart.interrupt_when_empty = wanted;
    device_out(INTERRUPT_ENABLE, ENABLE_RECEIVED | (wanted ? ENABLE_SENDER_EMPTY : 0));
}

/* Bytes that find the queue full are lost, as on the wire. */
static void receive(void)
{
    bool any = false;

    while (device_in(LINE_STATUS) & STATUS_RECEIVED) {
        uint8_t byte = device_in(DATA);
        if (ring_room(&uart.received) > 0)
            ring_put(&uart.received, byte);
        any = true;
    }
    if (any && uart.subscriber != 0)
        iris_notify(uart.subscriber, uart.input_bits);
}

static void finish_drain(void)
{
    wait_for_last_byte();
    uint32_t reply = uart.drainer;
    uart.drainer = 0;
    serial_drain_reply(reply, 0);
}

/* The queue is empty and the FIFO took its last bytes: nothing more to be told of. */
static void sending_done(void)
{
    set_interrupt_when_empty(false);
    if (uart.drainer != 0)
        finish_drain();
}

/* Fills the FIFO when it is empty, and asks to be told when it is empty again. */
static void send(void)
{
    if (!(device_in(LINE_STATUS) & STATUS_FIFO_EMPTY)) {
        set_interrupt_when_empty(true);
        return;
    }
    if (ring_used(&uart.sending) == 0) {
        sending_done();
        return;
    }
    for (int i = 0; i < FIFO_SIZE && ring_used(&uart.sending) > 0; i++)
        device_out(DATA, ring_take(&uart.sending));
    set_interrupt_when_empty(true);
    if (uart.was_full && ring_used(&uart.sending) <= uart.sending.size / 2) {
        uart.was_full = false;
        if (uart.subscriber != 0)
            iris_notify(uart.subscriber, uart.room_bits);
    }
}

/* The line is edge-triggered: unless every cause is dealt with, there is no further interrupt. */
static int interrupt(void *context, struct iris_request *rq)
{
    (void)context;
    if (iris_tag_label(rq->message.tag) != IRIS_EVENT_NOTIFY)
        return 0;
    while (!(device_in(INTERRUPT_CAUSE) & CAUSE_NONE)) {
        receive();
        send();
    }
    iris_irq_ack(SERVER_SLOT_IRQ);
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
    while (done < data.length && ring_room(&uart.sending) > 0) {
        uint32_t room = ring_room(&uart.sending);
        int taken = iris_buffer_read(data, done, part, room < sizeof part ? room : sizeof part);
        if (taken <= 0) {
            if (done == 0)
                return taken;
            break; /* the rest comes with the next call */
        }
        for (int i = 0; i < taken; i++)
            ring_put(&uart.sending, part[i]);
        done += (uint32_t)taken;
    }
    uart.was_full = done < data.length;
    send();
    *count = done;
    return 0;
}

static int read_data(void *context, struct iris_request *rq, uint8_t data[200], uint32_t *size)
{
    (void)context;
    (void)rq;
    for (*size = 0; *size < 200 && ring_used(&uart.received) > 0; ++*size)
        data[*size] = ring_take(&uart.received);
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
    if (ring_used(&uart.received) > 0)
        iris_notify(portal, input_bits);
    return 0;
}

static int drain(void *context, struct iris_request *rq)
{
    (void)context;
    if (uart.drainer != 0)
        return -EBUSY;
    if (ring_used(&uart.sending) == 0 && (device_in(LINE_STATUS) & STATUS_FIFO_EMPTY)) {
        wait_for_last_byte();
        return 0;
    }
    int reply = iris_request_keep(rq);
    if (reply < 0)
        return reply;
    uart.drainer = (uint32_t)reply;
    set_interrupt_when_empty(true);
    return IRIS_DEFER;
}

static const struct serial_server operations = {
    .write = write_data, .read = read_data, .subscribe = subscribe, .drain = drain};
static const struct iris_service services[] = {SERIAL_SERVICE(&operations)};
static const struct iris_server server = {
    .port = SERVER_SLOT_PORT, .services = services, .count = 1, .event = interrupt};

int main(void)
{
    iris_resident(0);
    start_device();
    int status = device_bind_interrupt(NOTIFY_IRQ);
    return status < 0 ? -status : -iris_server_run(&server);
}
