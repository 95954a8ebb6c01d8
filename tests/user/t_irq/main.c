/* SPDX-License-Identifier: MIT */
/*
 * Interrupts as an attacker would have them (attacks 32 and 33): lines without a taker, bound too
 * often, acknowledged by whom they do not concern, and a storm that nobody ever acknowledges. Runs
 * as a server with the line of the real-time clock (tests/scenarios/test_irq.py); its report goes
 * to the console, before root goes on.
 */
#include <iris/ipc.h>
#include <iris/summary.h>

#include "as_server.h"
#include "kernel_debug.h"
#include "kit.h"
#include "rtc_chip.h"
#include "service.h"

IRIS_SUMMARY("test: lines without taker, bound twice, storms (runs as a server)");

#define LINE SERVER_SLOT_IRQ
#define DEBUG_SLOT 12u /* portal: kernel_debug */
#define BINDINGS 4u    /* of a line, says irq_bind */
#define ALL 0xfu
#define WHILE_MS 60u
#define WAITS 100u
#define TIMER_MOST 40u /* other interrupts in that time: the console's, at most */

static struct rig rig;

static uint32_t interrupts(void)
{
    struct kernel_statistics statistics = {.interrupts = 0};

    kernel_debug_statistics(DEBUG_SLOT, &statistics);
    return statistics.interrupts;
}

/* What arrives at the port until then; 0: nothing. */
static uint32_t bits_within(uint32_t milliseconds)
{
    struct iris_message m;

    if (iris_ipc_wait_until(&m, kit_soon(milliseconds)) != 0)
        return 0;
    return m.word[0];
}

/* All bindings' bits; the first that is notified may wake the waiter before the others are. */
static uint32_t all_bits(void)
{
    uint32_t bits = 0, more = 1;

    while (bits != ALL && more != 0)
        bits |= more = bits_within(KIT_PATIENCE);
    return bits;
}

/* The device is quiet, what it sent last is done with: also an edge that came while the line was
   masked, which fires when it no longer is. */
static void settle(void)
{
    rtc_periodic(false);
    do
        while (bits_within(2) != 0)
            continue;
    while (iris_irq_ack(LINE) == 0);
}

/* Looks at the device as often as it can; the count says how much of the processor it had. */
static uint32_t work(void)
{
    uint64_t end = kit_soon(WHILE_MS);
    uint32_t count = 0;

    for (; iris_clock_monotonic() < end; count++)
        rtc_get(RTC_CONTROL_C); /* and so lets it interrupt again */
    return count;
}

static void refusals(void)
{
    TEST_EQUAL(iris_irq_ack(LINE), -ENOENT, "acknowledging what did not happen");
    TEST_EQUAL(iris_irq_ack(kit_slot()), -EBADF, "acknowledging without a handle");
    TEST_EQUAL(iris_irq_ack(rig.port), -EBADF, "acknowledging a port");
    TEST_EQUAL(iris_irq_bind(LINE, rig.client, 0), -EINVAL, "binding to no bits");
    TEST_EQUAL(iris_irq_bind(LINE, rig.port, 1), -EBADF, "binding to what is no portal");
    TEST_EQUAL(iris_irq_bind(rig.client, rig.client, 1), -EBADF, "binding what is no line");
}

/* Bound several times: everybody hears of it, and one interrupt it is. */
static void bound_often(void)
{
    for (uint32_t i = 0; i < BINDINGS; i++)
        TEST_EQUAL(iris_irq_bind(LINE, rig.client, 1u << i), 0, "binding %u", (unsigned)i);
    TEST_EQUAL(iris_irq_bind(LINE, rig.client, 16), -EBUSY, "one binding too many");
    rtc_periodic(true);
    TEST_EQUAL(all_bits(), ALL, "all hear of it");
    rtc_get(RTC_CONTROL_C);
    TEST_EQUAL(bits_within(WHILE_MS), 0, "nothing more before it is acknowledged");
    TEST_EQUAL(iris_irq_ack(LINE), 0, "acknowledged");
    rtc_get(RTC_CONTROL_C);
    TEST_EQUAL(all_bits(), ALL, "and again");
    settle();
}

/* The device goes on, nobody acknowledges: one interrupt, and all the time is the victim's. */
static void storm(void)
{
    uint32_t quiet = work(), before = interrupts();

    rtc_rate(RTC_RATE_8192);
    rtc_periodic(true);
    for (unsigned tries = 0; tries < WAITS && interrupts() == before; tries++)
        work(); /* a busy emulator's device may be late */
    uint32_t stormy = work(), taken = interrupts() - before;
    TEST_CHECK(taken >= 1 && taken <= TIMER_MOST, "masked after the first: %u interrupts",
               (unsigned)taken);
    TEST_CHECK(stormy >= quiet / 2, "a victim keeps half of its time: %u of %u", (unsigned)stormy,
               (unsigned)quiet);
    rtc_rate(RTC_RATE_1024);
    settle();
}

/* Its portal is gone, the line has no taker: it fires once at most and stays masked. */
static void unclaimed(void)
{
    rig_free(&rig);
    rtc_periodic(true);
    uint32_t before = interrupts();
    work();
    uint32_t taken = interrupts() - before;
    TEST_CHECK(taken <= TIMER_MOST, "an unclaimed line is masked: %u interrupts", (unsigned)taken);
    TEST_EQUAL(iris_irq_ack(LINE), -ENOENT, "nobody was told, so nobody acknowledges");
    rtc_periodic(false);
}

static void claimed_anew(void)
{
    TEST_CHECK(rig_make(&rig, 1, ALL), "another port");
    iris_port_bind(rig.port);
    TEST_EQUAL(iris_irq_bind(LINE, rig.client, 2), 0, "dead bindings make room");
    rtc_periodic(true);
    TEST_EQUAL(bits_within(KIT_PATIENCE), 2, "the line works as before");
    settle();
}

int main(void)
{
    struct audit_counts counts;
    bool passed = false;

    test_begin("irq");
    TEST_CHECK(rig_make(&rig, 1, ALL), "a port");
    iris_port_bind(rig.port);
    refusals();
    bound_often();
    storm();
    unclaimed();
    claimed_anew();
    TEST_EQUAL(kernel_debug_audit(DEBUG_SLOT, &passed, &counts), 0, "an audit");
    TEST_CHECK(passed, "it passes");
    test_end();
    return as_server_end();
}
