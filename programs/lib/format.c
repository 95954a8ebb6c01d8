/* SPDX-License-Identifier: MIT */
#include "format.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIRECTIVE_MAX 32

/* What is printed: the words not used yet; the status; whether \c said to stop. */
struct format {
    char **next;
    int status;
    bool stops, used_words;
};

static int complain(struct format *format, const char *what, const char *why)
{
    fflush(stdout);
    fprintf(stderr, "printf: %s: %s\n", what, why);
    return format->status = 1;
}

static const char *next_word(struct format *format)
{
    if (*format->next == NULL)
        return NULL;
    format->used_words = true;
    return *format->next++;
}

/* ---- Backslashes ---- */

static const char *put_octal(const char *at, size_t digits)
{
    unsigned value = 0;
    for (; digits > 0 && *at >= '0' && *at <= '7'; digits--)
        value = 8 * value + (unsigned)(*at++ - '0');
    putchar((int)(value & 0xff));
    return at;
}

/* `at` is behind a backslash. In words of %b octal numbers begin with a zero, and \c ends it all.
 */
static const char *put_escape(struct format *format, const char *at, bool in_word)
{
    static const char letters[] = "abfnrtv\\", values[] = "\a\b\f\n\r\t\v\\";
    const char *letter = *at != '\0' ? strchr(letters, *at) : NULL;
    if (letter != NULL) {
        putchar(values[letter - letters]);
        return at + 1;
    }
    if (*at >= '0' && *at <= '7')
        return put_octal(at + (in_word && *at == '0'), 3);
    if (in_word && *at == 'c') {
        format->stops = true;
        return at + strlen(at);
    }
    putchar('\\');
    return at;
}

static void put_escaped(struct format *format, const char *word)
{
    while (*word != '\0')
        if (*word == '\\')
            word = put_escape(format, word + 1, true);
        else
            putchar(*word++);
}

/* ---- Directives ---- */

/* A number, or the value of the character behind a quote. */
static long long number(struct format *format, const char *word)
{
    char *end;
    if (*word == '"' || *word == '\'')
        return (unsigned char)word[1];
    errno = 0;
    long long value = *word == '-' ? strtoll(word, &end, 0) : (long long)strtoull(word, &end, 0);
    if (end == word || *end != '\0')
        complain(format, word, "no number");
    else if (errno != 0)
        complain(format, word, strerror(errno));
    return value;
}

static double real(struct format *format, const char *word)
{
    char *end;
    double value = strtod(word, &end);
    if (end == word || *end != '\0')
        complain(format, word, "no number");
    return value;
}

/* Prints a word by a directive like "%-5.3" (without its letter). The compiler cannot check it; the
   letters are checked here. */
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void put_word(struct format *format, char *directive, char letter, const char *word)
{
    size_t length = strlen(directive);
    if (letter == 's' || letter == 'c') {
        char one[2] = {word != NULL ? *word : '\0', '\0'};
        strcpy(directive + length, "s");
        printf(directive, word == NULL ? "" : letter == 'c' ? one : word);
    } else if (letter == 'b') {
        put_escaped(format, word != NULL ? word : "");
    } else if (strchr("eEfFgGaA", letter) != NULL) {
        directive[length] = letter;
        directive[length + 1] = '\0';
        printf(directive, word != NULL ? real(format, word) : 0.0);
    } else {
        snprintf(directive + length, 4, "ll%c", letter);
        printf(directive, word != NULL ? number(format, word) : 0LL);
    }
}

/* Flags, width and precision, with * replaced by words; returns what is behind. */
static const char *take_directive(struct format *format, const char *at, char *directive)
{
    size_t used = 1;
    directive[0] = '%';
    while (*at != '\0' && strchr("-+ #0123456789.*", *at) != NULL) {
        if (*at == '*') {
            const char *word = next_word(format);
            long long value = word != NULL ? number(format, word) : 0;
            value = value > 9999 ? 9999 : value < -9999 ? -9999 : value;
            used += (size_t)snprintf(directive + used, 8, "%d", (int)value);
        } else {
            directive[used++] = *at;
        }
        at++;
        if (used > DIRECTIVE_MAX - 16)
            return NULL;
    }
    directive[used] = '\0';
    return at;
}

/* `at` is behind a percent sign; returns what is behind the directive, or a null pointer. */
static const char *put_directive(struct format *format, const char *at)
{
    char directive[DIRECTIVE_MAX];
    const char *start = at;
    if (*at == '%') {
        putchar('%');
        return at + 1;
    }
    at = take_directive(format, at, directive);
    if (at == NULL || *at == '\0' || strchr("diouxXscbeEfFgGaA", *at) == NULL) {
        complain(format, start, "bad directive");
        return NULL;
    }
    put_word(format, directive, *at, next_word(format));
    return at + 1;
}

static bool put_once(struct format *format, const char *at)
{
    while (*at != '\0' && !format->stops) {
        if (*at == '%')
            at = put_directive(format, at + 1);
        else if (*at == '\\')
            at = put_escape(format, at + 1, false);
        else
            putchar(*at++);
        if (at == NULL)
            return false;
    }
    return true;
}

int command_printf(int argc, char *argv[])
{
    struct format format = {0};
    int first = argc > 1 && strcmp(argv[1], "--") == 0 ? 2 : 1;
    if (first >= argc) {
        fprintf(stderr, "usage: printf FORMAT [WORD]...\n");
        return 2;
    }
    format.next = argv + first + 1;
    do {
        format.used_words = false;
        if (!put_once(&format, argv[first]))
            break;
    } while (*format.next != NULL && format.used_words && !format.stops);
    return fflush(stdout) == 0 ? format.status : 1;
}
