/* SPDX-License-Identifier: MIT */
/*
 * The shell: where its commands come from.
 *
 * At a terminal it edits lines itself (line.c) with the console in raw mode; programs get a cooked
 * one. It reads byte by byte, so that what is typed ahead of a program is left for that program.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <iris/object.h>
#include <iris/summary.h>

#include "builtin.h"
#include "child.h"
#include "complete.h"
#include "console.h"
#include "execute.h"
#include "help.h"
#include "job.h"
#include "line.h"
#include "log.h"
#include "parse.h"
#include "resident.h"
#include "shell.h"
#include "terminal.h"
#include "trap.h"
#include "vars.h"

#define PROMPT "iris$ "
#define PROMPT_MORE "> "
#define WIDTH 80
#define HEAP_BYTES (64 * 1024) /* trees, words, variables, buffers of stdio, argument blocks */
#define SHELL_PROGRAM "/bin/shell"

IRIS_SUMMARY("read commands and run them: -c COMMANDS, a FILE, or from the terminal");

extern char **environ;
struct history shell_history;

static struct line line;
static struct completion completion;

/* ---- Running ---- */

/* Lines that belong together: a command that is not complete waits for the next one. */
struct input {
    char *text;
    size_t length;
    unsigned line; /* number of the first one */
    unsigned lines;
};

static bool input_add(struct input *input, const char *text)
{
    size_t more = strlen(text);
    char *longer = realloc(input->text, input->length + more + 2);
    if (longer == NULL) {
        shell_complain("out of memory");
        return false;
    }
    memcpy(longer + input->length, text, more);
    strcpy(longer + input->length + more, "\n");
    input->text = longer;
    input->length += more + 1;
    input->lines++;
    return true;
}

static void input_clear(struct input *input)
{
    free(input->text);
    *input = (struct input){.line = input->line + input->lines};
}

/* Whether more lines are needed before anything can be run. */
static bool is_incomplete(const struct input *input)
{
    struct arena arena = {0};
    struct parse parse = {.line = input->line};
    struct node *tree;
    const char *text = input->text;
    enum parse_result result = PARSE_COMMAND;
    while (result == PARSE_COMMAND)
        result = parse_command(&text, &arena, &parse, &tree);
    arena_free(&arena);
    return result == PARSE_INCOMPLETE;
}

/* Adds a line and runs what is complete; false: the shell is to end. */
static bool take_line(struct input *input, const char *text)
{
    if (!input_add(input, text)) {
        input_clear(input);
        return true;
    }
    if (is_incomplete(input))
        return true;
    execute_text(input->text, input->line);
    input_clear(input);
    if (shell.flow == FLOW_EXIT || !shell.has_prompt)
        return shell.flow == FLOW_ON;
    shell.flow = FLOW_ON; /* an error takes a prompt no further than to the next line */
    return true;
}

/* ---- The terminal ---- */

static void write_terminal(void *context, const char *bytes, size_t count)
{
    (void)context;
    while (count > 0) {
        ssize_t done = write(STDOUT_FILENO, bytes, count);
        if (done <= 0)
            return;
        bytes += done;
        count -= (size_t)done;
    }
}

static void offer_directory(const char *path)
{
    DIR *directory = opendir(path);
    if (directory == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        complete_offer(&completion, entry->d_name, entry->d_type == DT_DIR);
    closedir(directory);
}

static void complete(struct line *edited)
{
    if (!complete_begin(&completion, edited->text, edited->cursor))
        return;
    if (completion.is_command) {
        for (const struct builtin *builtin = builtins; builtin->name != NULL; builtin++)
            complete_offer(&completion, builtin->name, false);
        offer_directory(HELP_PROGRAMS);
    } else {
        offer_directory(*completion.directory != '\0' ? completion.directory : ".");
    }
    const char *insertion = complete_insertion(&completion);
    if (*insertion != '\0')
        line_insert(edited, insertion, strlen(insertion));
    else if (completion.count > 1)
        line_list(edited, completion.list);
    else
        line_bell(edited);
}

/* Lets the user edit one line. */
static enum line_result edit_line(const char *prompt)
{
    enum line_result result = LINE_EDITING;
    line.prompt = prompt;
    fflush(stdout);
    console_set_mode(IRIS_SLOT_STDIN, CONSOLE_MODE_RAW);
    line_begin(&line);
    while (result == LINE_EDITING) {
        char byte;
        if (read(STDIN_FILENO, &byte, 1) != 1)
            return LINE_CLOSED;
        result = line_feed(&line, byte);
    }
    return result;
}

/* Ctrl-D: within a command it says what is missing, else it ends the shell. */
static void end_input(struct input *input)
{
    if (input->text == NULL) {
        printf("exit\n");
        shell.flow = FLOW_EXIT;
        return;
    }
    execute_text(input->text, input->line);
    input_clear(input);
    shell.flow = FLOW_ON;
}

static void run_terminal(void)
{
    const char *columns = getenv("COLUMNS");
    struct input input = {.line = 1};
    shell.has_prompt = true;
    terminal_begin_prompt();
    line = (struct line){
        .width = columns != NULL && atoi(columns) > 20 ? (size_t)atoi(columns) : WIDTH,
        .history = &shell_history,
        .write = write_terminal,
        .complete = complete,
    };
    while (shell.flow == FLOW_ON) {
        job_report();
        switch (edit_line(input.text == NULL ? PROMPT : PROMPT_MORE)) {
        case LINE_FINISHED:
            take_line(&input, line.text);
            break;
        case LINE_INTERRUPTED:
            input_clear(&input);
            shell.status = STATUS_INTERRUPTED;
            break;
        case LINE_CLOSED:
            end_input(&input);
            break;
        case LINE_EDITING:
            break;
        }
    }
}

/* A line without its end, byte by byte: what is behind it belongs to the programs it starts. */
static bool read_line(char **text, size_t *capacity)
{
    size_t used = 0;
    char byte = '\0';
    while (byte != '\n' && read(STDIN_FILENO, &byte, 1) == 1) {
        if (used + 2 > *capacity) {
            char *larger = realloc(*text, *capacity * 2 + 256);
            if (larger == NULL)
                return false;
            *text = larger;
            *capacity = *capacity * 2 + 256;
        }
        if (byte != '\n')
            (*text)[used++] = byte;
    }
    if (*text != NULL)
        (*text)[used] = '\0';
    return byte == '\n' || used > 0;
}

/* Anything but a terminal: no prompt, no editing. */
static void run_input(void)
{
    struct input input = {.line = 1};
    char *text = NULL;
    size_t capacity = 0;
    while (read_line(&text, &capacity) && take_line(&input, text))
        continue;
    free(text);
    if (input.text != NULL)
        execute_text(input.text, input.line);
}

/* ---- Arguments ---- */

static void run_file(int argc, char *argv[])
{
    shell.name = argv[1];
    if (!shell_set_arguments(argv + 2, argc - 2))
        return;
    if (!execute_file(argv[1])) {
        shell.status = errno == ENOENT ? STATUS_UNKNOWN : STATUS_NO_PROGRAM;
        shell_complain("%s: %s", argv[1], strerror(errno));
    }
}

/* -c COMMANDS [NAME [ARGUMENT]...] */
static void run_commands(int argc, char *argv[])
{
    if (argc > 3)
        shell.name = argv[3];
    if (shell_set_arguments(argv + 4, argc > 4 ? argc - 4 : 0))
        execute_text(argv[2], 1);
}

static void run(int argc, char *argv[])
{
    if (argc >= 3 && strcmp(argv[1], "-c") == 0)
        run_commands(argc, argv);
    else if (argc >= 2)
        run_file(argc, argv);
    else if (isatty(STDIN_FILENO))
        run_terminal();
    else
        run_input();
}

int main(int argc, char *argv[])
{
    shell.program = SHELL_PROGRAM;
    shell.name = argv[0];
    shell.pid = getpid();
    vars_begin(environ);
    job_begin();
    if (argc >= 2 && strcmp(argv[1], CHILD_OPTION) == 0)
        return child_main(argc, argv);
    if (argc == 1) {
        iris_resident(HEAP_BYTES);
        log_flush(IRIS_SLOT_LOG); /* the boot log stands above the first prompt */
    } else if (argv[1][0] == '-' && (argc < 3 || strcmp(argv[1], "-c") != 0)) {
        fprintf(stderr, "usage: shell [-c COMMANDS [NAME [ARGUMENT]...] | FILE [ARGUMENT]...]\n");
        return STATUS_USAGE;
    }
    run(argc, argv);
    trap_run_exit();
    fflush(stdout);
    return shell.status;
}
