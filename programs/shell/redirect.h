/* SPDX-License-Identifier: MIT */
/*
 * Redirections. They are made in the shell itself, before whatever they are for is run or started,
 * and are taken back afterwards: one way for builtins, functions, groups and programs alike.
 */
#ifndef SHELL_REDIRECT_H
#define SHELL_REDIRECT_H

#include <stdbool.h>

#include "syntax.h"

struct redirect_saved {
    int fd, copy; /* copy -1: it was closed */
};

#define REDIRECT_SAVED_MAX 32

struct redirect_undo {
    struct redirect_saved saved[REDIRECT_SAVED_MAX];
    unsigned count;
};

/* False: one of them failed, which was told. What was done is to be undone all the same. */
bool redirect_apply(const struct redirect *redirect, struct redirect_undo *undo);

/* Puts `from` in the place of `to` and closes it. */
bool redirect_move(int from, int to, struct redirect_undo *undo);

void redirect_undo(struct redirect_undo *undo);

/* Leaves things as they are (exec). */
void redirect_keep(struct redirect_undo *undo);

#endif
