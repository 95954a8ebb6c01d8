/* SPDX-License-Identifier: MIT */
/* Commands the shell does itself, because they concern it or its children, or for speed. */
#ifndef SHELL_BUILTIN_H
#define SHELL_BUILTIN_H

#include <stdbool.h>

#include "history.h"

struct builtin {
    const char *name, *arguments, *summary;
    int (*run)(int argc, char *argv[]);
    char *program;       /* instead of `run`: the program behind a name that a server has, too */
    bool is_special;     /* POSIX XCU 2.14: assignments stay, an error ends a script */
    bool is_program_too; /* a program of that name does the same */
};

/* Ended by one without a name; in alphabetic order. */
extern const struct builtin builtins[];

const struct builtin *builtin_find(const char *name);

/* Bad arguments: says what is right; the status. */
int builtin_usage(const char *name);

/* Says that a system call failed for `what`; the status. */
int builtin_failed(const char *name, const char *what);

/* Those in files of their own. */
int builtin_break(int argc, char *argv[]);
int builtin_command(int argc, char *argv[]);
int builtin_continue(int argc, char *argv[]);
int builtin_dot(int argc, char *argv[]);
int builtin_eval(int argc, char *argv[]);
int builtin_exec(int argc, char *argv[]);
int builtin_exit(int argc, char *argv[]);
int builtin_export(int argc, char *argv[]);
int builtin_getopts(int argc, char *argv[]);
int builtin_local(int argc, char *argv[]);
int builtin_read(int argc, char *argv[]);
int builtin_readonly(int argc, char *argv[]);
int builtin_return(int argc, char *argv[]);
int builtin_set(int argc, char *argv[]);
int builtin_shift(int argc, char *argv[]);
int builtin_times(int argc, char *argv[]);
int builtin_type(int argc, char *argv[]);
int builtin_umask(int argc, char *argv[]);
int builtin_unset(int argc, char *argv[]);

extern struct history shell_history;

#endif
