/* SPDX-License-Identifier: MIT */
/* Running what was parsed. */
#ifndef SHELL_EXECUTE_H
#define SHELL_EXECUTE_H

#include <stdbool.h>

#include "syntax.h"
#include "vars.h"

/* Runs a list of commands; $? is its status. */
void execute_list(const struct node *list);

/* Runs commands, line by line, as they are read; `line` is the first one's number. A syntax error
   is told when it is reached. */
void execute_text(const char *text, unsigned line);

/* Runs a file's commands; false if it cannot be read, with errno. */
bool execute_file(const char *path);

/* Runs a program with these words and waits; its status. */
int execute_program(char *const argv[]);

/* Prints a command before it is run, if that is wanted (set -x). */
void execute_trace(char *const *words);

/* Makes assignments for the time of one command, exported; `saved` is what vars_restore needs. */
bool execute_assign_for(const struct word *assignments, struct vars_saved **saved);

#endif
