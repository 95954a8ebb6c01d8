/* SPDX-License-Identifier: MIT */
#include "builtin.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "condition.h"
#include "echo.h"
#include "format.h"
#include "help.h"
#include "job.h"
#include "shell.h"
#include "signals.h"
#include "trap.h"

int builtin_usage(const char *name)
{
    shell_complain("usage: %s %s", name, builtin_find(name)->arguments);
    return STATUS_USAGE;
}

int builtin_failed(const char *name, const char *what)
{
    shell_complain("%s: %s: %s", name, what, strerror(errno));
    return STATUS_ERROR;
}

static int run_cd(int argc, char *argv[])
{
    const char *path = argc > 1 ? argv[1] : "/";
    if (argc > 2)
        return builtin_usage("cd");
    return chdir(path) == 0 ? 0 : builtin_failed("cd", path);
}

static int run_echo(int argc, char *argv[]) { return command_echo(argc, argv); }

static int run_false(int argc, char *argv[])
{
    (void)argc, (void)argv;
    return STATUS_ERROR;
}

static int run_true(int argc, char *argv[])
{
    (void)argc, (void)argv;
    return 0;
}

static int run_bg(int argc, char *argv[])
{
    const char *text = argc > 1 ? argv[1] : "0";
    char *end;
    unsigned long number = strtoul(text + (*text == '%'), &end, 10);
    if (argc > 2 || *end != '\0')
        return builtin_usage("bg");
    return job_continue((unsigned)number);
}

static int run_fg(int argc, char *argv[])
{
    const char *text = argc > 1 ? argv[1] : "0";
    char *end;
    unsigned long number = strtoul(text + (*text == '%'), &end, 10);
    if (argc > 2 || *end != '\0')
        return builtin_usage("fg");
    return job_foreground((unsigned)number);
}

static int run_help(int argc, char *argv[])
{
    if (argc > 2)
        return builtin_usage("help");
    return argc == 2 ? help_one(argv[1]) : help_all();
}

static int run_history(int argc, char *argv[])
{
    (void)argv;
    if (argc > 1)
        return builtin_usage("history");
    for (size_t back = shell_history.count; back > 0; back--)
        printf("%5u  %s\n", (unsigned)(shell_history.dropped + shell_history.count - back + 1),
               history_get(&shell_history, back - 1));
    return 0;
}

static int run_jobs(int argc, char *argv[])
{
    (void)argv;
    if (argc > 1)
        return builtin_usage("jobs");
    job_list();
    return 0;
}

/* A job is a process group if there is a prompt. */
static int kill_one(const char *text, int signal)
{
    bool is_group = *text == '-';
    pid_t pid = job_pid(text + is_group);
    if (pid == 0 && strcmp(text, "0") != 0) {
        shell_complain("kill: %s: no process number", text);
        return STATUS_USAGE;
    }
    if (*text == '%' && getpgid(pid) != getpgrp()) {
        pid = getpgid(pid);
        is_group = true;
    }
    return kill(is_group ? -pid : pid, signal) == 0 ? 0 : builtin_failed("kill", text);
}

static int kill_usage(void) { return builtin_usage("kill"); }

static int run_kill(int argc, char *argv[])
{
    return command_kill(argc, argv, kill_one, kill_usage);
}

static int run_pwd(int argc, char *argv[])
{
    char path[256];
    (void)argv;
    if (argc > 1)
        return builtin_usage("pwd");
    if (getcwd(path, sizeof path) == NULL)
        return builtin_failed("pwd", "current directory");
    printf("%s\n", path);
    return 0;
}

static int run_wait(int argc, char *argv[])
{
    int status = 0;
    if (argc == 1)
        status = job_wait_all();
    for (int i = 1; i < argc; i++) {
        if (job_pid(argv[i]) == 0 && *argv[i] != '%')
            return builtin_usage("wait");
        status = job_wait_one(argv[i]);
    }
    return status;
}

const struct builtin builtins[] = {
    {".", "FILE", "run a file's commands here", .run = builtin_dot, .is_special = true},
    {":", "", "do nothing", .run = run_true, .is_special = true},
    {"[", "CONDITION ]", "the same as test", .run = command_test, .is_program_too = true},
    {"bg", "[%JOB]", "let a stopped program go on in the background", .run = run_bg},
    {"break", "[LOOPS]", "leave a loop", .run = builtin_break, .is_special = true},
    {"cd", "[DIRECTORY]", "go to a directory", .run = run_cd},
    {"command", "[-v] NAME [WORD]...", "run a command that is no function; -v: what is it?",
     .run = builtin_command},
    {"continue", "[LOOPS]", "begin a loop's next round", .run = builtin_continue,
     .is_special = true},
    {"echo", "[-n] [WORD]...", "print its arguments", .run = run_echo, .is_program_too = true},
    {"eval", "[WORD]...", "run words as a command", .run = builtin_eval, .is_special = true},
    {"exec", "[COMMAND]", "keep redirections; run a command instead of the shell",
     .run = builtin_exec, .is_special = true},
    {"exit", "[STATUS]", "end the shell", .run = builtin_exit, .is_special = true},
    {"export", "[NAME[=VALUE]]...", "give variables to programs", .run = builtin_export,
     .is_special = true},
    {"false", "", "fail", .run = run_false, .is_program_too = true},
    {"fg", "[%JOB]", "bring a background program to the foreground", .run = run_fg},
    {"getopts", "LETTERS NAME [WORD]...", "take the next option of a script's arguments",
     .run = builtin_getopts},
    {"help", "[COMMAND]", "list commands and programs", .run = run_help},
    {"history", "", "list the lines typed", .run = run_history},
    {"jobs", "", "list programs in the background", .run = run_jobs},
    {"kill", SIGNALS_KILL_ARGUMENTS, "end processes or jobs (%JOB), or send them another signal",
     .run = run_kill, .is_program_too = true},
    {"local", "NAME[=VALUE]...", "a function's own variables", .run = builtin_local},
    {"log", "", "show the system log (runs dmesg)", .program = "dmesg"},
    {"mem", "", "show memory in use (runs free)", .program = "free"},
    {"printf", "FORMAT [WORD]...", "print as a format says", .run = command_printf,
     .is_program_too = true},
    {"pwd", "", "print the current directory", .run = run_pwd},
    {"read", "[-r] NAME...", "read a line into variables", .run = builtin_read},
    {"readonly", "[NAME[=VALUE]]...", "variables that cannot change", .run = builtin_readonly,
     .is_special = true},
    {"return", "[STATUS]", "leave a function", .run = builtin_return, .is_special = true},
    {"sched", "", "show or change scheduling domains (runs schedule)", .program = "schedule"},
    {"set", "[-efnux] [--] [WORD]...", "options; the arguments $1...", .run = builtin_set,
     .is_special = true},
    {"shift", "[COUNT]", "drop the first arguments", .run = builtin_shift, .is_special = true},
    {"test", "CONDITION", "compare and look at files", .run = command_test, .is_program_too = true},
    {"times", "", "processor time used", .run = builtin_times, .is_special = true},
    {"trap", "[ACTION|-] [SIGNAL|EXIT]...", "what to do when a signal comes, or at the end",
     .run = builtin_trap, .is_special = true},
    {"true", "", "succeed", .run = run_true, .is_program_too = true},
    {"type", "NAME...", "tell what a name is", .run = builtin_type},
    {"umask", "[-S] [MASK]", "permissions that new files do not get", .run = builtin_umask},
    {"unset", "[-fv] NAME...", "forget variables or functions", .run = builtin_unset,
     .is_special = true},
    {"wait", "[PID|%JOB]...", "wait for programs in the background", .run = run_wait},
    {.name = NULL},
};

const struct builtin *builtin_find(const char *name)
{
    for (const struct builtin *builtin = builtins; builtin->name != NULL; builtin++)
        if (strcmp(builtin->name, name) == 0)
            return builtin;
    return NULL;
}
