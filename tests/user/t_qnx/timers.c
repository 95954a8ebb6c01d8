/* SPDX-License-Identifier: MIT */
/* Timers, clocks, and how long calls may block. */
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <unistd.h>

#include "t_qnx.h"

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
}

static void check_timers(void)
{
    int chid = ChannelCreate(_NTO_CHF_PRIVATE);
    int coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);
    struct _itimer time = {3000000, 2000000}, off = {0, 0};
    struct _timer_info info;
    struct sigevent event;
    struct _pulse pulse;
    uint64_t begin = iris_clock_monotonic();
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
    while (take_pulse(chid, &pulse) == 0)
        ;
    TEST_EQUAL(TimerDestroy(timer), 0, "and destroyed");
    TEST_FAILS(TimerDestroy(timer), EINVAL, "once");
    event.sigev_notify = 99;
    TEST_FAILS(TimerCreate(CLOCK_MONOTONIC, &event), EINVAL, "an event of no kind");
    ConnectDetach(coid);
    ChannelDestroy(chid);
}

/* ---- What a timer can do ---- */

static volatile sig_atomic_t signals, last_code, last_value;

static void handle(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)context;
    last_code = info->si_code;
    last_value = info->si_value.sival_int;
    signals++;
}

static void catch_signal(int signal)
{
    struct sigaction action = {.sa_flags = SA_SIGINFO};

    action.sa_sigaction = handle;
    sigaction(signal, &action, NULL);
    signals = last_code = last_value = 0;
}

/* Until the handler has run so often. */
static bool await_signals(int count)
{
    uint64_t end = kit_soon(KIT_PATIENCE);

    while (signals < count && iris_clock_monotonic() < end)
        usleep(500);
    return signals >= count;
}

static int start_once(const struct sigevent *event)
{
    static const struct _itimer soon = {1000000, 0};
    int timer = TimerCreate(CLOCK_MONOTONIC, event);

    return timer == -1 || TimerSettime(timer, 0, &soon, NULL) == -1 ? -1 : timer;
}

static sem_t called;

static void call(union sigval value)
{
    last_value = value.sival_int;
    sem_post(&called);
}

static void check_kinds(void)
{
    struct sigevent event;

    catch_signal(SIGUSR1);
    SIGEV_SIGNAL_INIT(&event, SIGUSR1);
    int timer = start_once(&event);
    TEST_CHECK(await_signals(1) && last_code == SI_TIMER, "a timer's signal");
    TimerDestroy(timer);
    catch_signal(SIGUSR1);
    SIGEV_SIGNAL_CODE_INIT(&event, SIGUSR1, 4711, 42);
    timer = start_once(&event);
    TEST_CHECK(await_signals(1) && last_code == 42 && last_value == 4711,
               "SIGEV_SIGNAL_CODE: with code and value");
    TimerDestroy(timer);
    catch_signal(SIGUSR1);
    event.sigev_notify = SIGEV_SIGNAL_THREAD;
    timer = start_once(&event);
    TEST_CHECK(await_signals(1) && last_code == 42, "SIGEV_SIGNAL_THREAD: to who made the timer");
    TimerDestroy(timer);
    event.sigev_code = 1000;
    TEST_FAILS(TimerCreate(CLOCK_MONOTONIC, &event), EINVAL, "a code that no signal has");
    sem_init(&called, 0, 0);
    SIGEV_THREAD_INIT(&event, call, 77, NULL);
    timer = start_once(&event);
    TEST_CHECK(sem_wait(&called) == 0 && last_value == 77, "SIGEV_THREAD: a function");
    TimerDestroy(timer);
    SIGEV_INTR_INIT(&event);
    timer = start_once(&event);
    TEST_EQUAL(InterruptWait(0, NULL), 0, "SIGEV_INTR: InterruptWait returns");
    TimerDestroy(timer);
    SIGEV_UNBLOCK_INIT(&event);
    TEST_FAILS(TimerCreate(CLOCK_MONOTONIC, &event), ENOTSUP, "SIGEV_UNBLOCK is no timer's");
    TEST_FAILS(TimerCreate(77, NULL), EINVAL, "a clock that is none");
}

static void check_alarm(void)
{
    struct _itimer soon = {2000000, 0}, later = {3600000000000ull, 0}, left;

    catch_signal(SIGALRM);
    TEST_EQUAL(TimerAlarm(CLOCK_REALTIME, &later, NULL), 0, "TimerAlarm");
    TEST_EQUAL(TimerAlarm(CLOCK_REALTIME, &soon, &left), 0, "set anew");
    TEST_CHECK(left.nsec > 3500000000000ull && left.nsec <= 3600000000000ull,
               "tells what was left of it");
    TEST_CHECK(await_signals(1), "and rings");
    TEST_EQUAL(TimerAlarm(CLOCK_REALTIME, NULL, &left), 0, "asked");
    TEST_EQUAL(left.nsec, 0, "it is over");
    TEST_FAILS(TimerAlarm(99, &soon, NULL), EINVAL, "by a clock that is none");
}

/* POSIX's own calls with QNX's events. */
static void check_posix(void)
{
    int chid = ChannelCreate(_NTO_CHF_PRIVATE);
    int coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);
    const struct itimerspec soon = {.it_value = {.tv_nsec = 1000000}};
    struct mq_attr attributes = {.mq_maxmsg = 2, .mq_msgsize = 8};
    struct sigevent event;
    struct _pulse pulse;
    timer_t timer;

    SIGEV_PULSE_INIT(&event, coid, 10, 11, 1001);
    TEST_EQUAL(timer_create(CLOCK_MONOTONIC, &event, &timer), 0, "timer_create with SIGEV_PULSE");
    timer_settime(timer, 0, &soon, NULL);
    TEST_CHECK(MsgReceive(chid, &pulse, sizeof pulse, NULL) == 0 && pulse.code == 11 &&
                   pulse.value.sival_int == 1001,
               "sends it");
    timer_delete(timer);
    mqd_t queue = mq_open("/t_qnx", O_CREAT | O_RDWR, 0600, &attributes);
    SIGEV_PULSE_INIT(&event, coid, 10, 12, 1002);
    TEST_EQUAL(mq_notify(queue, &event), 0, "mq_notify with SIGEV_PULSE");
    mq_send(queue, "x", 1, 0);
    TEST_CHECK(MsgReceive(chid, &pulse, sizeof pulse, NULL) == 0 && pulse.code == 12 &&
                   pulse.value.sival_int == 1002,
               "sends it");
    mq_close(queue);
    mq_unlink("/t_qnx");
    event.sigev_code = 500;
    TEST_FAILS(timer_create(CLOCK_MONOTONIC, &event, &timer), EINVAL, "a code no pulse has");
    ConnectDetach(coid);
    event.sigev_code = 1;
    TEST_FAILS(timer_create(CLOCK_MONOTONIC, &event, &timer), EINVAL, "through no connection");
    ChannelDestroy(chid);
}

/* ---- Which calls TimerTimeout limits ---- */

static void limit(unsigned state)
{
    static const uint64_t soon = 3000000;
    TimerTimeout(CLOCK_MONOTONIC, (int)state, NULL, &soon, NULL);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void *take_mutex(void *unused)
{
    (void)unused;
    limit(_NTO_TIMEOUT_MUTEX);
    return (void *)(intptr_t)pthread_mutex_lock(&mutex);
}

static void *sleep_long(void *unused)
{
    const struct timespec long_time = {.tv_sec = 3600};
    (void)unused;
    return (void *)(intptr_t)nanosleep(&long_time, NULL);
}

static void check_states(void)
{
    const struct timespec long_time = {.tv_sec = 3600}, little = {.tv_nsec = 1};
    pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
    pthread_t thread;
    sigset_t set;
    sem_t semaphore;
    void *result;

    pthread_mutex_lock(&mutex);
    pthread_create(&thread, NULL, take_mutex, NULL);
    pthread_join(thread, &result);
    TEST_EQUAL((intptr_t)result, ETIMEDOUT, "MUTEX: pthread_mutex_lock ends");
    limit(_NTO_TIMEOUT_CONDVAR);
    TEST_EQUAL(pthread_cond_wait(&condition, &mutex), ETIMEDOUT, "CONDVAR: pthread_cond_wait");
    pthread_mutex_unlock(&mutex);
    sem_init(&semaphore, 0, 0);
    limit(_NTO_TIMEOUT_SEM);
    TEST_FAILS(sem_wait(&semaphore), ETIMEDOUT, "SEM: sem_wait");
    pthread_create(&thread, NULL, sleep_long, NULL);
    limit(_NTO_TIMEOUT_JOIN);
    TEST_EQUAL(pthread_join(thread, NULL), ETIMEDOUT, "JOIN: pthread_join");
    pthread_cancel(thread);
    TEST_EQUAL(pthread_join(thread, NULL), 0, "which can be made again");
    limit(_NTO_TIMEOUT_NANOSLEEP);
    TEST_FAILS(nanosleep(&long_time, NULL), ETIMEDOUT, "NANOSLEEP: nanosleep");
    limit(_NTO_TIMEOUT_NANOSLEEP);
    TEST_EQUAL(nanosleep(&little, NULL), 0, "unless it is shorter");
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    limit(_NTO_TIMEOUT_SIGWAITINFO);
    TEST_FAILS(sigwaitinfo(&set, NULL), EAGAIN, "SIGWAITINFO: sigwaitinfo, as sigtimedwait does");
    limit(_NTO_TIMEOUT_INTR);
    TEST_FAILS(InterruptWait(0, NULL), ETIMEDOUT, "INTR: InterruptWait");
    limit(_NTO_TIMEOUT_INTR);
    sem_post(&semaphore);
    TEST_EQUAL(sem_wait(&semaphore), 0, "a call that need not block");
    TEST_FAILS(InterruptWait(0, NULL), ETIMEDOUT, "leaves the limit to the next");
}

static void check_refusals(void)
{
    const struct _clockperiod period = {1000000, 0};
    struct _clockperiod known;
    struct _clockadjust adjust = {1, 1};
    struct sigevent event;
    uint64_t now = 0, ns = 1000, before = iris_clock_monotonic();

    SIGEV_SIGNAL_INIT(&event, SIGUSR1);
    TEST_FAILS(TimerTimeout(CLOCK_MONOTONIC, _NTO_TIMEOUT_RECEIVE, &event, &ns, NULL), ENOTSUP,
               "TimerTimeout with another event than SIGEV_UNBLOCK");
    TEST_FAILS(TimerTimeout(CLOCK_MONOTONIC, _NTO_TIMEOUT_SEND, NULL, &ns, NULL), ENOTSUP,
               "SEND without REPLY");
    TEST_FAILS(TimerTimeout(CLOCK_MONOTONIC, 1 << 20, NULL, &ns, NULL), ENOTSUP,
               "a state that is none");
    TEST_FAILS(TimerTimeout(55, _NTO_TIMEOUT_RECEIVE, NULL, &ns, NULL), EINVAL, "by no clock");
    SIGEV_UNBLOCK_INIT(&event);
    TEST_EQUAL(TimerTimeout(CLOCK_MONOTONIC, 0, &event, &ns, NULL), 0, "with SIGEV_UNBLOCK");
    TEST_EQUAL(ClockTime(CLOCK_MONOTONIC, NULL, &now), 0, "ClockTime");
    TEST_CHECK(now >= before, "goes on");
    TEST_FAILS(ClockTime(CLOCK_REALTIME, &now, NULL), EPERM, "and is not set");
    TEST_FAILS(ClockTime(CLOCK_MONOTONIC, &now, NULL), EINVAL, "least of all this one");
    TEST_EQUAL(ClockPeriod(CLOCK_REALTIME, NULL, &known, 0), 0, "ClockPeriod");
    TEST_EQUAL(known.nsec, 1, "there is no tick");
    TEST_FAILS(ClockPeriod(CLOCK_REALTIME, &period, NULL, 0), EPERM, "nor is one made");
    TEST_FAILS(ClockAdjust(CLOCK_REALTIME, &adjust, NULL), ENOTSUP, "ClockAdjust");
    TEST_FAILS(TimerInfo(getppid(), 1, 0, NULL), ENOTSUP, "another process's timer");
    TEST_FAILS(TimerSettime(1234, 0, NULL, NULL), EINVAL, "setting no timer");
}

void check_time(void)
{
    check_timers();
    check_kinds();
    check_alarm();
    check_posix();
    check_timeouts();
    check_states();
    check_refusals();
}
