/* SPDX-License-Identifier: MIT */
#include "function.h"

#include <stdlib.h>
#include <string.h>

#include "shell.h"

struct function {
    char *name, *body;
    struct function *next;
};

static struct function *functions;

static struct function *find_function(const char *name)
{
    struct function *function = functions;
    while (function != NULL && strcmp(function->name, name) != 0)
        function = function->next;
    return function;
}

const char *function_find(const char *name)
{
    const struct function *function = find_function(name);
    return function != NULL ? function->body : NULL;
}

bool function_set(const char *name, const char *body)
{
    struct function *function = calloc(1, sizeof *function);
    function_unset(name);
    if (function != NULL) {
        function->name = strdup(name);
        function->body = strdup(body);
    }
    if (function == NULL || function->name == NULL || function->body == NULL) {
        if (function != NULL) {
            free(function->name);
            free(function->body);
        }
        free(function);
        shell_complain("%s: out of memory", name);
        return false;
    }
    function->next = functions;
    functions = function;
    return true;
}

bool function_unset(const char *name)
{
    struct function **place = &functions, *function = find_function(name);
    if (function == NULL)
        return false;
    while (*place != function)
        place = &(*place)->next;
    *place = function->next;
    free(function->name);
    free(function->body);
    free(function);
    return true;
}

void function_print_all(struct text *text)
{
    for (const struct function *function = functions; function != NULL; function = function->next) {
        text_put_string(text, function->name);
        text_put_string(text, "() ");
        text_put_string(text, function->body);
        text_put_string(text, "\n");
    }
}
