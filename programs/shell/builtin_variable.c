/* SPDX-License-Identifier: MIT */
/* Builtins for variables, arguments and options. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "builtin.h"
#include "function.h"
#include "lex.h"
#include "shell.h"
#include "vars.h"

/* ---- Declarations ---- */

static int bad_name(const char *builtin, const char *name)
{
    shell_complain("%s: %s: bad name", builtin, name);
    shell_abort(STATUS_USAGE);
    return STATUS_USAGE;
}

/* NAME or NAME=VALUE: what `prepare` does for the name, then the value. */
static int declare(const char *builtin, const char *word, bool (*prepare)(const char *name),
                   unsigned flags)
{
    size_t length = strcspn(word, "=");
    char *name = strndup(word, length);
    int status = 0;
    if (name == NULL)
        return builtin_failed(builtin, word);
    if (!lex_is_name(name, length))
        status = bad_name(builtin, word);
    else if ((prepare != NULL && !prepare(name)) ||
             (word[length] == '=' && !vars_set(name, word + length + 1)) ||
             (flags != 0 && !vars_flag(name, flags)))
        status = STATUS_ERROR;
    free(name);
    return status;
}

/* For printing, which needs memory. */
struct listing {
    unsigned flags;
    const char *command;
};

static bool print_list(void *context)
{
    const struct listing *listing = context;
    struct text text = {.arena = &shell.arena};
    vars_print(&text, listing->flags, listing->command);
    fputs(text_string(&text), stdout);
    return true;
}

static int list_variables(unsigned flags, const char *command)
{
    struct listing listing = {flags, command};
    return arena_try(&shell.arena, print_list, &listing) ? 0 : STATUS_ERROR;
}

static int declare_all(int argc, char *argv[], bool (*prepare)(const char *name), unsigned flags)
{
    int status = 0;
    for (int i = 1; i < argc && status == 0; i++)
        if (strcmp(argv[i], "-p") != 0)
            status = declare(argv[0], argv[i], prepare, flags);
    return status;
}

int builtin_export(int argc, char *argv[])
{
    if (argc == 1 || strcmp(argv[1], "-p") == 0)
        return list_variables(VARS_EXPORTED, "export ");
    return declare_all(argc, argv, NULL, VARS_EXPORTED);
}

int builtin_readonly(int argc, char *argv[])
{
    if (argc == 1 || strcmp(argv[1], "-p") == 0)
        return list_variables(VARS_READ_ONLY, "readonly ");
    return declare_all(argc, argv, NULL, VARS_READ_ONLY);
}

static bool make_local(const char *name) { return vars_save(&shell.locals, name); }

int builtin_local(int argc, char *argv[])
{
    if (shell.calls == 0) {
        shell_complain("local: not in a function");
        return STATUS_ERROR;
    }
    return declare_all(argc, argv, make_local, 0);
}

int builtin_unset(int argc, char *argv[])
{
    int first = 1, status = 0;
    bool functions = argc > 1 && strcmp(argv[1], "-f") == 0;
    first += functions || (argc > 1 && strcmp(argv[1], "-v") == 0);
    for (int i = first; i < argc; i++) {
        if (!lex_is_name(argv[i], strlen(argv[i])))
            return bad_name("unset", argv[i]);
        if (functions)
            function_unset(argv[i]);
        else if (!vars_unset(argv[i]))
            status = STATUS_ERROR;
    }
    return status;
}

/* ---- set, shift ---- */

static bool set_option(char letter, bool on)
{
    switch (letter) {
    case 'e':
        shell.exits_on_error = on;
        return true;
    case 'f':
        shell.no_glob = on;
        return true;
    case 'n':
        shell.checks_only = on && !shell.has_prompt;
        return true;
    case 'u':
        shell.unset_is_error = on;
        return true;
    case 'x':
        shell.traces = on;
        return true;
    default:
        return false;
    }
}

int builtin_set(int argc, char *argv[])
{
    int i = 1;
    if (argc == 1)
        return list_variables(0, "");
    for (; i < argc && (*argv[i] == '-' || *argv[i] == '+') && argv[i][1] != '\0'; i++) {
        if (strcmp(argv[i], "--") == 0)
            return shell_set_arguments(argv + i + 1, argc - i - 1) ? 0 : STATUS_ERROR;
        for (const char *letter = argv[i] + 1; *letter != '\0'; letter++)
            if (!set_option(*letter, *argv[i] == '-'))
                return builtin_usage("set");
    }
    if (i == argc)
        return 0;
    return shell_set_arguments(argv + i, argc - i) ? 0 : STATUS_ERROR;
}

int builtin_shift(int argc, char *argv[])
{
    int count = 1;
    if (argc == 2 && *argv[1] != '\0' && strspn(argv[1], "0123456789") == strlen(argv[1]))
        count = atoi(argv[1]);
    else if (argc != 1)
        return builtin_usage("shift");
    if (count < 0 || count > shell.argument_count) {
        shell_complain("shift: there are only %d", shell.argument_count);
        return STATUS_ERROR;
    }
    for (int i = 0; i < count; i++)
        free(shell.arguments[i]);
    shell.argument_count -= count;
    if (shell.arguments != NULL)
        memmove(shell.arguments, shell.arguments + count,
                (size_t)(shell.argument_count + 1) * sizeof *shell.arguments);
    return 0;
}

/* ---- read ---- */

/* A line as it was typed; `quoted` says of each byte whether a backslash was before it. */
struct input {
    char *bytes, *quoted;
    size_t length, capacity;
};

static bool grow(char **bytes, size_t capacity)
{
    char *larger = realloc(*bytes, capacity);
    if (larger != NULL)
        *bytes = larger;
    return larger != NULL;
}

static bool input_put(struct input *input, char byte, char quoted)
{
    if (input->length + 1 >= input->capacity) {
        size_t capacity = 2 * input->capacity + 128;
        if (!grow(&input->bytes, capacity) || !grow(&input->quoted, capacity))
            return false;
        input->capacity = capacity;
    }
    input->bytes[input->length] = byte;
    input->quoted[input->length++] = quoted;
    input->bytes[input->length] = '\0';
    return true;
}

/* Byte by byte: what is behind the line belongs to whoever reads next. 0: a whole line; 1: the
   input ended before; -1: an error. */
static int read_line(struct input *input, bool raw)
{
    bool escaped = false;
    char byte;
    ssize_t count;
    while ((count = read(STDIN_FILENO, &byte, 1)) == 1) {
        if (byte == '\\' && !raw && !escaped) {
            escaped = true;
            continue;
        }
        if (byte == '\n' && !escaped)
            return 0;
        if (byte != '\0' && !(byte == '\n' && escaped) && !input_put(input, byte, escaped))
            return -1;
        escaped = false;
    }
    return count == 0 ? 1 : -1;
}

static bool separates(const struct input *input, size_t at, const char *separators)
{
    return !input->quoted[at] && strchr(separators, input->bytes[at]) != NULL;
}

static bool is_blank_at(const struct input *input, size_t at, const char *separators)
{
    return separates(input, at, separators) && strchr(" \t\n", input->bytes[at]) != NULL;
}

/* Takes a field from *at on: the last name gets all that is left, without blanks at its end. */
static bool assign_field(const struct input *input, size_t *at, const char *name, bool is_last,
                         const char *separators)
{
    size_t first, end;
    while (*at < input->length && is_blank_at(input, *at, separators))
        ++*at;
    first = end = *at;
    while (end < input->length && (is_last || !separates(input, end, separators)))
        end++;
    *at = end;
    while (is_last && end > first && is_blank_at(input, end - 1, separators))
        end--;
    while (*at < input->length && is_blank_at(input, *at, separators))
        ++*at;
    if (*at < input->length && separates(input, *at, separators))
        ++*at;
    char *value = strndup(input->length > 0 ? input->bytes + first : "", end - first);
    bool done = value != NULL && vars_set(name, value);
    free(value);
    return done;
}

static int assign_fields(const struct input *input, char *names[], int count)
{
    const char *separators = vars_get("IFS");
    size_t at = 0;
    char *own = strdup(separators != NULL ? separators : " \t\n"); /* IFS may be a name itself */
    int status = own != NULL ? 0 : STATUS_ERROR;
    for (int i = 0; i < count && status == 0; i++)
        if (!assign_field(input, &at, names[i], i == count - 1, own))
            status = STATUS_USAGE;
    free(own);
    return status;
}

int builtin_read(int argc, char *argv[])
{
    bool raw = argc > 1 && strcmp(argv[1], "-r") == 0;
    int first = raw ? 2 : 1;
    struct input input = {0};
    if (first >= argc)
        return builtin_usage("read");
    for (int i = first; i < argc; i++)
        if (!lex_is_name(argv[i], strlen(argv[i])))
            return builtin_usage("read");
    int ended = read_line(&input, raw);
    int status = ended < 0 ? builtin_failed("read", "input")
                           : assign_fields(&input, argv + first, argc - first);
    free(input.bytes);
    free(input.quoted);
    return status != 0 ? status : ended;
}
