/* SPDX-License-Identifier: MIT */
/* Builtins that change what runs next. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "builtin.h"
#include "child.h"
#include "execute.h"
#include "function.h"
#include "shell.h"
#include "trap.h"

/* A number of at most 8 digits; false: something else. */
static bool take_number(const char *text, unsigned *number)
{
    size_t length = strlen(text);
    *number = (unsigned)strtoul(text, NULL, 10);
    return length > 0 && length <= 8 && strspn(text, "0123456789") == length;
}

static int leave_loops(int argc, char *argv[], enum flow flow)
{
    unsigned levels = 1;
    if (argc > 2 || (argc == 2 && (!take_number(argv[1], &levels) || levels == 0)))
        return builtin_usage(argv[0]);
    if (shell.loops > 0) {
        shell.levels = levels < shell.loops ? levels : shell.loops;
        shell.flow = flow;
    }
    return 0;
}

int builtin_break(int argc, char *argv[]) { return leave_loops(argc, argv, FLOW_BREAK); }

int builtin_continue(int argc, char *argv[]) { return leave_loops(argc, argv, FLOW_CONTINUE); }

static int leave(int argc, char *argv[], enum flow flow)
{
    unsigned status = (unsigned)(flow == FLOW_EXIT ? trap_exit_status() : shell.status);
    if (argc > 2 || (argc == 2 && !take_number(argv[1], &status)))
        return builtin_usage(argv[0]);
    shell.status = (int)(status & 0xff);
    shell.flow = flow;
    return shell.status;
}

int builtin_exit(int argc, char *argv[]) { return leave(argc, argv, FLOW_EXIT); }

int builtin_return(int argc, char *argv[])
{
    return leave(argc, argv, shell.calls > 0 ? FLOW_RETURN : FLOW_EXIT);
}

/* The words as one line. */
struct joining {
    char **words;
    char *line;
};

static bool join(void *context)
{
    struct joining *joining = context;
    struct text text = {.arena = &shell.arena};
    for (char **word = joining->words; *word != NULL; word++) {
        text_put_string(&text, word > joining->words ? " " : "");
        text_put_string(&text, *word);
    }
    joining->line = text_string(&text);
    return true;
}

int builtin_eval(int argc, char *argv[])
{
    struct joining joining = {argv + 1, NULL};
    (void)argc;
    if (!arena_try(&shell.arena, join, &joining)) {
        shell_complain("eval: out of memory");
        return STATUS_ERROR;
    }
    if (argc == 1)
        return 0;
    execute_text(joining.line, shell.line);
    return shell.status;
}

int builtin_dot(int argc, char *argv[])
{
    if (argc != 2)
        return builtin_usage(".");
    shell.calls++;
    bool done = execute_file(argv[1]);
    shell.calls--;
    if (shell.flow == FLOW_RETURN)
        shell.flow = FLOW_ON;
    if (done)
        return shell.status;
    int status = builtin_failed(".", argv[1]);
    shell_abort(STATUS_USAGE);
    return status;
}

/* No process can turn into another program: the shell waits for it, and ends as it does. */
int builtin_exec(int argc, char *argv[])
{
    if (argc == 1)
        return 0;
    trap_forget_exit();
    shell.status = execute_program(argv + 1);
    shell.flow = FLOW_EXIT;
    return shell.status;
}

int builtin_type(int argc, char *argv[])
{
    int status = argc < 2 ? builtin_usage("type") : 0;
    for (int i = 1; i < argc; i++) {
        const char *path = NULL, *what = " is a shell function";
        const struct builtin *builtin = builtin_find(argv[i]);
        if (function_find(argv[i]) == NULL && builtin != NULL)
            what = " is a shell builtin";
        else if (function_find(argv[i]) == NULL)
            what = (path = child_find(argv[i])) != NULL ? " is " : ": not found";
        printf("%s%s%s\n", argv[i], what, path != NULL ? path : "");
        if (*what == ':')
            status = STATUS_UNKNOWN;
    }
    return status;
}

static int tell(const char *name)
{
    const char *path = name;
    if (function_find(name) == NULL && builtin_find(name) == NULL)
        path = child_find(name);
    if (path == NULL)
        return STATUS_UNKNOWN;
    printf("%s\n", path);
    return 0;
}

int builtin_command(int argc, char *argv[])
{
    int first = argc > 1 && (strcmp(argv[1], "-v") == 0 || strcmp(argv[1], "--") == 0) ? 2 : 1;
    if (first >= argc)
        return argc == 1 ? 0 : builtin_usage("command");
    if (strcmp(argv[1], "-v") == 0)
        return tell(argv[2]);
    const struct builtin *builtin = builtin_find(argv[first]);
    if (builtin == NULL || builtin->program != NULL)
        return execute_program(argv + first);
    return builtin->run(argc - first, argv + first);
}
