/* SPDX-License-Identifier: MIT */
#include "shell.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct shell shell;

void shell_complain(const char *format, ...)
{
    va_list arguments;
    fflush(stdout);
    if (shell.script != NULL)
        fprintf(stderr, "%s: %u: ", shell.script, shell.line);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

void shell_abort(int status)
{
    shell.status = status;
    if (shell.flow != FLOW_EXIT)
        shell.flow = FLOW_ABORT;
}

static void free_list(char **list)
{
    for (char **item = list; list != NULL && *item != NULL; item++)
        free(*item);
    free(list);
}

bool shell_set_arguments(char *const *arguments, int count)
{
    char **copy = calloc((size_t)count + 1, sizeof *copy);
    bool complete = copy != NULL;
    for (int i = 0; i < count && complete; i++)
        complete = (copy[i] = strdup(arguments[i])) != NULL;
    if (!complete) {
        free_list(copy);
        shell_complain("out of memory");
        return false;
    }
    free_list(shell.arguments);
    shell.arguments = copy;
    shell.argument_count = count;
    return true;
}

bool shell_interrupted(void) { return false; }
