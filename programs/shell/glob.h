/* SPDX-License-Identifier: MIT */
/* Pathname expansion (POSIX XCU 2.13.3). */
#ifndef SHELL_GLOB_H
#define SHELL_GLOB_H

#include <stddef.h>

#include "arena.h"

struct list {
    char **items;
    size_t count, capacity;
};

/* Adds to a list in an arena; there is always room for a null pointer behind the last. */
void list_add(struct arena *arena, struct list *list, char *item);

/* Adds all paths that match, sorted; returns how many. A backslash in the pattern quotes. */
size_t glob_expand(struct arena *arena, const char *pattern, struct list *paths);

#endif
