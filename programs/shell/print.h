/* SPDX-License-Identifier: MIT */
/* A tree as text: for a shell that runs a part of it in a process of its own, and for functions,
   which are kept as text. Parsing it gives the same tree. */
#ifndef SHELL_PRINT_H
#define SHELL_PRINT_H

#include "arena.h"
#include "syntax.h"

void print_node(struct text *text, const struct node *node);

/* For people: one line. */
void print_short(struct text *text, const struct node *node);

#endif
