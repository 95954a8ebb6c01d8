/* SPDX-License-Identifier: MIT */
/* Functions: kept as text, so that a shell in another process can be given them. */
#ifndef SHELL_FUNCTION_H
#define SHELL_FUNCTION_H

#include <stdbool.h>

#include "arena.h"

/* The definition's body as a command, or a null pointer. */
const char *function_find(const char *name);

/* False, with a message: no memory. */
bool function_set(const char *name, const char *body);
bool function_unset(const char *name);

/* All of them as commands that define them. */
void function_print_all(struct text *text);

#endif
