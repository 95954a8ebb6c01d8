/* SPDX-License-Identifier: MIT */
#include "job.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shell.h"
#include "terminal.h"
#include "trap.h"

struct program {
    pid_t pid;
    int status; /* of waitpid, once it has ended or stopped */
    bool has_ended, is_stopped;
};

struct job {
    bool foreground;
    unsigned number; /* in the background; 0: it has none */
    char text[64];
    struct job *next;
    size_t count, room;
    struct program programs[];
};

static struct job *jobs; /* in the background, by number */

/* ---- Starting ---- */

void job_begin(void) { terminal_begin(); }

static size_t count_jobs(void)
{
    size_t count = 0;
    for (const struct job *job = jobs; job != NULL; job = job->next)
        count++;
    return count;
}

struct job *job_new(size_t programs, bool foreground)
{
    if (!foreground && count_jobs() == JOBS_MAX) {
        shell_complain("too many programs in the background");
        return NULL;
    }
    struct job *job = calloc(1, sizeof *job + programs * sizeof *job->programs);
    if (job == NULL) {
        shell_complain("out of memory");
        return NULL;
    }
    job->foreground = foreground;
    job->room = programs;
    return job;
}

/* The number of its process group, which is its first program's; 0: not yet there. */
static pid_t job_group(const struct job *job) { return job->count > 0 ? job->programs[0].pid : 0; }

int job_launch(struct job *job, const char *path, char *const argv[], char *const environment[])
{
    struct program *program = &job->programs[job->count];
    fflush(stdout);
    program->pid = terminal_spawn(path, argv, environment, job_group(job));
    if (program->pid < 0)
        return errno;
    if (job->count++ == 0) {
        snprintf(job->text, sizeof job->text, "%s", argv[0]);
        if (job->foreground)
            terminal_give(job_group(job));
    }
    return 0;
}

pid_t job_last_pid(const struct job *job)
{
    return job->count > 0 ? job->programs[job->count - 1].pid : 0;
}

/* ---- Ends ---- */

/* waitpid's status as $? shows it. */
static int exit_status(int status)
{
    if (WIFSTOPPED(status))
        return STATUS_SIGNAL + WSTOPSIG(status);
    return WIFSIGNALED(status) ? STATUS_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

static int job_status(const struct job *job)
{
    return job->count > 0 ? exit_status(job->programs[job->count - 1].status) : 0;
}

static bool has_ended(const struct job *job)
{
    for (size_t i = 0; i < job->count; i++)
        if (!job->programs[i].has_ended)
            return false;
    return true;
}

/* Nothing of it runs, but not all has ended. */
static bool is_stopped(const struct job *job)
{
    bool stopped = false;
    for (size_t i = 0; i < job->count; i++) {
        stopped |= job->programs[i].is_stopped;
        if (!job->programs[i].is_stopped && !job->programs[i].has_ended)
            return false;
    }
    return stopped;
}

static void program_ended(struct program *program, int status)
{
    program->status = status;
    program->is_stopped = WIFSTOPPED(status);
    program->has_ended = !program->is_stopped;
}

static struct program *find_program(struct job *job, pid_t pid)
{
    for (size_t i = 0; i < job->count; i++)
        if (job->programs[i].pid == pid && !job->programs[i].has_ended)
            return &job->programs[i];
    return NULL;
}

/* Takes a job out of the list of those in the background. */
static void unlist(struct job *job)
{
    struct job **place = &jobs;
    while (*place != NULL && *place != job)
        place = &(*place)->next;
    if (*place == job)
        *place = job->next;
    job->number = 0;
}

/* Into that list, with the lowest number that is free. */
static void list_job(struct job *job)
{
    struct job **place = &jobs;
    unsigned number = 1;
    for (; *place != NULL && (*place)->number == number; number++)
        place = &(*place)->next;
    job->foreground = false;
    job->number = number;
    job->next = *place;
    *place = job;
}

static void describe(const struct job *job)
{
    int status = job->programs[job->count - 1].status;
    char how[24];
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        snprintf(how, sizeof how, "done");
    else if (WIFEXITED(status))
        snprintf(how, sizeof how, "exit %d", WEXITSTATUS(status));
    else if (WIFSTOPPED(status))
        snprintf(how, sizeof how, "stopped");
    else if (WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGTERM)
        snprintf(how, sizeof how, "killed");
    else
        snprintf(how, sizeof how, "fault, status %d", exit_status(status));
    printf("[%u] %-8s %s\n", job->number, how, job->text);
}

/* A child has ended, whichever it is; the last one of a job in the background ends that. */
static void child_ended(pid_t pid, int status)
{
    for (struct job *job = jobs; job != NULL; job = job->next) {
        struct program *program = find_program(job, pid);
        if (program == NULL)
            continue;
        program_ended(program, status);
        if (shell.has_prompt && (has_ended(job) || is_stopped(job)))
            describe(job);
        if (!has_ended(job))
            return;
        unlist(job);
        free(job);
        return;
    }
}

/* Until it has ended or, with a prompt to come back to, stopped. */
static void wait_program(struct program *program)
{
    int status = 0;
    pid_t pid;
    do
        pid = waitpid(program->pid, &status, shell.has_prompt ? WUNTRACED : 0);
    while (pid < 0 && errno == EINTR);
    if (pid != program->pid)
        shell_complain("cannot wait for process %d: %s", (int)program->pid, strerror(errno));
    program_ended(program, status);
}

/* A job that Ctrl-Z has stopped waits among those in the background. */
static int leave_stopped(struct job *job)
{
    int status = job_status(job);
    list_job(job);
    describe(job);
    shell_abort(status); /* and so does the rest of the line */
    return status;
}

int job_wait(struct job *job)
{
    for (size_t i = 0; i < job->count; i++)
        if (!job->programs[i].has_ended)
            wait_program(&job->programs[i]);
    if (job->foreground)
        terminal_take();
    if (is_stopped(job))
        return leave_stopped(job);
    int status = job_status(job);
    free(job);
    if (shell.has_prompt && status == STATUS_INTERRUPTED)
        shell_abort(status); /* Ctrl-C is meant for the whole line */
    return status;
}

/* ---- Background ---- */

void job_background(struct job *job, const char *text)
{
    if (job->count == 0) {
        free(job);
        return;
    }
    list_job(job);
    snprintf(job->text, sizeof job->text, "%s", text);
    if (shell.has_prompt)
        printf("[%u] %d\n", job->number, (int)job_last_pid(job));
}

void job_report(void)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0;)
        child_ended(pid, status);
}

/* What is stopped at a prompt only the user continues: nobody waits for that. */
static bool is_to_be_waited_for(void)
{
    bool runs = !shell.has_prompt;
    for (const struct job *job = jobs; job != NULL; job = job->next)
        runs |= !is_stopped(job);
    return runs;
}

int job_wait_all(void)
{
    const int options = shell.has_prompt ? WUNTRACED : 0;
    int status;
    while (is_to_be_waited_for()) {
        pid_t pid = trap_waitpid(-1, &status, options);
        if (pid < 0)
            break;
        if (pid == 0)
            return STATUS_SIGNAL + trap_pending();
        child_ended(pid, status);
    }
    return 0;
}

void job_list(void)
{
    for (const struct job *job = jobs; job != NULL; job = job->next)
        printf("[%u] %5d %s %s\n", job->number, (int)job_last_pid(job),
               is_stopped(job) ? "stopped" : " ", job->text);
}

static struct job *find_job(unsigned number)
{
    struct job *job = jobs;
    while (job != NULL && job->number != number)
        job = job->next;
    return job;
}

static struct job *find_by_pid(pid_t pid)
{
    struct job *job = jobs;
    while (job != NULL && job_last_pid(job) != pid)
        job = job->next;
    return job;
}

int job_wait_one(const char *text)
{
    struct job *job = find_by_pid(job_pid(text));
    if (job == NULL)
        return STATUS_UNKNOWN;
    for (size_t i = 0; i < job->count; i++) {
        struct program *program = &job->programs[i];
        int status, options = shell.has_prompt ? WUNTRACED : 0;
        if (program->has_ended)
            continue;
        pid_t pid = trap_waitpid(program->pid, &status, options);
        if (pid == 0)
            return STATUS_SIGNAL + trap_pending();
        if (pid == program->pid)
            program_ended(program, status);
    }
    unlist(job);
    return job_wait(job);
}

/* By number; 0: the last one. NULL after a message. */
static struct job *job_named(unsigned number, const char *command)
{
    for (const struct job *job = jobs; number == 0 && job != NULL; job = job->next)
        if (job->next == NULL)
            number = job->number;
    struct job *job = find_job(number);
    if (job == NULL)
        shell_complain("%s: no such job", command);
    return job;
}

static void go_on(struct job *job)
{
    for (size_t i = 0; i < job->count; i++)
        job->programs[i].is_stopped = false;
    killpg(job_group(job), SIGCONT);
}

int job_foreground(unsigned number)
{
    struct job *job = job_named(number, "fg");
    if (job == NULL)
        return STATUS_ERROR;
    printf("%s\n", job->text);
    fflush(stdout);
    unlist(job);
    job->foreground = true;
    terminal_give(job_group(job));
    go_on(job);
    return job_wait(job);
}

int job_continue(unsigned number)
{
    struct job *job = job_named(number, "bg");
    if (job == NULL)
        return STATUS_ERROR;
    printf("[%u] %s\n", job->number, job->text);
    go_on(job);
    return 0;
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
    const struct job *job = find_job((unsigned)value);
    return job != NULL ? job_last_pid(job) : 0;
}
