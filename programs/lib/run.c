/* SPDX-License-Identifier: MIT */
#include "run.h"

#include <errno.h>
#include <spawn.h>
#include <sys/wait.h>

#include "command.h"

extern char **environ;

enum { STATUS_NO_PROGRAM = 126, STATUS_UNKNOWN = 127, STATUS_SIGNAL = 128 };

int run_command(const char *name, char *argv[])
{
    int status;
    pid_t pid;
    int error = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);
    if (error != 0) {
        command_failed(name, argv[0], error);
        return error == ENOENT ? STATUS_UNKNOWN : STATUS_NO_PROGRAM;
    }
    while (waitpid(pid, &status, 0) != pid)
        if (errno != EINTR)
            return command_failed(name, argv[0], errno);
    return WIFSIGNALED(status) ? STATUS_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}
