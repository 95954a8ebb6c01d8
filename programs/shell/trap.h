/* SPDX-License-Identifier: MIT */
/*
 * trap (POSIX XCU 2.14): what is done when a signal comes, and at the shell's end. A handler only
 * notes the signal; the action runs between two commands.
 */
#ifndef SHELL_TRAP_H
#define SHELL_TRAP_H

#include <stdbool.h>
#include <sys/types.h>

/* Runs the actions of the signals that have come since the last time. */
void trap_run(void);

/* The shell ends: runs the action for that, once. */
void trap_run_exit(void);

/* It ends without: something else goes on in its place (exec). */
void trap_forget_exit(void);

/* The first signal that has come and has an action; 0: none. */
int trap_pending(void);

/* waitpid that a signal with an action interrupts: then 0. */
pid_t trap_waitpid(pid_t pid, int *status, int options);

/* In an action: $? from before it, which `exit` alone means; else $?. */
int trap_exit_status(void);

int builtin_trap(int argc, char *argv[]);

#endif
