/* SPDX-License-Identifier: MIT */
/* What of starting programs and of the terminal is Iris' own; the rest of the shell is POSIX. */
#ifndef SHELL_TERMINAL_H
#define SHELL_TERMINAL_H

#include <stdint.h>
#include <sys/types.h>

void terminal_begin(void);
void terminal_begin_prompt(void); /* the terminal is the shell's own while no program has it */

/* Starts a program with the shell's descriptors, in a process group (0: a new one) if there is a
   prompt; its pid, or -1 and errno. */
pid_t terminal_spawn(const char *path, char *const argv[], char *const environment[], pid_t group);

/* The terminal signals that group; the shell's own. */
void terminal_give(pid_t group);
void terminal_take(void);

#endif
