/* SPDX-License-Identifier: MIT */
/* Commands that run another one. */
#ifndef PROGRAMS_RUN_H
#define PROGRAMS_RUN_H

/* Runs a program with these words and waits; its status as a shell shows it (128 + signal), or 126
   or 127 after a message in `name`'s name. */
int run_command(const char *name, char *argv[]);

#endif
