/* SPDX-License-Identifier: MIT */
/* Patterns for names (POSIX XCU 2.13): * ? [a-z] [!x] [[:alpha:]], \c for c itself. */
#ifndef PROGRAMS_PATTERN_H
#define PROGRAMS_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the whole text matches. No pattern takes longer than length of pattern times text. */
bool pattern_match(const char *pattern, const char *text);

/* Whether the text's first `length` bytes match. */
bool pattern_match_part(const char *pattern, const char *text, size_t length);

/* Whether it has anything that is not a plain byte. */
bool pattern_is_magic(const char *pattern);

#endif
