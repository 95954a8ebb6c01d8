/* SPDX-License-Identifier: MIT */
/* The shell's language on the host: what is Iris' own of the shell is replaced by the host's. */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "builtin.h"
#include "child.h"
#include "execute.h"
#include "help.h"
#include "job.h"
#include "shell.h"
#include "terminal.h"
#include "trap.h"
#include "vars.h"

struct history shell_history;

const char *history_get(const struct history *history, size_t back)
{
    (void)history, (void)back;
    return NULL;
}

int help_all(void) { return 0; }
int help_one(const char *name) { return *name == '\0'; }

void terminal_begin(void) {}
void terminal_give(pid_t group) { (void)group; }
void terminal_take(void) {}

pid_t terminal_spawn(const char *path, char *const argv[], char *const environment[], pid_t group)
{
    pid_t pid;
    int error = posix_spawn(&pid, path, NULL, NULL, argv, environment);
    (void)group;
    errno = error;
    return error == 0 ? pid : -1;
}

/* shell -c COMMANDS [NAME [ARGUMENT]...] or shell FILE [ARGUMENT]... */
int main(int argc, char *argv[])
{
    static char program[4096];
    if (readlink("/proc/self/exe", program, sizeof program - 1) < 0)
        return 1;
    shell.program = program;
    shell.name = argv[0];
    shell.pid = getpid();
    vars_begin(environ);
    if (argc >= 2 && strcmp(argv[1], CHILD_OPTION) == 0)
        return child_main(argc, argv);
    bool has_commands = argc >= 3 && strcmp(argv[1], "-c") == 0;
    int first = has_commands ? 4 : 2;
    if (argc < 2 || !shell_set_arguments(argv + first, argc > first ? argc - first : 0))
        return 1;
    shell.name = has_commands && argc > 3 ? argv[3] : has_commands ? argv[0] : argv[1];
    if (has_commands)
        execute_text(argv[2], 1);
    else if (!execute_file(argv[1]))
        return STATUS_UNKNOWN;
    trap_run_exit();
    fflush(stdout);
    return shell.status;
}
