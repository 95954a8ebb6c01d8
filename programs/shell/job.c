/* SPDX-License-Identifier: MIT */
#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iris/calls.h>
#include <iris/object.h>
#include <iris/spawn.h>

#include "console.h"
#include "slots.h"

/* Above that of the programs it starts: so it has handed the terminal over and waits for a program
   before the first instruction of that, and the prompt answers while programs compute. */
#define SHELL_PRIORITY 20

struct job {
    pid_t pid;        /* 0: free */
    uint32_t control; /* handle for process_control */
    char text[64];
};

static struct job jobs[JOBS_MAX];

static int start_failed(const char *name, int error)
{
    if (error == ENOENT) {
        fprintf(stderr, "%s: unknown command; try help\n", name);
        return STATUS_UNKNOWN;
    }
    fprintf(stderr, "%s: cannot start: %s\n", name, strerror(error));
    return STATUS_NO_PROGRAM;
}

/* waitpid's status as $? shows it. In the foreground only Ctrl-C kills. */
static int exit_status(int status, bool foreground)
{
    if (!WIFSIGNALED(status))
        return WEXITSTATUS(status);
    if (foreground && WTERMSIG(status) == SIGKILL)
        return STATUS_INTERRUPTED;
    return STATUS_SIGNAL + WTERMSIG(status);
}

/* Waits for a child with the terminal in its hands. */
static int wait_foreground(pid_t pid, uint32_t control)
{
    int status = 0;
    console_foreground(IRIS_SLOT_STDIN, control);
    console_set_mode(IRIS_SLOT_STDIN, CONSOLE_MODE_COOKED); /* a Ctrl-C typed ahead counts */
    pid_t ended = waitpid(pid, &status, 0);
    console_foreground_clear(IRIS_SLOT_STDIN);
    iris_handle_discard(control);
    if (ended == pid)
        return exit_status(status, true);
    fprintf(stderr, "cannot wait for process %d: %s\n", (int)pid, strerror(errno));
    return STATUS_ERROR;
}

int job_run(char *const argv[])
{
    uint32_t control = 0;
    fflush(stdout);
    pid_t pid = iris_spawn(argv[0], argv, NULL, &control);
    return pid < 0 ? start_failed(argv[0], errno) : wait_foreground(pid, control);
}

/* ---- Background ---- */

static unsigned job_number(const struct job *job) { return (unsigned)(job - jobs) + 1; }

static struct job *find(pid_t pid)
{
    for (struct job *job = jobs; job < jobs + JOBS_MAX; job++)
        if (job->pid == pid)
            return job;
    return NULL;
}

static void forget(struct job *job)
{
    iris_handle_discard(job->control);
    *job = (struct job){0};
}

/*
 * What a background program reads from. The terminal is the shell's, and there is no empty device
 * yet; a directory refuses to be read, so nothing waits.
 */
static int background_input = STDIN_FILENO;

void job_begin(void)
{
    iris_thread_schedule(IRIS_SLOT_THREAD, SHELL_PRIORITY, 0, 0, 0, 0);
    int directory = open("/", O_RDONLY | O_DIRECTORY);
    if (directory >= 0)
        background_input = directory;
}

int job_start(char *const argv[], const char *source, size_t source_length)
{
    struct iris_spawn options = {background_input, STDOUT_FILENO, STDERR_FILENO, NULL};
    struct job *job = find(0);
    if (job == NULL) {
        fprintf(stderr, "%s: too many programs in the background\n", argv[0]);
        return STATUS_ERROR;
    }
    fflush(stdout);
    pid_t pid = iris_spawn(argv[0], argv, &options, &job->control);
    if (pid < 0)
        return start_failed(argv[0], errno);
    job->pid = pid;
    snprintf(job->text, sizeof job->text, "%.*s", (int)source_length, source);
    printf("[%u] %d\n", job_number(job), (int)pid);
    return 0;
}

static void describe(const struct job *job, int status)
{
    char how[24];
    if (!WIFSIGNALED(status) && WEXITSTATUS(status) == 0)
        snprintf(how, sizeof how, "done");
    else if (!WIFSIGNALED(status))
        snprintf(how, sizeof how, "exit %d", WEXITSTATUS(status));
    else if (WTERMSIG(status) == SIGKILL)
        snprintf(how, sizeof how, "killed");
    else
        snprintf(how, sizeof how, "fault, status %d", exit_status(status, false));
    printf("[%u] %-8s %s\n", job_number(job), how, job->text);
}

/* A child has ended: if it is a job, says so. */
static void ended(pid_t pid, int status)
{
    struct job *job = find(pid);
    if (job != NULL) {
        describe(job, status);
        forget(job);
    }
}

void job_report(void)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
        ended(pid, status);
}

void job_wait_all(void)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, 0)) > 0;)
        ended(pid, status);
}

void job_list(void)
{
    for (const struct job *job = jobs; job < jobs + JOBS_MAX; job++)
        if (job->pid != 0)
            printf("[%u] %5d    %s\n", job_number(job), (int)job->pid, job->text);
}

int job_foreground(unsigned number)
{
    if (number == 0)
        for (struct job *job = jobs; job < jobs + JOBS_MAX; job++)
            if (job->pid != 0)
                number = job_number(job);
    if (number == 0 || number > JOBS_MAX || jobs[number - 1].pid == 0) {
        fprintf(stderr, "fg: no such job\n");
        return STATUS_ERROR;
    }
    struct job job = jobs[number - 1];
    printf("%s\n", job.text);
    jobs[number - 1] = (struct job){0};
    return wait_foreground(job.pid, job.control);
}

pid_t job_pid(const char *text)
{
    char *end;
    bool is_job = *text == '%';
    unsigned long value = strtoul(text + is_job, &end, 10);
    if (text[is_job] < '0' || text[is_job] > '9' || *end != '\0' || value > 0x7fffffff)
        return 0;
    if (!is_job)
        return (pid_t)value;
    return value >= 1 && value <= JOBS_MAX ? jobs[value - 1].pid : 0;
}
