/* SPDX-License-Identifier: MIT */
/* `printf FORMAT [WORD]...` (POSIX XCU printf), of the program and of the shell. */
#ifndef PROGRAMS_FORMAT_H
#define PROGRAMS_FORMAT_H

int command_printf(int argc, char *argv[]);

#endif
