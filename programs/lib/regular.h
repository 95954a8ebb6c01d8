/* SPDX-License-Identifier: MIT */
/*
 * Regular expressions, basic and extended (POSIX XBD 9), without back-references and collating
 * elements. An expression becomes a program whose threads all advance together over the text (K.
 * Thompson, "Regular Expression Search Algorithm", 1968): no expression makes that take longer than
 * its length times the text's.
 */
#ifndef PROGRAMS_REGULAR_H
#define PROGRAMS_REGULAR_H

#include <stdbool.h>
#include <stddef.h>

struct regular;

enum { REGULAR_EXTENDED = 1, REGULAR_FIXED = 2, REGULAR_FOLD_CASE = 4, REGULAR_WHOLE_LINE = 8 };

/* NULL: *error says what is wrong. An end of line in the text separates alternatives. */
struct regular *regular_compile(const char *text, unsigned flags, const char **error);
void regular_free(struct regular *regular);

/* Whether a line has a match anywhere. */
bool regular_matches(const struct regular *regular, const char *line, size_t length);

/* The first match from `from` on, and of those that begin there the longest. */
bool regular_find(const struct regular *regular, const char *line, size_t length, size_t from,
                  size_t *start, size_t *end);

#endif
