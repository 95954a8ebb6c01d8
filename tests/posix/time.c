/* SPDX-License-Identifier: MIT */
/* Clocks, sleeping, timers. */
#include "behaviour.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>

static long long nanoseconds(struct timespec time)
{
    return time.tv_sec * 1000000000ll + time.tv_nsec;
}

static long long clock_now(clockid_t clock)
{
    struct timespec now = {-1, 0};

    CHECK(clock_gettime(clock, &now) == 0);
    return nanoseconds(now);
}

/* ---- Clocks ---- */

BEHAVIOUR(monotonic, "XSH clock_gettime: CLOCK_MONOTONIC never goes back")
{
    long long last = clock_now(CLOCK_MONOTONIC);

    for (int i = 0; i < 50; i++) {
        long long now = clock_now(CLOCK_MONOTONIC);
        CHECK(now >= last);
        last = now;
    }
}

BEHAVIOUR(clock_fields, "XSH clock_gettime: nanoseconds are within a second")
{
    struct timespec now;

    CHECK(clock_gettime(CLOCK_REALTIME, &now) == 0);
    CHECK(now.tv_nsec >= 0 && now.tv_nsec < 1000000000);
    CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    CHECK(now.tv_nsec >= 0 && now.tv_nsec < 1000000000);
}

BEHAVIOUR(clock_invalid, "XSH clock_gettime: an unknown clock is EINVAL")
{
    struct timespec now;

    FAILS(clock_gettime((clockid_t)9999, &now), EINVAL);
    FAILS(clock_getres((clockid_t)9999, &now), EINVAL);
}

BEHAVIOUR(clock_resolution, "XSH clock_getres: at most _POSIX_CLOCKRES_MIN, 20 ms")
{
    struct timespec resolution;

    CHECK(clock_getres(CLOCK_REALTIME, &resolution) == 0);
    CHECK(nanoseconds(resolution) > 0 && nanoseconds(resolution) <= 20000000);
    CHECK(clock_getres(CLOCK_MONOTONIC, &resolution) == 0);
    CHECK(nanoseconds(resolution) > 0 && nanoseconds(resolution) <= 20000000);
    CHECK(clock_getres(CLOCK_MONOTONIC, NULL) == 0);
}

BEHAVIOUR(clock_monotonic_set, "XSH clock_settime: CLOCK_MONOTONIC cannot be set: EINVAL")
{
    struct timespec time = {1, 0};

    FAILS(clock_settime(CLOCK_MONOTONIC, &time), EINVAL);
}

BEHAVIOUR(clocks_agree, "XSH time, gettimeofday: tell CLOCK_REALTIME")
{
    struct timeval day;
    struct timespec now;
    time_t stored;

    REQUIRE(clock_gettime(CLOCK_REALTIME, &now) == 0);
    time_t seconds = time(&stored);
    CHECK(gettimeofday(&day, NULL) == 0);
    EQUAL(seconds, stored);
    CHECK(seconds >= now.tv_sec - 1 && seconds <= now.tv_sec + 5);
    CHECK(day.tv_sec >= now.tv_sec && day.tv_sec <= now.tv_sec + 5 && day.tv_usec < 1000000);
}

BEHAVIOUR(cpu_time, "XSH clock: processor time does not go back, and does not run while sleeping")
{
    clock_t before = clock();

    pause_for(100);
    clock_t after = clock();
    CHECK(before != (clock_t)-1 && after >= before);
    CHECK((after - before) * 1000 / CLOCKS_PER_SEC < 90);
}

BEHAVIOUR(times_elapsed,
          "XSH times: returns the elapsed time in clock ticks, and fills the times used")
{
    struct tms used = {-1, -1, -1, -1};
    clock_t before = times(&used);

    pause_for(100);
    CHECK(before != (clock_t)-1 && used.tms_utime != (clock_t)-1 && used.tms_cutime != (clock_t)-1);
    CHECK((times(&used) - before) * 1000 / sysconf(_SC_CLK_TCK) >= 80);
}

static void check_growth(clockid_t clock)
{
    long long first = clock_now(clock), last = first;

    for (int i = 0; i < 1000; i++) {
        long long now = clock_now(clock);
        REQUIRE(now >= last);
        last = now;
    }
    CHECK(last > first);
}

BEHAVIOUR(cpu_time_read,
          "XSH clock_gettime: a program that only reads its processor time sees it grow")
{
    check_growth(CLOCK_PROCESS_CPUTIME_ID);
    check_growth(CLOCK_THREAD_CPUTIME_ID);
}

/* ---- Sleeping ---- */

BEHAVIOUR(nanosleep_least, "XSH nanosleep: sleeps no less than asked for")
{
    const struct timespec time = {0, 30000000};
    long long before = clock_now(CLOCK_MONOTONIC);

    CHECK(nanosleep(&time, NULL) == 0);
    CHECK(clock_now(CLOCK_MONOTONIC) - before >= 30000000);
}

BEHAVIOUR(nanosleep_invalid, "XSH nanosleep: nanoseconds below 0 or above 999999999 are EINVAL")
{
    const struct timespec high = {0, 1000000000}, low = {0, -1};

    FAILS(nanosleep(&high, NULL), EINVAL);
    FAILS(nanosleep(&low, NULL), EINVAL);
}

BEHAVIOUR(nanosleep_zero, "XSH nanosleep: of no time returns 0")
{
    const struct timespec time = {0, 0};

    CHECK(nanosleep(&time, NULL) == 0);
}

BEHAVIOUR(sleep_full, "XSH sleep: returns 0 when all of the time has passed")
{
    long long before = milliseconds();

    EQUAL(sleep(1), 0);
    CHECK(milliseconds() - before >= 999);
    EQUAL(sleep(0), 0);
}

BEHAVIOUR(clock_nanosleep_relative, "XSH clock_nanosleep: without flags sleeps that long")
{
    const struct timespec time = {0, 30000000};
    long long before = clock_now(CLOCK_MONOTONIC);

    EQUAL(clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL), 0);
    CHECK(clock_now(CLOCK_MONOTONIC) - before >= 30000000);
}

BEHAVIOUR(clock_nanosleep_absolute, "XSH clock_nanosleep: TIMER_ABSTIME sleeps until that time")
{
    struct timespec time;

    REQUIRE(clock_gettime(CLOCK_MONOTONIC, &time) == 0);
    long long end = nanoseconds(time) + 30000000;
    time = (struct timespec){(time_t)(end / 1000000000), (long)(end % 1000000000)};
    EQUAL(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL), 0);
    CHECK(clock_now(CLOCK_MONOTONIC) >= end);
}

BEHAVIOUR(clock_nanosleep_past, "XSH clock_nanosleep: a time that is past returns at once")
{
    const struct timespec time = {0, 1};

    EQUAL(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL), 0);
    EQUAL(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &time, NULL), 0);
}

BEHAVIOUR(clock_nanosleep_invalid, "XSH clock_nanosleep: returns EINVAL, and leaves errno alone")
{
    const struct timespec time = {0, 0}, wrong = {0, 1000000000};

    errno = 0;
    EQUAL(clock_nanosleep(CLOCK_MONOTONIC, 0, &wrong, NULL), EINVAL);
    EQUAL(clock_nanosleep((clockid_t)9999, 0, &time, NULL), EINVAL);
    EQUAL(errno, 0);
}

/* ---- Timers ---- */

static volatile sig_atomic_t ticks, value;

static void tick(int signo, siginfo_t *info, void *context)
{
    (void)signo, (void)context;
    ticks++;
    if (info->si_code == SI_TIMER)
        value = info->si_value.sival_int;
}

static bool catch_ticks(int signo)
{
    struct sigaction action = {.sa_sigaction = tick, .sa_flags = SA_SIGINFO};

    sigemptyset(&action.sa_mask);
    ticks = value = 0;
    return sigaction(signo, &action, NULL) == 0;
}

static struct itimerspec after_ms(long first, long interval)
{
    return (struct itimerspec){.it_value = {first / 1000, first % 1000 * 1000000},
                               .it_interval = {interval / 1000, interval % 1000 * 1000000}};
}

static bool make_timer(timer_t *timer, int signo)
{
    struct sigevent event = {.sigev_notify = SIGEV_NONE};

    if (signo != 0) {
        event.sigev_notify = SIGEV_SIGNAL;
        event.sigev_signo = signo;
        event.sigev_value.sival_int = 42;
    }
    return timer_create(CLOCK_MONOTONIC, &event, timer) == 0;
}

/* Waits for signals until there were so many ticks. */
static void wait_ticks(int signo, int wanted)
{
    sigset_t set, before;

    sigemptyset(&set);
    sigaddset(&set, signo);
    sigprocmask(SIG_BLOCK, &set, &before);
    while (ticks < wanted)
        sigsuspend(&before);
    sigprocmask(SIG_SETMASK, &before, NULL);
}

BEHAVIOUR(timer_disarmed, "XSH timer_create: a new timer is not armed")
{
    struct itimerspec left = after_ms(1, 1);
    timer_t timer;

    REQUIRE(make_timer(&timer, 0));
    CHECK(timer_gettime(timer, &left) == 0);
    CHECK(nanoseconds(left.it_value) == 0 && nanoseconds(left.it_interval) == 0);
    CHECK(timer_delete(timer) == 0);
}

BEHAVIOUR(timer_signal, "XSH timer_settime: sends its signal with its value, not before the time")
{
    struct itimerspec once = after_ms(30, 0);
    timer_t timer;

    REQUIRE(catch_ticks(SIGUSR1) && make_timer(&timer, SIGUSR1));
    long long before = clock_now(CLOCK_MONOTONIC);
    CHECK(timer_settime(timer, 0, &once, NULL) == 0);
    wait_ticks(SIGUSR1, 1);
    CHECK(clock_now(CLOCK_MONOTONIC) - before >= 30000000);
    EQUAL(value, 42);
    CHECK(timer_delete(timer) == 0);
    signal(SIGUSR1, SIG_DFL);
}

BEHAVIOUR(timer_repeats, "XSH timer_settime: with an interval it sends again and again")
{
    struct itimerspec often = after_ms(20, 20);
    timer_t timer;

    REQUIRE(catch_ticks(SIGUSR1) && make_timer(&timer, SIGUSR1));
    long long before = clock_now(CLOCK_MONOTONIC);
    CHECK(timer_settime(timer, 0, &often, NULL) == 0);
    wait_ticks(SIGUSR1, 3);
    CHECK(clock_now(CLOCK_MONOTONIC) - before >= 60000000);
    CHECK(timer_delete(timer) == 0);
    signal(SIGUSR1, SIG_DFL);
}

BEHAVIOUR(timer_left, "XSH timer_gettime: tells the time left and the interval")
{
    struct itimerspec set = after_ms(50000, 1000), left;
    timer_t timer;

    REQUIRE(make_timer(&timer, 0));
    CHECK(timer_settime(timer, 0, &set, NULL) == 0 && timer_gettime(timer, &left) == 0);
    CHECK(nanoseconds(left.it_value) > 0 && nanoseconds(left.it_value) <= 50000000000ll);
    EQUAL(nanoseconds(left.it_interval), 1000000000);
    CHECK(timer_delete(timer) == 0);
}

BEHAVIOUR(timer_old_value, "XSH timer_settime: tells what was set before; zero disarms")
{
    struct itimerspec set = after_ms(50000, 0), none = after_ms(0, 0), old;
    timer_t timer;

    REQUIRE(make_timer(&timer, SIGUSR1) && timer_settime(timer, 0, &set, NULL) == 0);
    CHECK(timer_settime(timer, 0, &none, &old) == 0);
    CHECK(nanoseconds(old.it_value) > 0 && nanoseconds(old.it_value) <= 50000000000ll);
    CHECK(timer_gettime(timer, &old) == 0 && nanoseconds(old.it_value) == 0);
    CHECK(timer_delete(timer) == 0);
}

BEHAVIOUR(timer_absolute, "XSH timer_settime: TIMER_ABSTIME with a past time is due at once")
{
    struct itimerspec past = {.it_value = {0, 1}};
    timer_t timer;

    REQUIRE(catch_ticks(SIGUSR1) && make_timer(&timer, SIGUSR1));
    CHECK(timer_settime(timer, TIMER_ABSTIME, &past, NULL) == 0);
    wait_ticks(SIGUSR1, 1);
    EQUAL(ticks, 1);
    CHECK(timer_delete(timer) == 0);
    signal(SIGUSR1, SIG_DFL);
}

BEHAVIOUR(timer_several, "XSH timer_create: timers are independent of each other")
{
    struct itimerspec soon = after_ms(20, 0), late = after_ms(50000, 0), left;
    timer_t first, second;

    REQUIRE(catch_ticks(SIGUSR1) && make_timer(&first, SIGUSR1) && make_timer(&second, 0));
    CHECK(timer_settime(second, 0, &late, NULL) == 0 && timer_settime(first, 0, &soon, NULL) == 0);
    wait_ticks(SIGUSR1, 1);
    CHECK(timer_gettime(second, &left) == 0 && left.it_value.tv_sec > 0);
    CHECK(timer_delete(first) == 0 && timer_delete(second) == 0);
    signal(SIGUSR1, SIG_DFL);
}

BEHAVIOUR(timer_overrun, "XSH timer_getoverrun: counts expirations while the signal was pending")
{
    struct itimerspec often = after_ms(10, 10);
    sigset_t set, before;
    timer_t timer;

    REQUIRE(catch_ticks(SIGUSR1) && make_timer(&timer, SIGUSR1));
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, &before);
    CHECK(timer_settime(timer, 0, &often, NULL) == 0);
    pause_for(100);
    sigprocmask(SIG_SETMASK, &before, NULL);
    CHECK(ticks >= 1 && timer_getoverrun(timer) >= 3);
    CHECK(timer_delete(timer) == 0);
    signal(SIGUSR1, SIG_DFL);
}

BEHAVIOUR(timer_deleted,
          "XSH timer_delete: an armed timer is disarmed and its signal does not come")
{
    struct itimerspec soon = after_ms(40, 0);
    timer_t timer;

    REQUIRE(catch_ticks(SIGUSR1) && make_timer(&timer, SIGUSR1));
    CHECK(timer_settime(timer, 0, &soon, NULL) == 0 && timer_delete(timer) == 0);
    pause_for(80);
    EQUAL(ticks, 0);
    signal(SIGUSR1, SIG_DFL);
}

BEHAVIOUR(timer_interrupts_reading,
          "XSH setitimer: its signal comes to a program that does nothing but read processor time")
{
    const struct itimerval soon = {.it_value = {0, 30000}};
    long long begin = clock_now(CLOCK_MONOTONIC);

    REQUIRE(catch_ticks(SIGALRM) && setitimer(ITIMER_REAL, &soon, NULL) == 0);
    while (ticks == 0)
        REQUIRE(clock_now(CLOCK_PROCESS_CPUTIME_ID) >= 0);
    CHECK(clock_now(CLOCK_MONOTONIC) - begin >= 29000000);
    EQUAL(ticks, 1);
    signal(SIGALRM, SIG_DFL);
}

BEHAVIOUR(timer_invalid,
          "XSH timer_create, timer_settime: unknown clocks and nanoseconds are EINVAL")
{
    struct sigevent event = {.sigev_notify = SIGEV_NONE};
    struct itimerspec wrong = {.it_value = {0, 1000000000}};
    timer_t timer;

    FAILS(timer_create((clockid_t)9999, &event, &timer), EINVAL);
    REQUIRE(make_timer(&timer, 0));
    FAILS(timer_settime(timer, 0, &wrong, NULL), EINVAL);
    CHECK(timer_delete(timer) == 0);
}

/* ---- Calendar ---- */

BEHAVIOUR(calendar, "XSH gmtime_r, mktime, strftime: seconds since the Epoch and dates")
{
    time_t leap = 951782400; /* 2000-02-29 00:00:00 UTC */
    struct tm date;
    char text[40];

    REQUIRE(gmtime_r(&leap, &date) != NULL);
    CHECK(date.tm_year == 100 && date.tm_mon == 1 && date.tm_mday == 29 && date.tm_wday == 2);
    CHECK(strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &date) == 19);
    CHECK(strcmp(text, "2000-02-29 00:00:00") == 0);
    date.tm_mday += 366;
    CHECK(mktime(&date) != (time_t)-1 && date.tm_mon == 2 && date.tm_mday == 1);
}
