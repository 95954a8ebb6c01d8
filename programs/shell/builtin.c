/* SPDX-License-Identifier: MIT */
#include "builtin.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "help.h"
#include "job.h"

static int usage(const char *name)
{
    fprintf(stderr, "usage: %s %s\n", name, builtin_find(name)->arguments);
    return STATUS_USAGE;
}

static int failed(const char *name, const char *what)
{
    fprintf(stderr, "%s: %s: %s\n", name, what, strerror(errno));
    return STATUS_ERROR;
}

static int run_cd(int argc, char *argv[])
{
    const char *path = argc > 1 ? argv[1] : "/";
    if (argc > 2)
        return usage("cd");
    return chdir(path) == 0 ? 0 : failed("cd", path);
}

/* Also a program; here because tests ask for $? with it all the time. */
static int run_echo(int argc, char *argv[])
{
    int first = argc > 1 && strcmp(argv[1], "-n") == 0 ? 2 : 1;
    for (int i = first; i < argc; i++)
        printf("%s%s", i > first ? " " : "", argv[i]);
    if (first == 1)
        putchar('\n');
    return 0;
}

static int run_exit(int argc, char *argv[])
{
    char *end;
    long status = argc > 1 ? strtol(argv[1], &end, 10) : shell_status;
    if (argc > 2 || (argc == 2 && (end == argv[1] || *end != '\0')))
        return usage("exit");
    exit((int)status & 0xff);
}

static int run_fg(int argc, char *argv[])
{
    const char *text = argc > 1 ? argv[1] : "0";
    char *end;
    unsigned long number = strtoul(text + (*text == '%'), &end, 10);
    if (argc > 2 || *end != '\0')
        return usage("fg");
    return job_foreground((unsigned)number);
}

static int run_help(int argc, char *argv[])
{
    if (argc > 2)
        return usage("help");
    return argc == 2 ? help_one(argv[1]) : help_all();
}

static int run_history(int argc, char *argv[])
{
    (void)argv;
    if (argc > 1)
        return usage("history");
    for (size_t back = shell_history.count; back > 0; back--)
        printf("%5u  %s\n", (unsigned)(shell_history.dropped + shell_history.count - back + 1),
               history_get(&shell_history, back - 1));
    return 0;
}

static int run_jobs(int argc, char *argv[])
{
    (void)argv;
    if (argc > 1)
        return usage("jobs");
    job_list();
    return 0;
}

static int run_kill(int argc, char *argv[])
{
    int status = 0;
    if (argc < 2)
        return usage("kill");
    for (int i = 1; i < argc; i++) {
        pid_t pid = job_pid(argv[i]);
        if (pid == 0) {
            fprintf(stderr, "kill: %s: no process number\n", argv[i]);
            status = STATUS_USAGE;
        } else if (kill(pid, SIGKILL) != 0) {
            status = failed("kill", argv[i]);
        }
    }
    return status;
}

static int run_pwd(int argc, char *argv[])
{
    char path[256];
    (void)argv;
    if (argc > 1)
        return usage("pwd");
    if (getcwd(path, sizeof path) == NULL)
        return failed("pwd", "current directory");
    printf("%s\n", path);
    return 0;
}

static int run_wait(int argc, char *argv[])
{
    (void)argv;
    if (argc > 1)
        return usage("wait");
    job_wait_all();
    return 0;
}

const struct builtin builtins[] = {
    {"cd", "[DIRECTORY]", "go to a directory", run_cd, NULL},
    {"echo", "[-n] [WORD]...", "print its arguments", run_echo, NULL},
    {"exit", "[STATUS]", "end the shell", run_exit, NULL},
    {"fg", "[%JOB]", "bring a background program to the foreground", run_fg, NULL},
    {"help", "[COMMAND]", "list commands and programs", run_help, NULL},
    {"history", "", "list the lines typed", run_history, NULL},
    {"jobs", "", "list programs in the background", run_jobs, NULL},
    {"kill", "PID|%JOB...", "end processes", run_kill, NULL},
    {"log", "", "show the system log (runs dmesg)", NULL, "dmesg"},
    {"mem", "", "show memory in use (runs free)", NULL, "free"},
    {"sched", "", "show or change scheduling domains (runs schedule)", NULL, "schedule"},
    {"pwd", "", "print the current directory", run_pwd, NULL},
    {"wait", "", "wait for all programs in the background", run_wait, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct builtin *builtin_find(const char *name)
{
    for (const struct builtin *builtin = builtins; builtin->name != NULL; builtin++)
        if (strcmp(builtin->name, name) == 0)
            return builtin;
    return NULL;
}
