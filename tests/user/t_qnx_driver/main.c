/* SPDX-License-Identifier: MIT */
/*
 * A driver in QNX's style: the interrupt of the real-time clock as a pulse, to a waiting thread,
 * and as a signal. Runs as a server that has its line and its ports (tests/scenarios/test_irq.py).
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/neutrino.h>

#include <iris/summary.h>

#include "as_server.h"
#include "kit.h"
#include "rtc_chip.h"

IRIS_SUMMARY("test: interrupts by QNX's calls (runs as a server)");

#define INTR 8
#define ROUNDS 5
#define OTHER 4 /* a line that is the serial driver's */

#define TEST_FAILS(call, error, ...)                                                               \
    do {                                                                                           \
        errno = 0;                                                                                 \
        int result_ = (int)(call);                                                                 \
        TEST_EQUAL(result_ == -1 ? errno : 0, error, __VA_ARGS__);                                 \
    } while (0)

static int chid, coid;

static void limit(unsigned state, uint64_t milliseconds)
{
    const uint64_t ns = milliseconds * 1000000;
    TimerTimeout(CLOCK_MONOTONIC, (int)state, NULL, &ns, NULL);
}

/* The code of the next pulse; -1: none comes. */
static int next_pulse(uint64_t milliseconds)
{
    struct _pulse pulse;

    limit(_NTO_TIMEOUT_RECEIVE, milliseconds);
    return MsgReceivePulse(chid, &pulse, sizeof pulse, NULL) == 0 ? pulse.code : -1;
}

/* Does what the device wants before it interrupts again. */
static void serve(void) { rtc_get(RTC_CONTROL_C); }

static void check_rights(void)
{
    struct sigevent event;

    SIGEV_PULSE_INIT(&event, coid, 20, 1, 0);
    TEST_CHECK(chid > 0 && coid > 0, "a channel");
    TEST_EQUAL(ThreadCtl(_NTO_TCTL_IO, NULL), 0, "a driver has its ports");
    TEST_FAILS(InterruptAttachEvent(OTHER, &event, 0), EPERM, "not another driver's interrupt");
    TEST_FAILS(InterruptAttachEvent(16, &event, 0), EINVAL, "nor one that does not exist");
    TEST_FAILS(InterruptAttachEvent(INTR, &event, 0x1000), EINVAL, "a flag that is none");
    event.sigev_notify = 99;
    TEST_FAILS(InterruptAttachEvent(INTR, &event, 0), EINVAL, "an event that is none");
    event.sigev_notify = SIGEV_THREAD;
    TEST_FAILS(InterruptAttachEvent(INTR, &event, 0), ENOTSUP, "nor a function");
    SIGEV_INTR_INIT(&event);
    TEST_FAILS(InterruptAttachEvent(INTR, &event, _NTO_INTR_FLAGS_PROCESS), EINVAL,
               "SIGEV_INTR is for a thread");
    TEST_FAILS(InterruptDetach(1), EINVAL, "nothing is attached");
    TEST_FAILS(InterruptMask(INTR, 3), ESRCH, "nothing masked in its name");
}

static void check_pulses(void)
{
    struct sigevent event;
    unsigned came = 0;

    SIGEV_PULSE_INIT(&event, coid, 20, 1, 0);
    int id = InterruptAttachEvent(INTR, &event, _NTO_INTR_FLAGS_TRK_MSK);
    TEST_CHECK(id > 0, "attached");
    rtc_periodic(true);
    for (unsigned i = 0; i < ROUNDS; i++) {
        came += next_pulse(KIT_PATIENCE) == 1;
        serve();
        came += InterruptUnmask(INTR, id) == 0;
    }
    TEST_EQUAL(came, 2 * ROUNDS, "each interrupt is a pulse");
    TEST_EQUAL(next_pulse(KIT_PATIENCE), 1, "the next one");
    serve();
    TEST_EQUAL(next_pulse(30), -1, "masks the line, until it is unmasked");
    TEST_EQUAL(InterruptMask(INTR, id), 2, "masks are counted");
    TEST_EQUAL(InterruptMask(INTR, -1), 3, "anybody's too");
    TEST_EQUAL(InterruptUnmask(INTR, id), 2, "and undone");
    TEST_EQUAL(InterruptUnmask(INTR, id), 1, "one by one");
    TEST_EQUAL(InterruptUnmask(INTR, id), 1, "not those of others");
    TEST_EQUAL(next_pulse(10), -1, "so long nothing comes");
    TEST_EQUAL(InterruptUnmask(INTR, -1), 0, "the last of them");
    serve();
    TEST_EQUAL(next_pulse(KIT_PATIENCE), 1, "lets the next one in");
    TEST_EQUAL(InterruptUnmask(INTR, -1), 0, "without an id as well");
    TEST_EQUAL(InterruptMask(INTR, id), 1, "masked before it comes");
    serve();
    while (next_pulse(30) == 1)
        serve(); /* one may have come already */
    rtc_periodic(false);
    TEST_FAILS(InterruptUnmask(INTR, id + 1), ESRCH, "unmasked in nobody's name");
    TEST_EQUAL(InterruptDetach(id), 0, "detached");
    TEST_FAILS(InterruptDetach(id), EINVAL, "once");
    TEST_FAILS(InterruptUnmask(INTR, id), ESRCH, "it masks nothing any more");
    rtc_periodic(true);
    serve();
    TEST_EQUAL(next_pulse(30), -1, "and is told nothing");
    rtc_periodic(false);
}

/* Two that are told of one line; the order is theirs to choose. */
static void check_shared(void)
{
    struct sigevent first, second;

    SIGEV_PULSE_INIT(&first, coid, 20, 2, 0);
    SIGEV_PULSE_INIT(&second, coid, 20, 3, 0);
    int low = InterruptAttachEvent(INTR, &first, _NTO_INTR_FLAGS_NO_UNMASK);
    int high = InterruptAttachEvent(INTR, &second, _NTO_INTR_FLAGS_END | _NTO_INTR_FLAGS_PROCESS);
    TEST_CHECK(low > 0 && high > 0, "two of one line");
    rtc_periodic(true);
    TEST_EQUAL(next_pulse(30), -1, "one of which has it masked");
    serve();
    TEST_EQUAL(InterruptUnmask(INTR, low), 0, "unmasked");
    TEST_EQUAL(next_pulse(KIT_PATIENCE), 2, "the first is told");
    TEST_EQUAL(next_pulse(KIT_PATIENCE), 3, "then the other");
    serve();
    TEST_EQUAL(InterruptUnmask(INTR, low), 1, "it stays masked for the second");
    TEST_EQUAL(next_pulse(10), -1, "for both");
    TEST_EQUAL(InterruptDetach(high), 0, "whose end unmasks it");
    TEST_EQUAL(next_pulse(KIT_PATIENCE), 2, "for the first");
    rtc_periodic(false);
    TEST_EQUAL(InterruptDetach(low), 0, "the last one goes with the line masked");
}

static uint32_t waited;

static void *wait_for_interrupts(void *unused)
{
    struct sigevent event;

    (void)unused;
    SIGEV_INTR_INIT(&event);
    int id = InterruptAttachEvent(INTR, &event, 0);
    rtc_periodic(true);
    for (unsigned i = 0; i < ROUNDS; i++) {
        limit(_NTO_TIMEOUT_INTR, KIT_PATIENCE);
        waited += InterruptWait(0, NULL) == 0;
        serve();
        InterruptUnmask(INTR, id);
    }
    return (void *)(intptr_t)id;
}

static void check_waiting(void)
{
    pthread_t thread;
    void *id;

    pthread_create(&thread, NULL, wait_for_interrupts, NULL);
    pthread_join(thread, &id);
    TEST_EQUAL(waited, ROUNDS, "a thread waits for each interrupt");
    TEST_FAILS(InterruptDetach((int)(intptr_t)id), EINVAL, "its end detaches it");
    rtc_periodic(false);
}

static volatile sig_atomic_t signals;
static int signal_id;

static void handle(int signal)
{
    (void)signal;
    serve();
    signals++;
    InterruptUnmask(INTR, signal_id);
}

static void check_signals(void)
{
    struct sigevent event;
    uint64_t end = kit_soon(KIT_PATIENCE);

    signal(SIGUSR1, handle);
    SIGEV_SIGNAL_INIT(&event, SIGUSR1);
    signal_id = InterruptAttachEvent(INTR, &event, _NTO_INTR_FLAGS_NO_UNMASK);
    TEST_CHECK(signal_id > 0, "a signal for each");
    rtc_periodic(true);
    InterruptUnmask(INTR, signal_id);
    while (signals < ROUNDS && iris_clock_monotonic() < end) {
        InterruptMask(INTR, -1); /* handlers run between two of these */
        InterruptUnmask(INTR, -1);
    }
    TEST_CHECK(signals >= ROUNDS, "whose handler unmasks the line");
    rtc_periodic(false);
    InterruptDetach(signal_id);
}

int main(void)
{
    test_begin("qnx_driver");
    rtc_periodic(false);
    rtc_rate(RTC_RATE_1024);
    chid = ChannelCreate(_NTO_CHF_PRIVATE);
    coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);
    check_rights();
    check_pulses();
    check_shared();
    check_waiting();
    check_signals();
    test_end();
    return as_server_end();
}
