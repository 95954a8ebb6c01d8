/* SPDX-License-Identifier: MIT */
#include "line.h"

#include <stddef.h>

#include <iris/calls.h>
#include <iris/ipc.h>

#include "device.h"
#include "resident.h"
#include "service.h"
#include "thread.h"

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
#define NOTIFY_SEND 2u
#define STACK_BYTES 8192u

static uint8_t received_bytes[4096], sending_bytes[4096];

struct line line = {.received = {.data = received_bytes, .size = sizeof received_bytes},
                    .sending = {.data = sending_bytes, .size = sizeof sending_bytes}};

static struct {
    bool interrupt_when_empty; /* the sender works; who puts a byte need not start it */
    bool wants_room, wants_end;
    uint32_t server; /* portal: what the server is told */
    uint32_t own;    /* portal: what the thread is told */
    struct iris_thread thread;
} mover;

/* ---- The device ---- */

/*
 * The last byte leaves the shift register without an interrupt: at most 87 us at 115200 baud, more
 * in an emulator whose host is busy. The limit, some 20 s, is for a line that is broken.
 */
void line_wait_for_last_byte(void)
{
    for (int tries = 0; tries < 20000000 && !(device_in(LINE_STATUS) & STATUS_SENDER_EMPTY);
         tries++)
        continue;
}

static void start_device(void)
{
    line_wait_for_last_byte(); /* of the kernel's early console */
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
    if (mover.interrupt_when_empty == wanted)
        return;
    __atomic_store_n(&mover.interrupt_when_empty, wanted, __ATOMIC_SEQ_CST);
    device_out(INTERRUPT_ENABLE, ENABLE_RECEIVED | (wanted ? ENABLE_SENDER_EMPTY : 0));
}

/* ---- The thread ---- */

/* Bytes that find the queue full are lost, as on the wire. */
static void receive(void)
{
    bool any = false;

    while (device_in(LINE_STATUS) & STATUS_RECEIVED) {
        uint8_t byte = device_in(DATA);
        if (ring_room(&line.received) > 0)
            ring_put(&line.received, byte);
        any = true;
    }
    if (any)
        iris_notify(mover.server, LINE_INPUT);
}

static void tell_once(bool *wanted, uint32_t bit)
{
    if (__atomic_exchange_n(wanted, false, __ATOMIC_SEQ_CST))
        iris_notify(mover.server, bit);
}

/* The queue is empty and the FIFO took its last bytes. False: the server was quicker. */
static bool sending_ends(void)
{
    if (ring_used(&line.sending) > 0)
        return false;
    set_interrupt_when_empty(false);
    if (ring_used(&line.sending) > 0)
        return false;
    tell_once(&mover.wants_end, LINE_SENT);
    return true;
}

/* Fills the FIFO when it is empty, and asks to be told when it is empty again. */
static void send(void)
{
    if (!(device_in(LINE_STATUS) & STATUS_FIFO_EMPTY)) {
        set_interrupt_when_empty(true);
        return;
    }
    if (sending_ends())
        return;
    for (int i = 0; i < FIFO_SIZE && ring_used(&line.sending) > 0; i++)
        device_out(DATA, ring_take(&line.sending));
    set_interrupt_when_empty(true);
    if (ring_used(&line.sending) <= line.sending.size / 2)
        tell_once(&mover.wants_room, LINE_ROOM);
}

/* The line is edge-triggered: unless every cause is dealt with, there is no further interrupt. */
static void interrupt(void)
{
    while (!(device_in(INTERRUPT_CAUSE) & CAUSE_NONE)) {
        receive();
        send();
    }
    iris_irq_ack(SERVER_SLOT_IRQ);
}

static int move_bytes(void *unused)
{
    struct iris_message m;
    int status = iris_port_bind(SERVER_SLOT_INTERRUPT);

    (void)unused;
    iris_resident_stack(STACK_BYTES / 2);
    while (status == 0 && (status = iris_ipc_wait(&m)) == 0) {
        if (m.word[0] & NOTIFY_SEND)
            send();
        if (m.word[0] & NOTIFY_IRQ)
            interrupt();
    }
    return status;
}

/* ---- For the server ---- */

int line_start(uint32_t server)
{
    static const struct iris_thread_options options = {.stack = STACK_BYTES,
                                                       .priority = IRIS_THREAD_PRIORITY_SAME};

    mover.server = server;
    start_device();
    int own = device_portal(SERVER_SLOT_INTERRUPT, NOTIFY_IRQ | NOTIFY_SEND);
    if (own < 0)
        return own;
    mover.own = (uint32_t)own;
    int status = iris_irq_bind(SERVER_SLOT_IRQ, mover.own, NOTIFY_IRQ);
    return status < 0 ? status : iris_thread_launch(&mover.thread, move_bytes, NULL, &options);
}

void line_send(void)
{
    if (!__atomic_load_n(&mover.interrupt_when_empty, __ATOMIC_SEQ_CST))
        iris_notify(mover.own, NOTIFY_SEND);
}

bool line_want_room(void)
{
    __atomic_store_n(&mover.wants_room, true, __ATOMIC_SEQ_CST);
    return ring_used(&line.sending) > line.sending.size / 2 ||
           !__atomic_exchange_n(&mover.wants_room, false, __ATOMIC_SEQ_CST);
}

void line_want_end(void)
{
    __atomic_store_n(&mover.wants_end, true, __ATOMIC_SEQ_CST);
    iris_notify(mover.own, NOTIFY_SEND);
}
