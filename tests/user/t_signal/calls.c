/* SPDX-License-Identifier: MIT */
/* Calls that a signal interrupts, timers. */
#include <errno.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kit.h"
#include "t_signal.h"

#define SHORT_US 20000

static void soon(void)
{
    const struct itimerval value = {.it_value = {.tv_usec = SHORT_US}};
    setitimer(ITIMER_REAL, &value, NULL);
}

static void check_sleep(void)
{
    const struct timespec time = {.tv_sec = 1000};
    struct timespec left = {0};

    catch (SIGALRM, counts, SA_RESTART);
    count = 0;
    soon();
    TEST_EQUAL(nanosleep(&time, &left), -1, "nanosleep");
    TEST_CHECK(errno == EINTR && left.tv_sec >= 900 && count == 1, "ends, and says what is left");
    soon();
    TEST_EQUAL(pause(), -1, "pause");
    TEST_CHECK(errno == EINTR && count == 2, "returns");
}

static void check_wait(void)
{
    pid_t child = role_start("sleeper");
    int status;

    catch (SIGALRM, counts, 0);
    count = 0;
    soon();
    TEST_EQUAL(waitpid(child, &status, 0), -1, "waitpid");
    TEST_CHECK(errno == EINTR && count == 1, "is interrupted");
    kill(child, SIGKILL);
    TEST_EQUAL(role_end(child), 1000 + SIGKILL, "and has lost nothing");
}

static pid_t victim;

static void kills(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)info;
    (void)context;
    count++;
    kill(victim, SIGTERM);
}

static void check_restart(void)
{
    int status;

    victim = role_start("sleeper");
    catch (SIGALRM, kills, SA_RESTART);
    count = 0;
    soon();
    TEST_EQUAL(waitpid(victim, &status, 0), victim, "with SA_RESTART it goes on waiting");
    TEST_CHECK(count == 1 && WTERMSIG(status) == SIGTERM, "after the handler");
}

static void check_timer(void)
{
    const struct itimerval often = {{.tv_usec = 5000}, {.tv_usec = 5000}}, none = {{0}, {0}};
    struct itimerval left;

    catch (SIGALRM, counts, SA_RESTART);
    count = 0;
    setitimer(ITIMER_REAL, &often, NULL);
    while (count < 5)
        continue; /* it interrupts computing, too */
    setitimer(ITIMER_REAL, &none, &left);
    TEST_CHECK(left.it_interval.tv_usec == 5000, "a timer with a period");
    TEST_EQUAL(alarm(100), 0, "alarm");
    TEST_EQUAL(alarm(0), 100, "tells what was left");
    TEST_EQUAL(getitimer(ITIMER_VIRTUAL, &left), -1, "none of processor time");
    TEST_EQUAL(errno, ENOTSUP, "ENOTSUP");
    uncatch(SIGALRM);
}

void test_calls(void)
{
    check_sleep();
    check_wait();
    check_restart();
    check_timer();
}
