/* SPDX-License-Identifier: MIT */
/* Programs the shell has started: one in the foreground, several in the background. */
#ifndef SHELL_JOB_H
#define SHELL_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define JOBS_MAX 32

#define STATUS_ERROR 1
#define STATUS_USAGE 2        /* bad arguments, bad syntax */
#define STATUS_NO_PROGRAM 126 /* found, but cannot be started */
#define STATUS_UNKNOWN 127    /* no such command */
#define STATUS_SIGNAL 128     /* plus the signal that ended it */
#define STATUS_INTERRUPTED 130

/* Before all others. */
void job_begin(void);

/* Starts a program and waits for its end; its exit status. Ctrl-C kills it. */
int job_run(char *const argv[]);

/* Starts a program in the background; 0 or the status of what went wrong. `source` is shown. */
int job_start(char *const argv[], const char *source, size_t source_length);

/* Tells which background programs have ended since the last time. */
void job_report(void);

void job_list(void);

/* Waits for all of them. Ctrl-C does not end this: it has nothing to kill. */
void job_wait_all(void);

/* Takes a job to the foreground; its exit status. */
int job_foreground(unsigned number);

/* The pid behind "12" or "%3", or 0. */
pid_t job_pid(const char *text);

#endif
