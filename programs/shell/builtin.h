/* SPDX-License-Identifier: MIT */
/* Commands the shell does itself, because they concern it or its children, or for speed. */
#ifndef SHELL_BUILTIN_H
#define SHELL_BUILTIN_H

#include "history.h"

struct builtin {
    const char *name, *arguments, *summary;
    int (*run)(int argc, char *argv[]);
    char *program; /* instead of `run`: the program behind a name that a server has, too */
};

/* Ended by one without a name; in alphabetic order. */
extern const struct builtin builtins[];

const struct builtin *builtin_find(const char *name);

/* What the shell shares with them. */
extern struct history shell_history;
extern int shell_status; /* $? */

#endif
