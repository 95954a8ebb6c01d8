/* SPDX-License-Identifier: MIT */
/* `test` and `[` (POSIX XCU test), of the programs and of the shell: 0 true, 1 false, 2 an error.
 */
#ifndef PROGRAMS_CONDITION_H
#define PROGRAMS_CONDITION_H

int command_test(int argc, char *argv[]);

#endif
