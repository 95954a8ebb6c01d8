/* SPDX-License-Identifier: MIT */
/* Pulses: order, bounds, what the system says by them; timeouts. */
#include <unistd.h>

#include "t_qnx.h"

static int take(int chid, struct _pulse *pulse)
{
    TimerTimeout(CLOCK_MONOTONIC, _NTO_TIMEOUT_RECEIVE, NULL, NULL, NULL);
    return MsgReceivePulse(chid, pulse, sizeof *pulse, NULL);
}

static void check_order(void)
{
    static const struct {
        int priority, code;
    } sent[] = {{10, 1}, {20, 2}, {10, 3}, {20, 4}, {5, 5}},
      expected[] = {{20, 2}, {20, 4}, {10, 1}, {10, 3}, {5, 5}};
    int chid = ChannelCreate(0), coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);
    struct _pulse pulse;
    unsigned right = 0;

    TEST_EQUAL(take(chid, &pulse) == -1 ? errno : 0, ETIMEDOUT, "no pulse is there");
    for (unsigned i = 0; i < 5; i++)
        MsgSendPulse(coid, sent[i].priority, sent[i].code, 100 * sent[i].code);
    for (unsigned i = 0; i < 5; i++)
        right += take(chid, &pulse) == 0 && pulse.code == expected[i].code &&
                 pulse.value.sival_int == 100 * expected[i].code;
    TEST_EQUAL(right, 5, "pulses come by priority, then first come");
    TEST_EQUAL(take(chid, &pulse) == -1 ? errno : 0, ETIMEDOUT, "each once");
    TEST_EQUAL(MsgSendPulse(coid, -1, 9, 9), 0, "a pulse of one's own priority");
    TEST_EQUAL(MsgReceive(chid, &pulse, sizeof pulse, NULL), 0, "MsgReceive takes it too: 0");
    TEST_EQUAL(pulse.code, 9, "with its code");
    TEST_FAILS(MsgSendPulse(coid, 0, 1000, 0), EINVAL, "a code that is none");
    TEST_FAILS(MsgSendPulse(4000, 0, 1, 0), EBADF, "a connection that is none");
    ConnectDetach(coid);
    ChannelDestroy(chid);
}

static void check_flood(void)
{
    int chid = ChannelCreate(0), coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);
    int sent = 0, got = 0;
    struct _pulse pulse;

    while (sent < 100000 && MsgSendPulse(coid, 10, 1, sent) == 0)
        sent++;
    TEST_CHECK(sent >= 100 && sent < 100000 && errno == EAGAIN, "a flood ends with EAGAIN");
    while (take(chid, &pulse) == 0 && pulse.value.sival_int == got)
        got++;
    TEST_EQUAL(got, sent, "and none of it is lost");
    TEST_EQUAL(MsgSendPulse(coid, 10, 1, 0), 0, "then there is room again");
    ChannelDestroy(chid);
    TEST_FAILS(MsgSendPulse(coid, 10, 1, 0), ESRCH, "a pulse to a dead channel");
    ConnectDetach(coid);
}

/* Waits until the server has got so many pulses. */
static void await_pulses(const struct server *server, uint32_t count)
{
    kit_wait_word(&server->pulses, count);
}

static void check_delivery(void)
{
    struct server server;
    struct sigevent event;

    server_start(&server, _NTO_CHF_DISCONNECT);
    int coid = ConnectAttach(0, 0, server.chid, _NTO_SIDE_CHANNEL, 0);
    MsgSendPulse(coid, 10, 42, 4711);
    await_pulses(&server, 1);
    TEST_CHECK(server.last_code == 42 && server.last_value == 4711, "a pulse wakes its receiver");
    SIGEV_PULSE_INIT(&event, coid, 10, 43, 5);
    TEST_EQUAL(MsgDeliverEvent(0, &event), 0, "an event for oneself");
    await_pulses(&server, 2);
    TEST_EQUAL(server.last_code, 43, "is the pulse that was asked for");
    event.sigev_notify = 99;
    TEST_FAILS(MsgDeliverEvent(0, &event), ENOTSUP, "an event of no kind");
    SIGEV_NONE_INIT(&event);
    TEST_FAILS(MsgDeliverEvent(123456, &event), ESRCH, "an event for nobody");
    TEST_FAILS(MsgDeliverEvent(0, (struct sigevent *)8), EFAULT, "an event that is nowhere");
    int second = ConnectAttach(0, 0, server.chid, _NTO_SIDE_CHANNEL, 0);
    ConnectDetach(coid);
    TEST_EQUAL(order(second, ORDER_ECHO, 1, NULL, 0), 1, "one of two connections is left");
    TEST_EQUAL(server.pulses, 2, "so the client is still there");
    ConnectDetach(second);
    await_pulses(&server, 3);
    TEST_EQUAL((int)server.last_code, _PULSE_CODE_DISCONNECT, "until both are gone");
    server_stop(&server);
}

/* ---- Timeouts ---- */

static int send_timed(int coid, uint32_t type, unsigned states, uint64_t ns)
{
    TimerTimeout(CLOCK_MONOTONIC, (int)states, NULL, &ns, NULL);
    return order(coid, type, 0, NULL, 0);
}

#define BOTH (_NTO_TIMEOUT_SEND | _NTO_TIMEOUT_REPLY)

static void check_timeouts(void)
{
    struct server server;
    uint64_t ns = 5000000, past = iris_clock_monotonic();
    char bytes[8];

    int chid = ChannelCreate(0), coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);
    TimerTimeout(CLOCK_MONOTONIC, _NTO_TIMEOUT_RECEIVE, NULL, &ns, NULL);
    TEST_FAILS(MsgReceive(chid, bytes, sizeof bytes, NULL), ETIMEDOUT, "MsgReceive ends in time");
    TEST_CHECK(iris_clock_monotonic() - past >= ns, "and not before");
    TEST_FAILS(send_timed(coid, ORDER_ECHO, BOTH, ns), ETIMEDOUT, "so does a send nobody receives");
    TEST_FAILS(send_timed(coid, ORDER_ECHO, BOTH, 0), ETIMEDOUT, "at once, if that is wanted");
    ConnectDetach(coid);
    ChannelDestroy(chid);
    server_start(&server, 0);
    coid = ConnectAttach(0, 0, server.chid, _NTO_SIDE_CHANNEL, 0);
    TEST_FAILS(send_timed(coid, ORDER_HOLD, BOTH, 40 * ns), ETIMEDOUT, "and one nobody answers");
    TEST_EQUAL(order(coid, ORDER_RELEASE, 0, NULL, 0), ESRCH, "whose answer comes too late");
    TEST_EQUAL(order(coid, ORDER_ECHO, 3, NULL, 0), 3, "a timeout is for one call");
    ConnectDetach(coid);
    server_stop(&server);
    server_start(&server, _NTO_CHF_UNBLOCK);
    coid = ConnectAttach(0, 0, server.chid, _NTO_SIDE_CHANNEL, 0);
    /* Long enough for the server to have received it: before that, it is not asked. */
    TEST_FAILS(send_timed(coid, ORDER_HOLD, BOTH, 40 * ns), EINTR,
               "a server that wants to be asked lets its client go");
    TEST_EQUAL(server.unblocked, 1, "by one unblock pulse");
    ConnectDetach(coid);
    server_stop(&server);
    TEST_FAILS(TimerTimeout(CLOCK_MONOTONIC, _NTO_TIMEOUT_JOIN, NULL, NULL, NULL), ENOTSUP,
               "a state without timeouts");
}

static void check_timers(void)
{
    int chid = ChannelCreate(_NTO_CHF_PRIVATE);
    int coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);
    struct _itimer time = {3000000, 2000000}, off = {0, 0};
    struct _timer_info info;
    struct sigevent event;
    struct _pulse pulse;
    uint64_t begin = iris_clock_monotonic(), now = 0;
    unsigned right = 0;

    SIGEV_PULSE_INIT(&event, coid, 10, 7, 21);
    int timer = TimerCreate(CLOCK_MONOTONIC, &event);
    TEST_CHECK(timer > 0, "a timer that sends pulses");
    TEST_EQUAL(TimerSettime(timer, 0, &time, NULL), 0, "is set");
    for (unsigned i = 0; i < 4; i++)
        right += MsgReceive(chid, &pulse, sizeof pulse, NULL) == 0 && pulse.code == 7 &&
                 pulse.value.sival_int == 21;
    TEST_EQUAL(right, 4, "and sends them");
    TEST_CHECK(iris_clock_monotonic() - begin >= 9000000, "not before their time");
    TEST_EQUAL(TimerInfo(0, timer, 0, &info), timer, "TimerInfo");
    TEST_EQUAL(info.itime.interval_nsec, 2000000, "knows its period");
    TEST_EQUAL(TimerSettime(timer, 0, &off, NULL), 0, "it is stopped");
    while (take(chid, &pulse) == 0)
        ;
    TEST_EQUAL(TimerDestroy(timer), 0, "and destroyed");
    TEST_FAILS(TimerDestroy(timer), EINVAL, "once");
    event.sigev_notify = 99;
    TEST_FAILS(TimerCreate(CLOCK_MONOTONIC, &event), ENOTSUP, "an event of no kind");
    TEST_EQUAL(ClockTime(CLOCK_MONOTONIC, NULL, &now), 0, "ClockTime");
    TEST_CHECK(now > begin, "goes on");
    TEST_FAILS(ClockTime(CLOCK_REALTIME, &now, NULL), EPERM, "and is not set");
    TEST_FAILS(ThreadCtl(_NTO_TCTL_IO, NULL), EPERM, "no I/O ports for everybody");
    ConnectDetach(coid);
    ChannelDestroy(chid);
}

void check_pulses(void)
{
    check_timers();
    check_order();
    check_flood();
    check_delivery();
    check_timeouts();
}
