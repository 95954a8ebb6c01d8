/* SPDX-License-Identifier: MIT */
/* Pulses and events: order, bounds, what the system says by them. */
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "t_qnx.h"

int take_pulse(int chid, struct _pulse *pulse)
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

    TEST_EQUAL(take_pulse(chid, &pulse) == -1 ? errno : 0, ETIMEDOUT, "no pulse is there");
    for (unsigned i = 0; i < 5; i++)
        MsgSendPulse(coid, sent[i].priority, sent[i].code, 100 * sent[i].code);
    for (unsigned i = 0; i < 5; i++)
        right += take_pulse(chid, &pulse) == 0 && pulse.code == expected[i].code &&
                 pulse.value.sival_int == 100 * expected[i].code;
    TEST_EQUAL(right, 5, "pulses come by priority, then first come");
    TEST_EQUAL(take_pulse(chid, &pulse) == -1 ? errno : 0, ETIMEDOUT, "each once");
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
    while (take_pulse(chid, &pulse) == 0 && pulse.value.sival_int == got)
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
    TEST_FAILS(MsgDeliverEvent(0, &event), EINVAL, "an event of no kind");
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

/* ---- Events, by MsgDeliverEvent and SignalKill ---- */

static volatile sig_atomic_t signals, last_code, last_value;

static void handle(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)context;
    last_code = info->si_code;
    last_value = info->si_value.sival_int;
    signals++;
}

static void check_signals(void)
{
    struct sigaction action = {.sa_flags = SA_SIGINFO};
    struct sigevent event;
    sigset_t set, before;

    action.sa_sigaction = handle;
    sigaction(SIGUSR1, &action, NULL);
    SIGEV_SIGNAL_INIT(&event, SIGUSR1);
    TEST_EQUAL(MsgDeliverEvent(0, &event), 0, "SIGEV_SIGNAL");
    TEST_EQUAL(signals, 1, "runs the handler at once");
    SIGEV_SIGNAL_CODE_INIT(&event, SIGUSR1, 99, 17);
    TEST_EQUAL(MsgDeliverEvent(0, &event), 0, "SIGEV_SIGNAL_CODE");
    TEST_CHECK(signals == 2 && last_code == 17 && last_value == 99, "with its code and value");
    event.sigev_notify = SIGEV_SIGNAL_THREAD;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, &before);
    TEST_EQUAL(MsgDeliverEvent(0, &event), 0, "SIGEV_SIGNAL_THREAD");
    TEST_EQUAL(signals, 2, "waits while this thread blocks it");
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    TEST_EQUAL(signals, 3, "and comes then");
    event.sigev_signo = 99;
    TEST_FAILS(MsgDeliverEvent(0, &event), EINVAL, "a signal that is none");
    TEST_EQUAL(SignalKill(0, 0, 1, SIGUSR1, 5, 6), 0, "SignalKill to a thread");
    TEST_CHECK(signals == 4 && last_code == 5 && last_value == 6, "with code and value");
    TEST_FAILS(SignalKill(0, 0, 1000, SIGUSR1, 0, 0), ESRCH, "to a thread that is not there");
    TEST_FAILS(SignalKill(0, getppid(), 1, SIGUSR1, 0, 0), ENOTSUP, "to another process's thread");
    TEST_FAILS(SignalKill(0, getppid(), 0, SIGUSR1, 5, 0), ENOTSUP, "or there with a code");
    TEST_FAILS(SignalKill(7, 0, 0, SIGUSR1, 0, 0), EINVAL, "to another node");
    TEST_EQUAL(SignalKill(0, 0, 0, 0, 0, 0), 0, "signal 0 only looks");
    signal(SIGUSR1, SIG_DFL);
}

static void check_kinds(void)
{
    struct sigevent event;
    uint64_t now = 0;

    SIGEV_INTR_INIT(&event);
    TEST_EQUAL(MsgDeliverEvent(0, &event), 0, "SIGEV_INTR");
    MsgDeliverEvent(0, &event);
    TEST_EQUAL(InterruptWait(0, NULL), 0, "InterruptWait returns");
    TimerTimeout(CLOCK_MONOTONIC, _NTO_TIMEOUT_INTR, NULL, &now, NULL);
    TEST_FAILS(InterruptWait(0, NULL), ETIMEDOUT, "once for several");
    TEST_FAILS(InterruptWait(1, NULL), EINVAL, "no flags");
    TEST_FAILS(InterruptWait(0, &now), EINVAL, "no time but TimerTimeout's");
    TEST_EQUAL(InterruptWait_r(1, NULL), EINVAL, "its twin gives a positive number");
    SIGEV_UNBLOCK_INIT(&event);
    TEST_FAILS(MsgDeliverEvent(0, &event), ENOTSUP, "SIGEV_UNBLOCK");
    event.sigev_notify = SIGEV_THREAD;
    TEST_FAILS(MsgDeliverEvent(0, &event), ENOTSUP, "SIGEV_THREAD");
    SIGEV_PULSE_INIT(&event, 4000, 10, 1, 0);
    TEST_FAILS(MsgDeliverEvent(0, &event), EBADF, "a pulse through no connection");
    event.sigev_code = 300;
    TEST_FAILS(MsgVerifyEvent(0, &event), EINVAL, "MsgVerifyEvent: a code that is none");
    SIGEV_SIGNAL_INIT(&event, SIGUSR1);
    TEST_EQUAL(MsgVerifyEvent(0, &event), 0, "MsgVerifyEvent: a sound one");
    for (int intr = -1; intr <= 16; intr += 17)
        TEST_FAILS(InterruptAttachEvent(intr, &event, 0), EINVAL, "no interrupt %d", intr);
    TEST_FAILS(InterruptAttachEvent(8, &event, 0), EPERM, "nor one that is a driver's");
    TEST_FAILS(InterruptMask(8, -1), EPERM, "not to be masked");
    TEST_FAILS(InterruptUnmask(8, -1), EPERM, "nor unmasked");
    TEST_FAILS(InterruptDetach(1), EINVAL, "nothing to detach");
}

void check_pulses(void)
{
    check_order();
    check_flood();
    check_delivery();
    check_signals();
    check_kinds();
}
