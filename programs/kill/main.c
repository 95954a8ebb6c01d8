/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>

#include <iris/summary.h>

#include "command.h"
#include "signals.h"

IRIS_SUMMARY("end processes: " SIGNALS_KILL_ARGUMENTS);

static int usage(void) { return command_usage("kill", SIGNALS_KILL_ARGUMENTS); }

/* A negative number is a process group. */
static int send(const char *target, int signal)
{
    char *end;
    errno = 0;
    long pid = strtol(target, &end, 10);
    if (end == target || *end != '\0' || errno != 0 || pid > INT_MAX) {
        fprintf(stderr, "kill: %s: no process number\n", target);
        return COMMAND_USAGE;
    }
    return kill((pid_t)pid, signal) == 0 ? COMMAND_OK : command_failed("kill", target, errno);
}

int main(int argc, char *argv[]) { return command_kill(argc, argv, send, usage); }
