/* SPDX-License-Identifier: MIT */
/*
 * Parts of a command line in processes of their own. There is no fork: programs are started as they
 * are; anything else is started as another shell that is given the text of the part and all that it
 * may refer to (variables, functions, arguments, options).
 */
#ifndef SHELL_CHILD_H
#define SHELL_CHILD_H

#include "job.h"
#include "syntax.h"

/* Starts a program found by its name; 0, or the status of what went wrong, which was told. */
int child_program(struct job *job, char *const argv[]);

/* Starts a part in a shell of its own; likewise. */
int child_shell(struct job *job, const char *text);

/* main of such a shell: sets everything up and runs the part; the status. */
int child_main(int argc, char *argv[]);
#define CHILD_OPTION "--part"

/* The path behind a command's name, or a null pointer and errno. */
const char *child_find(const char *name);

#endif
