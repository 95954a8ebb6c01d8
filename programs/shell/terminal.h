/* SPDX-License-Identifier: MIT */
/* What of starting programs and of the terminal is Iris' own; the rest of the shell is POSIX. */
#ifndef SHELL_TERMINAL_H
#define SHELL_TERMINAL_H

#include <sys/types.h>

void terminal_begin(void);

/* Starts a program with the shell's descriptors; its pid, or -1 and errno. At a prompt it is put
   into the group, or begins one if that is 0; else it is in the shell's own. */
pid_t terminal_spawn(const char *path, char *const argv[], char *const environment[], pid_t group);

/* Ctrl-C is that group's; nobody's. */
void terminal_give(pid_t group);
void terminal_take(void);

#endif
