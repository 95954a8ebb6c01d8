/* SPDX-License-Identifier: MIT */
/* The last lines typed. They lie one after the other in one fixed piece of memory. */
#ifndef SHELL_HISTORY_H
#define SHELL_HISTORY_H

#include <stddef.h>

#define HISTORY_BYTES 8192

struct history {
    size_t used, count;
    size_t dropped; /* lines forgotten: the oldest one's number */
    char bytes[HISTORY_BYTES];
};

/* Remembers a line, forgetting the oldest as need be. Not blank ones, nor the same one again. */
void history_add(struct history *history, const char *line);

/* The line `back` steps ago (0: the last one), or a null pointer. */
const char *history_get(const struct history *history, size_t back);

#endif
