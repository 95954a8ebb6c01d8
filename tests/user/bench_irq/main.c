/* SPDX-License-Identifier: MIT */
/*
 * A driver whose device is the real-time clock, which interrupts 1,024 times a second. Runs as a
 * server, with the interrupt line and the ports that tests/bench/test_interrupts.py gives it in
 * boot.conf. Half of the interrupts come while the processor is idle, half while another thread of
 * lower priority computes. What lies between the interrupt and the mark is counted by the plugin
 * there. Root's question is answered in the end, so nothing else happens meanwhile.
 */
#include <iris/calls.h>
#include <iris/summary.h>

#include <stddef.h>

#include "bench_mark.h"
#include "kit.h"
#include "rtc_chip.h"
#include "service.h"

IRIS_SUMMARY("benchmark: from interrupt to driver (runs as a server)");

#define INTERRUPTS 50 /* of each half */

static volatile uint32_t stop;

static void compute(void *unused)
{
    (void)unused;
    while (!stop)
        continue;
}

static int take_interrupts(void)
{
    struct iris_message m;
    int error = 0;

    rtc_periodic(true);
    for (unsigned i = 0; i < INTERRUPTS && error == 0; i++) {
        error = iris_ipc_wait(&m);
        BENCH_END(0);
        rtc_get(RTC_CONTROL_C);
        if (i == INTERRUPTS - 1)
            rtc_periodic(false);
        iris_irq_ack(SERVER_SLOT_IRQ);
    }
    return error;
}

static int take_all(void)
{
    static struct bare other;
    int error = take_interrupts();

    if (error == 0)
        error = bare_create(&other, 0, BARE_UTCB_FIRST);
    if (error == 0)
        error = iris_thread_schedule(other.handle, 1, 0, 0, 0, 0);
    if (error == 0)
        error = bare_start(&other, compute, NULL);
    if (error == 0)
        error = take_interrupts();
    stop = 1;
    bare_end(&other);
    return error;
}

int main(void)
{
    struct iris_message m;
    struct rig rig;
    int error = rig_make(&rig, 1, 1) ? 0 : -ENOMEM;

    iris_port_bind(rig.port); /* one of its own: root's call waits at the server's */
    if (error == 0)
        error = iris_irq_bind(SERVER_SLOT_IRQ, rig.client, 1);
    if (error == 0)
        error = take_all();
    iris_port_bind(SERVER_SLOT_PORT);
    if (error == 0)
        error = iris_ipc_wait(&m);
    while (error == 0) {
        m.tag = IRIS_TAG(0, 0);
        error = iris_ipc_reply_and_wait(&m);
    }
    return -error;
}
