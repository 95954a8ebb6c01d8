/* SPDX-License-Identifier: MIT */
/* QNX's calls between processes: names, pulses and events, and what the death of either does. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/dispatch.h>
#include <sys/neutrino.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iris/spawn.h>
#include <iris/summary.h>

#include "kit.h"
#include "protocol.h"

IRIS_SUMMARY("test: QNX's names, messages and pulses between processes");

#define NAME "t_qnx"

static pid_t start(const char *role)
{
    char *arguments[] = {"t_qnx_names", (char *)(uintptr_t)role, NAME, NULL};
    return iris_spawn("t_qnx_names", arguments, NULL, NULL);
}

/* The server registers its name at its own time. */
static int open_server(void)
{
    uint64_t end = kit_soon(KIT_PATIENCE);
    int coid;

    while ((coid = name_open(NAME, 0)) == -1 && errno == ENOENT && iris_clock_monotonic() < end)
        usleep(1000);
    return coid;
}

static int ask(int coid, uint16_t type, uint32_t argument, void *reply, size_t bytes)
{
    struct ask message = {.type = type, .argument = argument};
    return MsgSend(coid, &message, sizeof message, reply, bytes);
}

static int failure(int result) { return result == -1 ? errno : 0; }

static struct count count(int coid)
{
    struct count counts = {0, 0, 0, 0, 0};
    ask(coid, ASK_COUNT, 0, &counts, sizeof counts);
    return counts;
}

/* Asks until the server has seen so many clients go and holds a message, or not. */
static struct count await_count(int coid, int disconnected, int holding)
{
    uint64_t end = kit_soon(KIT_PATIENCE);
    struct count counts;

    do
        counts = count(coid);
    while ((counts.disconnected != disconnected || counts.holding != holding) &&
           iris_clock_monotonic() < end);
    return counts;
}

/* ---- Life ---- */

static void check_messages(int coid)
{
    static uint8_t large[30000], back[30000];
    struct ask *message = (struct ask *)large;
    struct _server_info info;

    message->type = ASK_ECHO;
    message->argument = 77;
    TEST_EQUAL(MsgSend(coid, large, sizeof large, back, sizeof back), 77,
               "a message to another process");
    TEST_CHECK(memcmp(large, back, sizeof(struct ask)) == 0, "and its reply");
    TEST_EQUAL(count(coid).pid, getpid(), "the server knows who asks");
    TEST_EQUAL(ask(coid, 0x777, 0, NULL, 0) == -1 ? errno : 0, ENOSYS, "and what it cannot do");
    TEST_EQUAL(MsgSend(coid, (void *)0x10, 8, NULL, 0) == -1 ? errno : 0, EFAULT,
               "a message that is no memory");
    TEST_EQUAL(ConnectServerInfo(0, coid, &info), coid, "who is the server?");
    TEST_CHECK(info.pid != getpid(), "not this process");
}

static void check_events(int coid)
{
    int chid = ChannelCreate(_NTO_CHF_PRIVATE),
        self = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);
    struct ask message = {.type = ASK_EVENT, .argument = 3};
    struct _pulse pulse;
    uint64_t patience = KIT_PATIENCE * 1000000ull;
    unsigned right = 0;

    SIGEV_PULSE_INIT(&message.event, self, 10, 5, 4711);
    TEST_EQUAL(MsgSend(coid, &message, sizeof message, NULL, 0), 0, "a request for events");
    for (unsigned i = 0; i < 3; i++) {
        TimerTimeout(CLOCK_MONOTONIC, _NTO_TIMEOUT_RECEIVE, NULL, &patience, NULL);
        right += MsgReceivePulse(chid, &pulse, sizeof pulse, NULL) == 0 && pulse.code == 5 &&
                 pulse.value.sival_int == 4711;
    }
    TEST_EQUAL(right, 3, "which come as pulses, after the answer");
    TEST_EQUAL(MsgSendPulse(coid, 10, 1, 2), 0, "a pulse to another process");
    ConnectDetach(self);
    ChannelDestroy(chid);
}

static volatile sig_atomic_t signals, last_value;

static void handle(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)context;
    last_value = info->si_value.sival_int;
    signals++;
}

/* An event before the answer: its error number. */
static int deliver_first(int coid, const struct sigevent *event)
{
    struct ask message = {.type = ASK_EVENT_FIRST, .event = *event};
    return MsgSend(coid, &message, sizeof message, NULL, 0);
}

/* Events for the thread that asks. */
static void check_thread_events(int coid)
{
    struct sigaction action = {.sa_flags = SA_SIGINFO};
    struct sigevent event;

    action.sa_sigaction = handle;
    sigaction(SIGUSR1, &action, NULL);
    SIGEV_SIGNAL_CODE_INIT(&event, SIGUSR1, 7, 3);
    TEST_EQUAL(deliver_first(coid, &event), 0, "a signal from the server");
    TEST_CHECK(kit_wait_word((volatile uint32_t *)&signals, 1) && last_value == 7, "comes");
    event.sigev_notify = SIGEV_SIGNAL_THREAD;
    TEST_EQUAL(deliver_first(coid, &event), 0, "a signal to the thread that waits");
    TEST_CHECK(kit_wait_word((volatile uint32_t *)&signals, 2), "comes too");
    SIGEV_INTR_INIT(&event);
    TEST_EQUAL(deliver_first(coid, &event), 0, "SIGEV_INTR");
    TEST_EQUAL(InterruptWait(0, NULL), 0, "ends its InterruptWait");
    struct ask late = {.type = ASK_EVENT, .argument = 1, .event = event};
    MsgSend(coid, &late, sizeof late, NULL, 0);
    TEST_EQUAL(count(coid).delivery, ESRCH, "after the answer no thread is known");
    SIGEV_PULSE_INIT(&event, coid, 10, 5, 1);
    TEST_EQUAL(deliver_first(coid, &event), EINVAL, "no pulse to a third process");
    TEST_EQUAL(failure(TimerCreate(CLOCK_MONOTONIC, &event)), EINVAL, "nor by a timer");
    event.sigev_notify = SIGEV_THREAD;
    TEST_EQUAL(deliver_first(coid, &event), ENOTSUP, "nor a function of the server's choice");
}

static void check_clients(int coid)
{
    struct count counts;
    int second = name_open(NAME, 0);

    TEST_CHECK(second > 0 && second != coid, "a second connection");
    name_close(second);
    TEST_EQUAL(count(coid).disconnected, 0, "whose end leaves the first one alone");
    pid_t pid = start("hold");
    counts = await_count(coid, 0, 1);
    TEST_EQUAL(counts.holding, 1, "a client waits for its answer");
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    counts = await_count(coid, 1, 0);
    TEST_EQUAL(counts.disconnected, 1, "and is killed");
    TEST_EQUAL(counts.unblocked, 1, "the server is told that nobody waits");
    TEST_EQUAL(counts.holding, 0, "before it is told that the client is gone");
}

/* ---- Death ---- */

static int hold_here(void *argument)
{
    return failure(ask((int)(uintptr_t)argument, ASK_HOLD, 0, NULL, 0));
}

static void check_server_killed(pid_t pid, int coid, int chid)
{
    struct iris_thread thread;
    struct _pulse pulse;
    int result, status;

    iris_thread_launch(&thread, hold_here, (void *)coid, NULL);
    await_count(coid, 1, 1);
    kill(pid, SIGKILL);
    iris_thread_join(&thread, &result);
    TEST_EQUAL(result, ESRCH, "a server is killed while a client awaits its reply");
    waitpid(pid, &status, 0);
    MsgReceivePulse(chid, &pulse, sizeof pulse, NULL);
    TEST_CHECK(pulse.code == _PULSE_CODE_COIDDEATH && pulse.value.sival_int == coid,
               "who wanted to be told is told");
    TEST_EQUAL(failure(ask(coid, ASK_ECHO, 0, NULL, 0)), EBADF, "the connection is dead");
    TEST_EQUAL(failure(MsgSendPulse(coid, 10, 1, 0)), EBADF, "for pulses too");
    TEST_EQUAL(ConnectDetach(coid), 0, "and can be given back");
    TEST_EQUAL(failure(name_open(NAME, 0)), ENOENT, "its name is gone");
}

static void check_server_ends(void)
{
    pid_t pid = start("serve");
    int status, coid = open_server();

    TEST_CHECK(coid > 0, "another server of the same name");
    TEST_EQUAL(failure(ask(coid, ASK_EXIT, 0, NULL, 0)), ESRCH, "ends instead of answering");
    waitpid(pid, &status, 0);
    name_close(coid);
}

static void check_names(void)
{
    name_attach_t *attach = name_attach(NULL, "t_qnx_own", 0);

    TEST_CHECK(attach != NULL, "a name of one's own");
    TEST_EQUAL(name_attach(NULL, "t_qnx_own", 0) == NULL ? errno : 0, EEXIST, "exists once");
    TEST_EQUAL(name_attach(NULL, "/t_qnx", 0) == NULL ? errno : 0, EINVAL, "a name is no path");
    TEST_EQUAL(name_attach(NULL, "t", NAME_FLAG_ATTACH_GLOBAL) == NULL ? errno : 0, ENOTSUP,
               "nor global");
    TEST_EQUAL(failure(name_open("t_qnx_none", 0)), ENOENT, "a name that nobody has");
    TEST_EQUAL(name_detach(attach, 0), 0, "detached");
    TEST_EQUAL(failure(name_open("t_qnx_own", 0)), ENOENT, "it is gone");
}

int main(int argc, char *argv[])
{
    if (argc == 3)
        return run_peer(argv[1], argv[2]);
    test_begin("qnx_names");
    int chid = ChannelCreate(_NTO_CHF_COID_DISCONNECT | _NTO_CHF_PRIVATE);
    pid_t pid = start("serve");
    int coid = open_server();
    if (TEST_CHECK(pid > 0 && coid > 0, "a server in another process, by its name")) {
        check_messages(coid);
        check_events(coid);
        check_thread_events(coid);
        check_clients(coid);
        check_server_killed(pid, coid, chid);
        check_server_ends();
    }
    ChannelDestroy(chid);
    check_names();
    return test_end();
}
