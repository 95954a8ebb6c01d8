/* SPDX-License-Identifier: MIT */
/* `echo [-n] [WORD]...`, of the program and of the shell. */
#ifndef PROGRAMS_ECHO_H
#define PROGRAMS_ECHO_H

int command_echo(int argc, char *argv[]);

#endif
