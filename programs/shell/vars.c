/* SPDX-License-Identifier: MIT */
#include "vars.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lex.h"

struct variable {
    char *name, *value; /* value null: not set, only flagged */
    unsigned flags;
    struct variable *next; /* sorted by name */
};

static struct variable *variables;

/* The place of a variable, or where it belongs. */
static struct variable **place_of(const char *name)
{
    struct variable **place = &variables;
    while (*place != NULL && strcmp((*place)->name, name) < 0)
        place = &(*place)->next;
    return place;
}

static struct variable *find(const char *name)
{
    struct variable *variable = *place_of(name);
    return variable != NULL && strcmp(variable->name, name) == 0 ? variable : NULL;
}

static bool no_memory(const char *name)
{
    fprintf(stderr, "%s: out of memory\n", name);
    return false;
}

static struct variable *find_or_make(const char *name)
{
    struct variable **place = place_of(name), *variable = find(name);
    if (variable != NULL)
        return variable;
    variable = calloc(1, sizeof *variable);
    char *copy = strdup(name);
    if (variable == NULL || copy == NULL) {
        free(variable);
        free(copy);
        return NULL;
    }
    variable->name = copy;
    variable->next = *place;
    *place = variable;
    return variable;
}

static void drop(const char *name)
{
    struct variable **place = place_of(name), *variable = *place;
    *place = variable->next;
    free(variable->name);
    free(variable->value);
    free(variable);
}

void vars_begin(char **environment)
{
    for (; *environment != NULL; environment++) {
        size_t length = strcspn(*environment, "=");
        char *name = strndup(*environment, length);
        if (name != NULL && (*environment)[length] == '=' && lex_is_name(name, length) &&
            vars_set(name, *environment + length + 1))
            vars_flag(name, VARS_EXPORTED);
        free(name);
    }
    vars_set("OPTIND", "1"); /* XCU getopts */
}

const char *vars_get(const char *name)
{
    const struct variable *variable = find(name);
    return variable != NULL ? variable->value : NULL;
}

static bool may_change(const struct variable *variable)
{
    if (variable == NULL || !(variable->flags & VARS_READ_ONLY))
        return true;
    fprintf(stderr, "%s: is read only\n", variable->name);
    return false;
}

bool vars_set(const char *name, const char *value)
{
    if (!may_change(find(name)))
        return false;
    char *copy = strdup(value);
    struct variable *variable = copy != NULL ? find_or_make(name) : NULL;
    if (variable == NULL) {
        free(copy);
        return no_memory(name);
    }
    free(variable->value);
    variable->value = copy;
    return true;
}

bool vars_unset(const char *name)
{
    struct variable *variable = find(name);
    if (variable == NULL)
        return true;
    if (!may_change(variable))
        return false;
    drop(name);
    return true;
}

bool vars_flag(const char *name, unsigned flags)
{
    struct variable *variable = find_or_make(name);
    if (variable == NULL)
        return no_memory(name);
    variable->flags |= flags;
    return true;
}

char **vars_environment(struct arena *arena)
{
    size_t count = 0;
    for (const struct variable *variable = variables; variable != NULL; variable = variable->next)
        count++;
    char **environment = arena_take(arena, (count + 1) * sizeof *environment), **next = environment;
    for (const struct variable *variable = variables; variable != NULL; variable = variable->next) {
        struct text text = {.arena = arena};
        if (!(variable->flags & VARS_EXPORTED) || variable->value == NULL)
            continue;
        text_put_string(&text, variable->name);
        text_put_char(&text, '=');
        text_put_string(&text, variable->value);
        *next++ = text_string(&text);
    }
    *next = NULL;
    return environment;
}

/* ---- As text ---- */

void vars_put_quoted(struct text *text, const char *value)
{
    text_put_char(text, '\'');
    for (; *value != '\0'; value++)
        if (*value == '\'')
            text_put_string(text, "'\\''");
        else
            text_put_char(text, *value);
    text_put_char(text, '\'');
}

static void print_one(struct text *text, const struct variable *variable, const char *command)
{
    text_put_string(text, command);
    text_put_string(text, variable->name);
    if (variable->value != NULL) {
        text_put_char(text, '=');
        vars_put_quoted(text, variable->value);
    }
    text_put_char(text, '\n');
}

void vars_print(struct text *text, unsigned flags, const char *command)
{
    for (const struct variable *variable = variables; variable != NULL; variable = variable->next)
        if ((variable->flags & flags) == flags && (*command != '\0' || variable->value != NULL))
            print_one(text, variable, command);
}

void vars_print_all(struct text *text)
{
    for (const struct variable *variable = variables; variable != NULL; variable = variable->next) {
        bool exported = variable->flags & VARS_EXPORTED;
        if (exported && variable->value == NULL)
            print_one(text, variable, "export ");
        else if (!exported && variable->value != NULL)
            print_one(text, variable, "");
        if (variable->flags & VARS_READ_ONLY) {
            text_put_string(text, "readonly ");
            text_put_string(text, variable->name);
            text_put_char(text, '\n');
        }
    }
}

/* ---- As they were ---- */

bool vars_save(struct vars_saved **list, const char *name)
{
    const struct variable *variable = find(name);
    struct vars_saved *saved = calloc(1, sizeof *saved);
    bool has_value = variable != NULL && variable->value != NULL;
    if (saved != NULL) {
        saved->name = strdup(name);
        saved->value = has_value ? strdup(variable->value) : NULL;
    }
    if (saved == NULL || saved->name == NULL || (has_value && saved->value == NULL)) {
        if (saved != NULL)
            free(saved->name);
        free(saved);
        return no_memory(name);
    }
    saved->flags = variable != NULL ? variable->flags : 0;
    saved->next = *list;
    *list = saved;
    return true;
}

/* The saved value's memory becomes the variable's: this cannot fail if the variable still exists.
 */
static void restore_one(struct vars_saved *saved)
{
    struct variable *variable =
        saved->value != NULL || saved->flags != 0 ? find_or_make(saved->name) : find(saved->name);
    if (variable != NULL && saved->value == NULL && saved->flags == 0) {
        drop(saved->name);
    } else if (variable != NULL) {
        free(variable->value);
        variable->value = saved->value;
        variable->flags = saved->flags;
        saved->value = NULL;
    }
    free(saved->name);
    free(saved->value);
    free(saved);
}

void vars_restore(struct vars_saved **list)
{
    while (*list != NULL) {
        struct vars_saved *saved = *list;
        *list = saved->next;
        restore_one(saved);
    }
}

void vars_drop_saved(struct vars_saved **list)
{
    while (*list != NULL) {
        struct vars_saved *saved = *list;
        *list = saved->next;
        free(saved->name);
        free(saved->value);
        free(saved);
    }
}
