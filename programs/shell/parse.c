/* SPDX-License-Identifier: MIT */
#include "parse.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define NAME_MAX_LENGTH 32

/* The command being made. `error` is the first thing found wrong. */
struct parser {
    const char *at;
    struct parse_command *command;
    parse_variable *variable;
    void *context;
    const char *error;
};

static bool is_name(char c, bool first)
{
    return c == '_' || isalpha((unsigned char)c) || (!first && isdigit((unsigned char)c));
}

static void fail(struct parser *p, const char *error)
{
    if (p->error == NULL)
        p->error = error;
}

static void put(struct parser *p, char c)
{
    if (p->command->used < PARSE_BYTES)
        p->command->bytes[p->command->used++] = c;
    else
        fail(p, "line too long");
}

/* $NAME, ${NAME}, $?, $$; a lone dollar stands for itself. `at` is behind the dollar. */
static void expand(struct parser *p)
{
    char name[NAME_MAX_LENGTH + 1];
    size_t length = 0;
    bool braces = *p->at == '{';
    p->at += braces;
    if (*p->at == '?' || *p->at == '$')
        name[length++] = *p->at++;
    else
        while (is_name(*p->at, length == 0)) {
            if (length < NAME_MAX_LENGTH)
                name[length++] = *p->at;
            p->at++;
        }
    name[length] = '\0';
    if (braces && (length == 0 || *p->at != '}')) {
        fail(p, "bad ${...}");
        return;
    }
    p->at += braces;
    const char *value = length == 0 ? "$" : p->variable(p->context, name);
    while (value != NULL && *value != '\0')
        put(p, *value++);
}

static void take_single_quoted(struct parser *p)
{
    while (*p->at != '\'' && *p->at != '\0')
        put(p, *p->at++);
    if (*p->at == '\0')
        fail(p, "missing '");
    else
        p->at++;
}

static void take_double_quoted(struct parser *p)
{
    while (*p->at != '"' && *p->at != '\0') {
        char c = *p->at++;
        if (c == '\\' && *p->at != '\0' && strchr("\"\\$", *p->at) != NULL)
            put(p, *p->at++);
        else if (c == '$')
            expand(p);
        else
            put(p, c);
    }
    if (*p->at == '\0')
        fail(p, "missing \"");
    else
        p->at++;
}

/* Takes one word. One that is empty, unquoted, after expansion is no word. */
static void take_word(struct parser *p)
{
    struct parse_command *command = p->command;
    size_t start = command->used;
    bool quoted = false;
    while (p->error == NULL && *p->at != '\0' && strchr(" \t;&|<>", *p->at) == NULL) {
        char c = *p->at++;
        if (c == '\'' || c == '"') {
            quoted = true;
            c == '"' ? take_double_quoted(p) : take_single_quoted(p);
        } else if (c == '\\' && *p->at == '\0') {
            fail(p, "nothing after \\");
        } else if (c == '$') {
            expand(p);
        } else {
            put(p, c == '\\' ? *p->at++ : c);
        }
    }
    if (command->used == start && !quoted)
        return;
    put(p, '\0');
    if (command->argc == PARSE_WORDS)
        fail(p, "too many words");
    else
        command->argv[command->argc++] = command->bytes + start;
}

/* What stands behind the last word. */
static enum parse_end take_end(struct parser *p)
{
    char c = *p->at;
    if (c == '\0' || c == '#') {
        p->at += strlen(p->at);
        return PARSE_LAST;
    }
    p->at++;
    bool twice = *p->at == c && c != ';';
    p->at += twice;
    switch (c) {
    case ';':
        return PARSE_SEQUENCE;
    case '&':
        return twice ? PARSE_AND : PARSE_BACKGROUND;
    case '|':
        if (twice)
            return PARSE_OR;
        fail(p, "there are no pipes yet");
        break;
    default:
        fail(p, "there is no redirection yet");
        break;
    }
    return PARSE_LAST;
}

static bool at_end(const char *line)
{
    line += strspn(line, " \t");
    return *line == '\0' || *line == '#';
}

const char *parse_next(const char **line, struct parse_command *command, parse_variable *variable,
                       void *context)
{
    struct parser p = {.at = *line, .command = command, .variable = variable, .context = context};
    command->argc = 0;
    command->used = 0;
    p.at += strspn(p.at, " \t");
    command->source = p.at;
    bool words = false;
    while (p.error == NULL && *p.at != '\0' && strchr("#;&|<>", *p.at) == NULL) {
        take_word(&p);
        words = true;
        p.at += strspn(p.at, " \t");
    }
    command->argv[command->argc] = NULL;
    command->source_length = (size_t)(p.at - command->source);
    while (command->source_length > 0 && command->source[command->source_length - 1] == ' ')
        command->source_length--;
    command->end = take_end(&p);
    if (!words && command->end != PARSE_LAST)
        fail(&p, "no command before ; & && or ||");
    if ((command->end == PARSE_AND || command->end == PARSE_OR) && at_end(p.at))
        fail(&p, "no command behind && or ||");
    *line = p.at;
    return p.error;
}

/* Anything that is not empty: so that a word is counted as it may turn out. */
static const char *any_value(void *context, const char *name)
{
    (void)context, (void)name;
    return "x";
}

const char *parse_check(const char *line, struct parse_command *scratch)
{
    const char *error = NULL;
    do
        error = parse_next(&line, scratch, any_value, NULL);
    while (error == NULL && scratch->end != PARSE_LAST && !at_end(line));
    return error;
}
