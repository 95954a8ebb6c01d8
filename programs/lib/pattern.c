/* SPDX-License-Identifier: MIT */
#include "pattern.h"

#include <ctype.h>
#include <string.h>

static bool in_class(const char *name, size_t length, unsigned char c)
{
    static const struct {
        const char *name;
        int (*test)(int c);
    } classes[] = {{"alnum", isalnum}, {"alpha", isalpha}, {"blank", isblank},
                   {"cntrl", iscntrl}, {"digit", isdigit}, {"graph", isgraph},
                   {"lower", islower}, {"print", isprint}, {"punct", ispunct},
                   {"space", isspace}, {"upper", isupper}, {"xdigit", isxdigit}};
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (strlen(classes[i].name) == length && memcmp(classes[i].name, name, length) == 0)
            return classes[i].test(c) != 0;
    return false;
}

static unsigned char take_byte(const char **at)
{
    if (**at == '\\' && (*at)[1] != '\0')
        (*at)++;
    return (unsigned char)*(*at)++;
}

/* One element of [...]: a class, a range or a byte. Moves *at behind it. */
static bool element_matches(const char **at, unsigned char c)
{
    const char *end;
    if ((*at)[0] == '[' && (*at)[1] == ':' && (end = strstr(*at + 2, ":]")) != NULL) {
        const char *name = *at + 2;
        *at = end + 2;
        return in_class(name, (size_t)(end - name), c);
    }
    unsigned char low = take_byte(at), high = low;
    if ((*at)[0] == '-' && (*at)[1] != ']' && (*at)[1] != '\0') {
        (*at)++;
        high = take_byte(at);
    }
    return low <= c && c <= high;
}

/* [...]: `at` is behind the bracket. Returns what is behind the closing one, or a null pointer if
   there is none: the bracket then means itself. */
static const char *bracket(const char *at, unsigned char c, bool *matches)
{
    bool negated = *at == '!' || *at == '^', found = false;
    at += negated;
    const char *first = at;
    while (*at != ']' || at == first) {
        if (*at == '\0')
            return NULL;
        found |= element_matches(&at, c);
    }
    *matches = found != negated;
    return at + 1;
}

/* What is behind the pattern's first element, if that matches one byte; else a null pointer. */
static const char *match_one(const char *pattern, unsigned char c)
{
    if (*pattern == '?')
        return pattern + 1;
    if (*pattern == '[') {
        bool matches;
        const char *behind = bracket(pattern + 1, c, &matches);
        if (behind != NULL)
            return matches ? behind : NULL;
    }
    return *pattern != '\0' && take_byte(&pattern) == c ? pattern : NULL;
}

bool pattern_match_part(const char *pattern, const char *text, size_t length)
{
    /* Only the last star is ever tried again: earlier ones took as little as they could. */
    const char *end = text + length, *star = NULL, *star_text = NULL;
    while (text < end || *pattern != '\0') {
        const char *next = NULL;
        if (*pattern == '*') {
            star = ++pattern;
            star_text = text;
            continue;
        }
        if (text < end && (next = match_one(pattern, (unsigned char)*text)) != NULL) {
            pattern = next;
            text++;
            continue;
        }
        if (star == NULL || star_text == end)
            return false;
        pattern = star;
        text = ++star_text;
    }
    return true;
}

bool pattern_match(const char *pattern, const char *text)
{
    return pattern_match_part(pattern, text, strlen(text));
}

bool pattern_is_magic(const char *pattern)
{
    for (; *pattern != '\0'; pattern++) {
        if (*pattern == '\\' && pattern[1] != '\0')
            pattern++;
        else if (strchr("*?[", *pattern) != NULL)
            return true;
    }
    return false;
}
