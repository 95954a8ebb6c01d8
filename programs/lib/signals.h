/* SPDX-License-Identifier: MIT */
/* Signals by name, and `kill` (POSIX XCU kill), of the program and of the shell. */
#ifndef PROGRAMS_SIGNALS_H
#define PROGRAMS_SIGNALS_H

/* "KILL" without SIG; a null pointer: none that has a name. */
const char *signals_name(int number);

/* "9", "KILL" or "SIGKILL", in capitals or not; "0" and "EXIT" are 0; -1: none of these. */
int signals_number(const char *text);

#define SIGNALS_KILL_ARGUMENTS "[-s SIGNAL|-SIGNAL] PID... | -l [STATUS]..."

/* The statuses are POSIX', 2 is bad arguments. `send` sends to a target as it is written, and says
   itself what is wrong; `usage` says what the right arguments are. */
int command_kill(int argc, char *argv[], int (*send)(const char *target, int signal),
                 int (*usage)(void));

#endif
