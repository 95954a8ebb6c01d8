/* SPDX-License-Identifier: MIT */
/* The shell's variables. Those that are exported are the environment of what it starts. */
#ifndef SHELL_VARS_H
#define SHELL_VARS_H

#include <stdbool.h>

#include "arena.h"

/* Takes over an environment; all of it is exported. */
void vars_begin(char **environment);

/* The value, or a null pointer. */
const char *vars_get(const char *name);

/* False, with a message: it may not be changed, or there is no memory. */
bool vars_set(const char *name, const char *value);
bool vars_unset(const char *name);

enum { VARS_EXPORTED = 1, VARS_READ_ONLY = 2 };

/* Adds flags; a variable that was not set is, once flagged, still not set. */
bool vars_flag(const char *name, unsigned flags);

/* "NAME=VALUE" of all that are exported and set, ended by a null pointer. */
char **vars_environment(struct arena *arena);

/* For `export` and `set` without arguments and for other shells: those with all of `flags`, sorted,
   as commands that make them again. */
void vars_print(struct text *text, unsigned flags, const char *command);

/* Everything a shell in another process needs to have the same variables. */
void vars_print_all(struct text *text);

/* A value quoted so that the shell reads it as one word. */
void vars_put_quoted(struct text *text, const char *value);

/* What a variable was, to be restored: for assignments before a command, and `local`. */
struct vars_saved {
    char *name, *value; /* value null: it was not set */
    unsigned flags;
    struct vars_saved *next;
};

bool vars_save(struct vars_saved **list, const char *name);
/* Restores and frees the list, the newest first. */
void vars_restore(struct vars_saved **list);
/* Frees the list and leaves things as they are. */
void vars_drop_saved(struct vars_saved **list);

#endif
