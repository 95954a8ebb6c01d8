/* SPDX-License-Identifier: MIT */
/*
 * Memory that is given back all at once: syntax trees, and what a command's words expand to. Pieces
 * are never freed one by one; a mark remembers how much there was, and release goes back to it.
 */
#ifndef SHELL_ARENA_H
#define SHELL_ARENA_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>

struct arena_chunk;

struct arena {
    struct arena_chunk *chunk; /* the newest */
    jmp_buf *exhausted;        /* where to go when there is no memory: set by arena_try */
};

struct arena_mark {
    struct arena_chunk *chunk;
    size_t used;
};

/* Does work that takes memory from the arena; false if it says so or if there is no memory: then it
   was left in the middle. */
bool arena_try(struct arena *arena, bool (*work)(void *context), void *context);

/* Aligned for pointers, not cleared. Leaves arena_try when there is no memory. */
void *arena_take(struct arena *arena, size_t size);

/* A string of so many bytes, with a zero byte behind it. */
char *arena_text(struct arena *arena, const char *bytes, size_t length);

struct arena_mark arena_mark(const struct arena *arena);
void arena_release(struct arena *arena, struct arena_mark mark);
void arena_free(struct arena *arena);

/* A text that grows in an arena; `bytes` always has a zero byte at its end once something was put.
 */
struct text {
    struct arena *arena;
    char *bytes;
    size_t length, capacity;
};

void text_put(struct text *text, const char *bytes, size_t count);
void text_put_char(struct text *text, char c);
void text_put_string(struct text *text, const char *string);

/* The text as a string, "" if nothing was put. */
char *text_string(struct text *text);

#endif
