/* SPDX-License-Identifier: MIT */
/* What of starting programs and of the terminal is Iris' own; the rest of the shell is POSIX. */
#ifndef SHELL_TERMINAL_H
#define SHELL_TERMINAL_H

#include <stdint.h>
#include <sys/types.h>

void terminal_begin(void);

/* Starts a program with the shell's descriptors; its pid, or -1 and errno. *control names it for
   the functions below. */
pid_t terminal_spawn(const char *path, char *const argv[], char *const environment[],
                     uint32_t *control);

/* Ctrl-C is that program's; nobody's; it has ended. */
void terminal_give(uint32_t control);
void terminal_take(void);
void terminal_forget(uint32_t control);

#endif
