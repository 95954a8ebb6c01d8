/* SPDX-License-Identifier: MIT */
/*
 * A driver whose device is the real-time clock, which interrupts 1,024 times a second. Runs as a
 * server, with the interrupt line and the ports that tests/bench/test_interrupts.py gives it in
 * boot.conf. What lies between the interrupt and the mark is counted by the plugin there.
 */
#include <iris/calls.h>
#include <iris/summary.h>

#include "bench_mark.h"
#include "bench_port.h"
#include "kit.h"
#include "service.h"

IRIS_SUMMARY("benchmark: from interrupt to driver (runs as a server)");

#define INDEX 0x70 /* MC146818 data sheet */
#define DATA 0x71
#define CONTROL_B 0x0b
#define CONTROL_C 0x0c
#define PERIODIC 0x40
#define INTERRUPTS 400

static uint8_t clock_read(uint8_t index)
{
    bench_port_write(INDEX, index);
    return bench_port_read(DATA);
}

static void clock_write(uint8_t index, uint8_t value)
{
    bench_port_write(INDEX, index);
    bench_port_write(DATA, value);
}

static void clock_periodic(bool on)
{
    uint8_t control = clock_read(CONTROL_B) & (uint8_t)~PERIODIC;

    clock_write(CONTROL_B, on ? control | PERIODIC : control);
    clock_read(CONTROL_C); /* forgets what was pending */
}

int main(void)
{
    struct iris_message m;
    uint32_t portal = kit_slot();
    unsigned interrupts = 0;

    iris_port_bind(SERVER_SLOT_PORT);
    int error = iris_portal_create(SERVER_SLOT_PORT, portal, 1, IRIS_RIGHT_NOTIFY, 1);
    if (error == 0)
        error = iris_irq_bind(SERVER_SLOT_IRQ, portal, 1);
    if (error == 0) {
        clock_periodic(true);
        error = iris_ipc_wait(&m);
    }
    while (error == 0) {
        if (m.tag & IRIS_TAG_KERNEL) {
            BENCH_END(0);
            clock_read(CONTROL_C);
            if (++interrupts == INTERRUPTS)
                clock_periodic(false);
            iris_irq_ack(SERVER_SLOT_IRQ);
            error = iris_ipc_wait(&m);
        } else { /* root asks whether it lives */
            m.tag = IRIS_TAG(0, 0);
            error = iris_ipc_reply_and_wait(&m);
        }
    }
    return -error;
}
