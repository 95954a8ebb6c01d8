/* SPDX-License-Identifier: MIT */
/* The state that the shell's parts share. */
#ifndef SHELL_SHELL_H
#define SHELL_SHELL_H

#include <stdbool.h>
#include <sys/types.h>

#include "arena.h"

#define STATUS_ERROR 1
#define STATUS_USAGE 2        /* bad arguments, bad syntax */
#define STATUS_NO_PROGRAM 126 /* found, but cannot be started */
#define STATUS_UNKNOWN 127    /* no such command */
#define STATUS_SIGNAL 128     /* plus the signal that ended it */
#define STATUS_INTERRUPTED 130

/* Why commands are skipped, up to whom it concerns. */
enum flow {
    FLOW_ON,
    FLOW_BREAK,    /* `levels` loops */
    FLOW_CONTINUE, /* the same, the last one goes on */
    FLOW_RETURN,   /* from a function or `.` */
    FLOW_ABORT,    /* to the prompt; without one, an error that ends the shell */
    FLOW_EXIT,
};

struct vars_saved;

struct shell {
    int status;            /* $? */
    pid_t pid;             /* $$ : of the outermost shell */
    pid_t last_background; /* $!, or 0 */
    const char *program;   /* the shell's own file, for parts that run in a process of their own */
    const char *name;      /* $0 */
    char **arguments;      /* $1...: each and the list allocated */
    int argument_count;

    const char *script; /* the file that is run, for messages; null: none */
    unsigned line;      /* where it is */

    bool has_prompt;                                                   /* reads from a terminal */
    bool exits_on_error, unset_is_error, traces, no_glob, checks_only; /* set -e -u -x -f -n */

    enum flow flow;
    unsigned levels; /* of FLOW_BREAK and FLOW_CONTINUE */
    unsigned loops;  /* that we are in */
    unsigned calls;  /* functions and files that we are in */
    unsigned tested; /* > 0: a failure is looked at and ends nothing (set -e) */
    unsigned depth;  /* of execution */

    struct vars_saved *locals; /* of the function that runs */

    struct arena arena; /* what words expand to; given back after each command */
};

extern struct shell shell;

/* Says what is wrong, with the script's name and line if there is one; `format` as in printf. */
void shell_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same for an error that leaves the command line: FLOW_ABORT. */
void shell_abort(int status);

/* Makes $1... copies of these; false if there is no memory. */
bool shell_set_arguments(char *const *arguments, int count);

/* Interrupted by Ctrl-C since the last look? */
bool shell_interrupted(void);

#endif
