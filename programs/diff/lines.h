/* SPDX-License-Identifier: MIT */
/*
 * diff: what has to be changed in one file to make it another.
 *
 *   lines.c   files as lines
 *   compare.c which lines are in both, in order
 *   show.c    the differences as text
 *   main.c    arguments
 */
#ifndef DIFF_LINES_H
#define DIFF_LINES_H

#include <stdbool.h>
#include <stddef.h>

struct line {
    const char *bytes;
    size_t length; /* with its end, if it has one */
    unsigned long hash;
};

struct text {
    char *bytes;
    size_t size;
    struct line *lines;
    size_t count;
    bool *changed; /* of each line: it is not in the other file */
};

/* ---- lines.c: each says what is wrong; false ---- */
bool text_read(const char *path, struct text *text);
bool line_ends(const struct line *line); /* with an end of line: all but the last do */

/* ---- compare.c ---- */
/* Marks the lines that are not in both; the rest is the longest that both have in this order. */
bool compare(struct text *old, struct text *new);

/* ---- show.c ---- */
void show_normal(const struct text *old, const struct text *new);
void show_unified(const struct text *old, const struct text *new, size_t context);

#endif
