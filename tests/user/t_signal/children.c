/* SPDX-License-Identifier: MIT */
/* SIGCHLD, default actions, what children inherit. */
#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit.h"
#include "t_signal.h"

static void check_sigchld(void)
{
    catch (SIGCHLD, counts, SA_RESTART);
    count = 0;
    pid_t child = role_start("seven");
    TEST_CHECK(kit_wait_word((volatile uint32_t *)&count, 1), "SIGCHLD");
    TEST_CHECK(last.si_pid == child && last.si_code == CLD_EXITED && last.si_status == 7,
               "of whom, and how it ended");
    TEST_EQUAL(role_end(child), 7, "it can be waited for");
    signal(SIGCHLD, SIG_IGN);
    child = role_start("seven");
    TEST_EQUAL(waitpid(child, NULL, 0), -1, "with SIGCHLD ignored nobody is told");
    TEST_EQUAL(errno, ECHILD, "ECHILD");
    uncatch(SIGCHLD);
}

static void check_inheritance(void)
{
    sigset_t set = set_of(SIGUSR2);

    signal(SIGUSR1, SIG_IGN);
    sigprocmask(SIG_BLOCK, &set, NULL);
    TEST_EQUAL(role_end(role_start("inherits")), 3, "ignored and blocked signals are inherited");
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    signal(SIGUSR1, SIG_DFL);
    TEST_EQUAL(role_end(role_start("inherits")), 0, "and only those");
}

static void check_defaults(void)
{
    TEST_EQUAL(role_end(role_start("abort")), 1000 + SIGABRT, "abort");
    TEST_EQUAL(role_end(role_start("abort-caught")), 1000 + SIGABRT, "abort, caught");
    TEST_EQUAL(role_end(role_start("raise")), 1000 + SIGTERM, "raise");
    TEST_EQUAL(role_end(role_start("unblocks")), 1000 + SIGUSR1, "pending, then unblocked");
    pid_t child = role_start("sleeper");
    kill(child, SIGCHLD);
    kill(child, SIGURG);
    TEST_EQUAL(waitpid(child, NULL, WNOHANG), 0, "some do nothing");
    kill(child, SIGHUP);
    TEST_EQUAL(role_end(child), 1000 + SIGHUP, "others end it");
}

void test_children(void)
{
    check_sigchld();
    check_inheritance();
    check_defaults();
}
