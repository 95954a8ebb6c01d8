/* SPDX-License-Identifier: MIT */
/*
 * A little text without stdio: words and numbers taken from configuration lines, messages put
 * together. Servers use it instead of printf, which would bring 20 KiB of newlib into each.
 */
#ifndef IRIS_LIB_TEXT_H
#define IRIS_LIB_TEXT_H

#include <stdbool.h>
#include <stdint.h>

/* ---- Taking ---- */

/* The rest of a line. Words are separated by spaces and tabs. */
struct text_scanner {
    const char *at, *end;
};

/* Each takes one whole word; false: there is none, or it is not of that kind or too long. */
bool text_take_word(struct text_scanner *scanner, char *word, uint32_t size);
bool text_take_decimal(struct text_scanner *scanner, uint32_t *value);
bool text_take_hex(struct text_scanner *scanner, uint64_t *value); /* at most 16 digits */

/* Takes a number as C writes it: decimal, or hexadecimal after 0x. */
bool text_take_number(struct text_scanner *scanner, uint32_t *value);

/* Only blanks are left. */
bool text_at_end(struct text_scanner *scanner);

/* ---- Making ---- */

/* A line being put together in a buffer; what does not fit is cut. Always ends with a zero byte. */
struct text_line {
    char *buffer;
    uint32_t size, length;
};

struct text_line text_begin(char *buffer, uint32_t size);
void text_add(struct text_line *line, const char *text);
void text_add_bytes(struct text_line *line, const char *bytes, uint32_t count);
void text_add_decimal(struct text_line *line, uint32_t value, uint32_t width); /* blanks before */
void text_add_hex(struct text_line *line, uint32_t value, uint32_t digits);    /* zeroes before */

/* "[    1.234567] ", from nanoseconds. */
void text_add_time(struct text_line *line, uint64_t nanoseconds);

/* Joins strings up to a NULL. */
void text_join(char *buffer, uint32_t size, ...) __attribute__((sentinel));

#endif
