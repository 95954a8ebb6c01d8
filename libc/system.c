/* SPDX-License-Identifier: MIT */
/* A command line that the shell runs: POSIX.1-2017, system. */
#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libc.h"
#include "newlib_hooks.h"

extern char **environ;

int libc_start_shell(pid_t *pid, const char *command, const posix_spawn_file_actions_t *actions,
                     const posix_spawnattr_t *attributes)
{
    char name[] = "sh", option[] = "-c";
    char *const argv[] = {name, option, (char *)(uintptr_t)command, NULL};
    return posix_spawn(pid, LIBC_SHELL, actions, attributes, argv, environ);
}

/* ---- system: POSIX.1-2017, signals as it says ---- */

static int run(const char *command, sigset_t blocked)
{
    posix_spawnattr_t attributes;
    sigset_t defaults;
    pid_t pid;
    int status;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGINT);
    sigaddset(&defaults, SIGQUIT);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attributes, &blocked);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    int error = libc_start_shell(&pid, command, NULL, &attributes);
    if (error != 0)
        return libc_result(-error);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return status;
}

int _system(const char *command)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN}, interrupt, quit;
    sigset_t child, blocked;
    if (command == NULL)
        return 1;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigaction(SIGINT, &ignore, &interrupt);
    sigaction(SIGQUIT, &ignore, &quit);
    sigprocmask(SIG_BLOCK, &child, &blocked);
    int status = run(command, blocked);
    int error = errno;
    sigaction(SIGINT, &interrupt, NULL);
    sigaction(SIGQUIT, &quit, NULL);
    sigprocmask(SIG_SETMASK, &blocked, NULL);
    errno = error;
    return status;
}
