/* SPDX-License-Identifier: MIT */
/* $((...)): C's integer expressions (POSIX XCU 2.6.4), in 64 bits that wrap. */
#ifndef SHELL_ARITH_H
#define SHELL_ARITH_H

#include <stdint.h>

/* A null pointer, or what is wrong. Names are the shell's variables and may be assigned to. */
const char *arith_evaluate(const char *text, int64_t *value);

#endif
