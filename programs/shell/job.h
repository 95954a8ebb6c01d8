/* SPDX-License-Identifier: MIT */
/*
 * Programs the shell has started. Those of one pipeline are one job: it is in the foreground, with
 * the terminal in its hands, or in the background, with a number.
 */
#ifndef SHELL_JOB_H
#define SHELL_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define JOBS_MAX 32

struct job;

/* Before all others. */
void job_begin(void);

/* A job of at most so many programs, none of them started yet; a null pointer, after a message, if
   there is no room. It ends with job_wait, or lives on after job_background. */
struct job *job_new(size_t programs, bool foreground);

/* Starts a program of the job, with the shell's descriptors as they are now; 0 or an error number.
 */
int job_launch(struct job *job, const char *path, char *const argv[], char *const environment[]);

/* Waits until all programs of a job in the foreground have ended; $? of the one started last (0 if
   there is none). */
int job_wait(struct job *job);

/* Lets a job run on; `text` is shown in lists. Tells its number if there is a prompt. */
void job_background(struct job *job, const char *text);

/* Tells which jobs in the background have ended since the last time. */
void job_report(void);

void job_list(void);

/* Waits for all of them: 0, or STATUS_SIGNAL and the signal whose action is to be run before. */
int job_wait_all(void);

/* Waits for one by its number or pid; its $?, or STATUS_UNKNOWN, or as above. */
int job_wait_one(const char *text);

/* Takes a job to the foreground; its $?. */
int job_foreground(unsigned number);

/* Has a stopped job go on in the background; its $?. */
int job_continue(unsigned number);

/* The pid behind "12" or "%3", or 0. */
pid_t job_pid(const char *text);

/* The pid of the program started last in a job. */
pid_t job_last_pid(const struct job *job);

#endif
