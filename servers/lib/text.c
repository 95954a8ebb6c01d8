/* SPDX-License-Identifier: MIT */
#include "text.h"

#include <stdarg.h>
#include <stddef.h>
#include <string.h>

/* ---- Taking ---- */

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

static void skip_blanks(struct text_scanner *scanner)
{
    while (scanner->at < scanner->end && is_blank(*scanner->at))
        scanner->at++;
}

bool text_take_word(struct text_scanner *scanner, char *word, uint32_t size)
{
    uint32_t length = 0;

    skip_blanks(scanner);
    while (scanner->at < scanner->end && !is_blank(*scanner->at)) {
        if (length + 1 >= size)
            return false;
        word[length++] = *scanner->at++;
    }
    word[length] = '\0';
    return length > 0;
}

static uint32_t digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return (uint32_t)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (uint32_t)(c - 'a') + 10;
    return UINT32_MAX;
}

static bool number_from(const char *word, uint32_t base, uint32_t *value)
{
    uint64_t sum = 0;

    for (; *word != '\0'; word++) {
        uint32_t digit = digit_value(*word);
        if (digit >= base)
            return false;
        sum = sum * base + digit;
        if (sum > UINT32_MAX)
            return false;
    }
    *value = (uint32_t)sum;
    return true;
}

bool text_take_decimal(struct text_scanner *scanner, uint32_t *value)
{
    char word[16];
    return text_take_word(scanner, word, sizeof word) && number_from(word, 10, value);
}

bool text_take_hex(struct text_scanner *scanner, uint64_t *value)
{
    char word[16 + 1]; /* more digits do not fit into the word, nor into the value */

    *value = 0;
    if (!text_take_word(scanner, word, sizeof word))
        return false;
    for (const char *digit = word; *digit != '\0'; digit++) {
        if (digit_value(*digit) >= 16)
            return false;
        *value = *value << 4 | digit_value(*digit);
    }
    return true;
}

bool text_take_number(struct text_scanner *scanner, uint32_t *value)
{
    char word[16];

    if (!text_take_word(scanner, word, sizeof word))
        return false;
    if (word[0] == '0' && word[1] == 'x')
        return word[2] != '\0' && number_from(word + 2, 16, value);
    return number_from(word, 10, value);
}

bool text_at_end(struct text_scanner *scanner)
{
    skip_blanks(scanner);
    return scanner->at == scanner->end;
}

/* ---- Making ---- */

struct text_line text_begin(char *buffer, uint32_t size)
{
    buffer[0] = '\0';
    return (struct text_line){.buffer = buffer, .size = size};
}

void text_add_bytes(struct text_line *line, const char *bytes, uint32_t count)
{
    uint32_t room = line->size - line->length - 1;

    if (count > room)
        count = room;
    memcpy(line->buffer + line->length, bytes, count);
    line->length += count;
    line->buffer[line->length] = '\0';
}

void text_add(struct text_line *line, const char *text)
{
    text_add_bytes(line, text, (uint32_t)strlen(text));
}

/* The digits of a number in `base`, at least `width` of them, `fill` before it. */
static void add_number(struct text_line *line, uint32_t value, uint32_t base, uint32_t width,
                       char fill)
{
    char digits[32];
    uint32_t at = sizeof digits;

    do {
        digits[--at] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    while (sizeof digits - at < width && at > 0)
        digits[--at] = fill;
    text_add_bytes(line, digits + at, (uint32_t)sizeof digits - at);
}

void text_add_decimal(struct text_line *line, uint32_t value, uint32_t width)
{
    add_number(line, value, 10, width, ' ');
}

void text_add_hex(struct text_line *line, uint32_t value, uint32_t digits)
{
    add_number(line, value, 16, digits, '0');
}

void text_add_time(struct text_line *line, uint64_t nanoseconds)
{
    uint64_t microseconds = nanoseconds / 1000;

    text_add(line, "[");
    add_number(line, (uint32_t)(microseconds / 1000000), 10, 5, ' ');
    text_add(line, ".");
    add_number(line, (uint32_t)(microseconds % 1000000), 10, 6, '0');
    text_add(line, "] ");
}

void text_join(char *buffer, uint32_t size, ...)
{
    struct text_line line = text_begin(buffer, size);
    va_list arguments;

    va_start(arguments, size);
    for (const char *part; (part = va_arg(arguments, const char *)) != NULL;)
        text_add(&line, part);
    va_end(arguments);
}
