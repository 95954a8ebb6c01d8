/* SPDX-License-Identifier: MIT */
/* Masks, pending signals, waiting for them: POSIX.1-2017. */
#include <errno.h>
#include <unistd.h>

#include "kit.h"
#include "t_signal.h"

static void check_blocked(void)
{
    sigset_t set = set_of(SIGUSR1), pending;

    catch (SIGUSR1, counts, 0);
    count = 0;
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGUSR1);
    raise(SIGUSR1);
    TEST_EQUAL(count, 0, "a blocked signal waits");
    sigpending(&pending);
    TEST_EQUAL(pending, set, "and is pending");
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    TEST_EQUAL(count, 1, "once, when it is unblocked");
    TEST_EQUAL(sigprocmask(9, &set, NULL), -1, "no such way to change it");
    TEST_EQUAL(errno, EINVAL, "EINVAL");
}

static void check_suspend(void)
{
    sigset_t set = set_of(SIGUSR1), old, now;

    sigprocmask(SIG_BLOCK, &set, &old);
    count = 0;
    kill(getpid(), SIGUSR1);
    TEST_EQUAL(sigsuspend(&old), -1, "sigsuspend");
    TEST_CHECK(errno == EINTR && count == 1, "returns when the handler has run");
    sigprocmask(SIG_SETMASK, &old, &now);
    TEST_EQUAL(now, old | set, "with the mask as before");
}

static void check_wait(void)
{
    const struct timespec moment = {.tv_nsec = 1000000};
    sigset_t set = set_of(SIGUSR2);
    siginfo_t info = {0};
    int signal = 0;

    sigprocmask(SIG_BLOCK, &set, NULL);
    TEST_EQUAL(sigtimedwait(&set, &info, &moment), -1, "nothing comes");
    TEST_EQUAL(errno, EAGAIN, "EAGAIN");
    kill(getpid(), SIGUSR2);
    TEST_EQUAL(sigwait(&set, &signal), 0, "sigwait");
    TEST_EQUAL(signal, SIGUSR2, "takes it without a handler");
    raise(SIGUSR2);
    TEST_EQUAL(sigwaitinfo(&set, &info), SIGUSR2, "sigwaitinfo");
    TEST_EQUAL(info.si_signo, SIGUSR2, "tells which");
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void check_queue(void)
{
    sigset_t set = set_of(SIGRTMIN);
    siginfo_t info;
    unsigned good = 0;

    sigprocmask(SIG_BLOCK, &set, NULL);
    for (int i = 1; i <= 3; i++)
        sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = i});
    for (int i = 1; i <= 3; i++)
        good += sigwaitinfo(&set, &info) == SIGRTMIN && info.si_value.sival_int == i;
    TEST_EQUAL(good, 3, "real-time signals are queued, in order, with their values");
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

void test_masks(void)
{
    check_blocked();
    check_suspend();
    check_wait();
    check_queue();
    uncatch(SIGUSR1);
}
