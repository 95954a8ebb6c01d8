/* SPDX-License-Identifier: MIT */
/*
 * Signals: actions, masks, faults, interrupted calls, children, and storms of them.
 *
 *     t_signal [ROUNDS]
 */
#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <iris/summary.h>

#include "kit.h"
#include "t_signal.h"

IRIS_SUMMARY("test: signals and their handlers: [ROUNDS]");

extern char **environ;

volatile int count;
volatile siginfo_t last;

void counts(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)context;
    count++;
    last = *info;
}

void catch (int signal, void (*function)(int, siginfo_t *, void *), int flags)
{
    struct sigaction action = {.sa_sigaction = function, .sa_flags = SA_SIGINFO | flags};
    TEST_EQUAL(sigaction(signal, &action, NULL), 0, "a handler for signal %d", signal);
}

void uncatch(int signal)
{
    const struct sigaction action = {.sa_handler = SIG_DFL};
    sigaction(signal, &action, NULL);
}

sigset_t set_of(int signal)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    return set;
}

pid_t role_start(const char *role)
{
    char name[] = "t_signal", mark[] = "role";
    char *const argv[] = {name, mark, (char *)(uintptr_t)role, NULL};
    pid_t pid = -1;
    int error = posix_spawn(&pid, "/bin/t_signal", NULL, NULL, argv, environ);
    TEST_EQUAL(error, 0, "a child that plays %s", role);
    return pid;
}

int role_end(pid_t pid)
{
    int status = 0;
    if (waitpid(pid, &status, 0) != pid)
        return -errno;
    return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(int argc, char *argv[])
{
    if (argc == 3 && strcmp(argv[1], "role") == 0)
        return role_play(argv[2]);
    test_begin("signal");
    test_actions();
    test_masks();
    test_faults();
    test_calls();
    test_children();
    test_storm(kit_rounds(argc, argv, 200));
    return test_end();
}
