/* SPDX-License-Identifier: MIT */
/* waitpid, waitid, stops and continuations: POSIX.1-2017. */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit.h"
#include "t_spawn.h"

static void check_ends(void)
{
    int status = -1;

    TEST_EQUAL(waitpid(-1, &status, 0), -1, "without children");
    TEST_EQUAL(errno, ECHILD, "ECHILD");
    TEST_EQUAL(role_run("exit", "42", NULL, NULL), 42, "an exit status");
    pid_t child = role_start("sleeper", "", NULL, NULL);
    TEST_EQUAL(waitpid(child, &status, WNOHANG), 0, "WNOHANG while it lives");
    TEST_EQUAL(kill(child, 0), 0, "it can be signalled");
    kill(child, SIGUSR1);
    TEST_EQUAL(wait(&status), child, "wait");
    TEST_CHECK(WIFSIGNALED(status) && !WIFEXITED(status) && WTERMSIG(status) == SIGUSR1,
               "ended by the signal that was sent");
    TEST_EQUAL(kill(child, 0), -1, "afterwards it is gone");
    TEST_EQUAL(errno, ESRCH, "ESRCH");
    TEST_EQUAL(waitpid(-1, &status, 0x4000), -1, "unknown options");
    TEST_EQUAL(errno, EINVAL, "EINVAL");
}

static void check_stops(void)
{
    posix_spawnattr_t attributes;
    int status = 0;

    posix_spawnattr_init(&attributes); /* SIGTSTP does not stop orphaned groups */
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    pid_t child = role_start("sleeper", "", NULL, &attributes);
    kill(child, SIGSTOP);
    TEST_EQUAL(waitpid(child, &status, WNOHANG), 0, "a stop is not told unasked");
    TEST_EQUAL(waitpid(child, &status, WUNTRACED), child, "with WUNTRACED it is");
    TEST_CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP, "by SIGSTOP");
    TEST_EQUAL(waitpid(child, &status, WUNTRACED | WNOHANG), 0, "and once");
    kill(child, SIGCONT);
    TEST_EQUAL(waitpid(child, &status, WCONTINUED), child, "it goes on");
    TEST_CHECK(WIFCONTINUED(status), "which WIFCONTINUED tells");
    kill(child, SIGTSTP);
    TEST_EQUAL(waitpid(child, &status, WUNTRACED), child, "stopped as by a terminal");
    kill(child, SIGTERM);
    TEST_EQUAL(role_end(child), ENDED_BY(SIGTERM), "a stopped one ends");
}

static void check_waitid(void)
{
    siginfo_t info = {0};
    pid_t child = role_start("exit", "9", NULL, NULL);

    TEST_EQUAL(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0, "waitid, WNOWAIT");
    TEST_CHECK(info.si_signo == SIGCHLD && info.si_code == CLD_EXITED && info.si_status == 9 &&
                   info.si_pid == child,
               "who, how, and which status");
    info.si_pid = 0;
    TEST_EQUAL(waitid(P_ALL, 0, &info, WSTOPPED | WNOHANG), 0, "not asked for its end");
    TEST_EQUAL(info.si_pid, 0, "nothing is told");
    TEST_EQUAL(waitid(P_PGID, (id_t)getpgrp(), &info, WEXITED), 0, "by group");
    TEST_EQUAL(info.si_pid, child, "it is told once more");
    TEST_EQUAL(waitid(P_PID, (id_t)child, &info, WEXITED), -1, "and no more");
    TEST_EQUAL(errno, ECHILD, "ECHILD");
    TEST_EQUAL(waitid(P_ALL, 0, &info, WNOHANG), -1, "nothing asked for");
    TEST_EQUAL(errno, EINVAL, "EINVAL");
}

void test_waiting(void)
{
    check_ends();
    check_stops();
    check_waitid();
}
