/* SPDX-License-Identifier: MIT */
/* Parameters (POSIX XCU 2.5, 2.6.2): $name, ${name}, ${#name}, ${name:-word} and its family. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "expand.h"
#include "pattern.h"
#include "shell.h"
#include "vars.h"

/* A parameter's name is one special sign, digits or a name; 0: none is there. */
static size_t name_length(const char *at, bool many_digits)
{
    size_t length = 0;
    if (*at != '\0' && strchr("?$!#@*-", *at) != NULL)
        return 1;
    if (isdigit((unsigned char)*at)) {
        while (many_digits && isdigit((unsigned char)at[length]))
            length++;
        return many_digits ? length : 1;
    }
    while (isalnum((unsigned char)at[length]) || at[length] == '_')
        length++;
    return length;
}

static const char *options_text(char text[8])
{
    char *at = text;
    if (shell.exits_on_error)
        *at++ = 'e';
    if (shell.no_glob)
        *at++ = 'f';
    if (shell.has_prompt)
        *at++ = 'i';
    if (shell.unset_is_error)
        *at++ = 'u';
    if (shell.traces)
        *at++ = 'x';
    *at = '\0';
    return text;
}

/* The value of a parameter that is one text; a null pointer: it is not set. */
static const char *value_of(const char *name)
{
    static char text[16];
    long number = -1;
    switch (*name) {
    case '?':
        number = shell.status;
        break;
    case '$':
        number = shell.pid;
        break;
    case '#':
        number = shell.argument_count;
        break;
    case '!':
        if (shell.last_background == 0)
            return NULL;
        number = shell.last_background;
        break;
    case '-':
        return options_text(text);
    default:
        if (!isdigit((unsigned char)*name))
            return vars_get(name);
        number = strtol(name, NULL, 10);
        if (number == 0)
            return shell.name;
        return number <= shell.argument_count ? shell.arguments[number - 1] : NULL;
    }
    snprintf(text, sizeof text, "%ld", number);
    return text;
}

static bool is_all(const char *name) { return *name == '@' || *name == '*'; }

/* ---- $@ and $* ---- */

static void put_argument(struct expander *expander, const char *argument, enum mark mark)
{
    expander_put(expander, argument, strlen(argument), mark);
    if (*argument == '\0' && mark == MARK_QUOTED)
        expander_mark(expander, MARK_EMPTY);
}

static void put_arguments(struct expander *expander, char name, enum quoting quoting)
{
    bool bare = quoting == QUOTING_NONE, fields = expander->for_fields && (bare || name == '@');
    const char *separators = vars_get("IFS");
    char joint = separators == NULL || name == '@' ? ' ' : *separators;
    expander->no_arguments |= shell.argument_count == 0 && name == '@';
    for (int i = 0; i < shell.argument_count; i++) {
        if (i > 0 && fields)
            expander_mark(expander, bare ? MARK_SOFT_BREAK : MARK_BREAK);
        else if (i > 0 && joint != '\0')
            expander_put(expander, &joint, 1, MARK_QUOTED);
        put_argument(expander, shell.arguments[i], bare ? MARK_SPLIT : MARK_QUOTED);
    }
}

static void put_value(struct expander *expander, const char *name, enum quoting quoting)
{
    const char *value = is_all(name) ? "" : value_of(name);
    if (is_all(name))
        put_arguments(expander, *name, quoting);
    else if (value != NULL)
        expander_put(expander, value, strlen(value),
                     quoting == QUOTING_NONE ? MARK_SPLIT : MARK_QUOTED);
    else if (shell.unset_is_error)
        expander_fail(expander, name, "is not set");
}

const char *parameter_expand(struct expander *expander, const char *at, enum quoting quoting)
{
    size_t length = name_length(at, false);
    if (length == 0)
        return NULL;
    put_value(expander, arena_text(&shell.arena, at, length), quoting);
    return at + length;
}

/* ---- ${...} ---- */

struct braces {
    const char *name;
    const char *value;    /* null: not set */
    bool uses_empty;      /* a colon: empty counts as not set */
    char sign;            /* - = ? + % # or 0 */
    bool longest;         /* %% ## */
    const char *at, *end; /* the word behind the sign */
    enum quoting quoting;
};

static void put_word(struct expander *expander, const struct braces *braces)
{
    enum mark bare = expander->bare;
    expander->bare = MARK_SPLIT; /* ${x:-a b} gives two fields */
    expander_run(expander, braces->at, braces->end, braces->quoting);
    expander->bare = bare;
}

static void assign_default(struct expander *expander, const struct braces *braces)
{
    bool is_name = isalpha((unsigned char)*braces->name) || *braces->name == '_';
    char *word = expander_word(expander, braces->at, braces->end, braces->quoting, false);
    if (!is_name)
        expander_fail(expander, braces->name, "cannot be assigned to");
    if (!vars_set(braces->name, word)) {
        shell_abort(STATUS_USAGE);
        longjmp(expander->failure, 1);
    }
    put_value(expander, braces->name, braces->quoting);
}

/* What is left of a value when the shortest or longest match at its beginning is taken away. */
static const char *without_prefix(const char *value, const char *pattern, bool longest)
{
    size_t length = strlen(value);
    for (size_t i = 0; i <= length; i++) {
        size_t part = longest ? length - i : i;
        if (pattern_match_part(pattern, value, part))
            return value + part;
    }
    return value;
}

static size_t without_suffix(const char *value, const char *pattern, bool longest)
{
    size_t length = strlen(value);
    for (size_t i = 0; i <= length; i++) {
        size_t left = longest ? i : length - i;
        if (pattern_match(pattern, value + left))
            return left;
    }
    return length;
}

static void put_trimmed(struct expander *expander, const struct braces *braces)
{
    enum quoting quoting = braces->quoting;
    const char *value = braces->value;
    if (value == NULL || is_all(braces->name)) {
        put_value(expander, braces->name, quoting);
        return;
    }
    value = arena_text(&shell.arena, value, strlen(value)); /* the pattern may change it */
    const char *pattern = expander_word(expander, braces->at, braces->end, QUOTING_NONE, true);
    size_t length = strlen(value);
    if (braces->sign == '#') {
        value = without_prefix(value, pattern, braces->longest);
        length = strlen(value);
    } else {
        length = without_suffix(value, pattern, braces->longest);
    }
    expander_put(expander, value, length, quoting == QUOTING_NONE ? MARK_SPLIT : MARK_QUOTED);
}

static void put_length(struct expander *expander, const char *name, enum quoting quoting)
{
    char digits[16];
    const char *value = is_all(name) ? NULL : value_of(name);
    if (value == NULL && !is_all(name) && shell.unset_is_error)
        expander_fail(expander, name, "is not set");
    snprintf(digits, sizeof digits, "%u",
             is_all(name)    ? (unsigned)shell.argument_count
             : value != NULL ? (unsigned)strlen(value)
                             : 0);
    expander_put(expander, digits, strlen(digits),
                 quoting == QUOTING_NONE ? MARK_SPLIT : MARK_QUOTED);
}

static void put_braces(struct expander *expander, const struct braces *braces)
{
    bool is_set = braces->value != NULL && !(braces->uses_empty && *braces->value == '\0');
    switch (braces->sign) {
    case '\0':
        put_value(expander, braces->name, braces->quoting);
        break;
    case '+':
        if (is_set)
            put_word(expander, braces);
        break;
    case '%':
    case '#':
        put_trimmed(expander, braces);
        break;
    default:
        if (is_set)
            put_value(expander, braces->name, braces->quoting);
        else if (braces->sign == '-')
            put_word(expander, braces);
        else if (braces->sign == '=')
            assign_default(expander, braces);
        else
            expander_fail(
                expander, braces->name,
                braces->at < braces->end
                    ? expander_word(expander, braces->at, braces->end, braces->quoting, false)
                    : "is not set");
    }
}

/* The sign behind the name; false if there is something else. */
static bool take_sign(struct braces *braces)
{
    if (braces->at == braces->end)
        return true;
    braces->uses_empty = *braces->at == ':';
    braces->at += braces->uses_empty;
    braces->sign = *braces->at;
    if (braces->at == braces->end ||
        strchr(braces->uses_empty ? "-=?+" : "-=?+%#", braces->sign) == NULL)
        return false;
    braces->at++;
    if ((braces->sign == '%' || braces->sign == '#') && *braces->at == braces->sign) {
        braces->longest = true;
        braces->at++;
    }
    return true;
}

void parameter_expand_braces(struct expander *expander, const char *at, const char *end,
                             enum quoting quoting)
{
    bool wants_length = *at == '#' && at + 1 < end && name_length(at + 1, true) > 0 &&
                        at + 1 + name_length(at + 1, true) == end;
    at += wants_length;
    size_t length = name_length(at, true);
    struct braces braces = {.at = at + length, .end = end, .quoting = quoting};
    if (length == 0 || at + length > end || !take_sign(&braces))
        expander_fail(expander, arena_text(&shell.arena, at, (size_t)(end - at)), "bad ${...}");
    braces.name = arena_text(&shell.arena, at, length);
    if (is_all(braces.name))
        braces.value = shell.argument_count > 0 ? "x" : NULL; /* only whether there are any */
    else
        braces.value = value_of(braces.name);
    if (wants_length)
        put_length(expander, braces.name, quoting);
    else
        put_braces(expander, &braces);
}
