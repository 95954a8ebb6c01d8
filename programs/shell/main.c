/* SPDX-License-Identifier: MIT */
/*
 * The shell: reads a line, runs its commands one after the other.
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
#include "complete.h"
#include "console.h"
#include "help.h"
#include "job.h"
#include "line.h"
#include "log.h"
#include "parse.h"
#include "resident.h"

#define PROMPT "iris$ "
#define WIDTH 80
#define HEAP_BYTES (16 * 1024) /* buffers of stdio, directories, argument blocks */

IRIS_SUMMARY("read commands and run them: -c COMMANDS, or from the terminal");

struct history shell_history;
int shell_status;

static struct line line;
static struct completion completion;
static struct parse_command command, scratch;

/* ---- Running ---- */

static const char *variable(void *context, const char *name)
{
    static char number[12];
    (void)context;
    if (strcmp(name, "?") == 0)
        snprintf(number, sizeof number, "%d", shell_status);
    else if (strcmp(name, "$") == 0)
        snprintf(number, sizeof number, "%d", (int)getpid());
    else
        return getenv(name);
    return number;
}

static int run_command(void)
{
    const struct builtin *builtin = builtin_find(command.argv[0]);
    if (builtin != NULL && builtin->program != NULL) {
        command.argv[0] = builtin->program;
        builtin = NULL;
    }
    if (command.end == PARSE_BACKGROUND)
        return job_start(command.argv, command.source, command.source_length);
    if (builtin == NULL)
        return job_run(command.argv);
    int status = builtin->run(command.argc, command.argv);
    fflush(stdout);
    return status;
}

static void run_line(const char *text)
{
    const char *error = parse_check(text, &scratch);
    bool skip = false;
    if (error != NULL) {
        fprintf(stderr, "syntax error: %s\n", error);
        shell_status = STATUS_USAGE;
        return;
    }
    do {
        error = parse_next(&text, &command, variable, NULL);
        if (error != NULL) { /* an expansion too long: nothing parse_check could know */
            fprintf(stderr, "%s\n", error);
            shell_status = STATUS_USAGE;
            return;
        }
        if (!skip && command.argc > 0)
            shell_status = run_command();
        /* `a && b || c`: from left to right; a skipped command leaves the status as it is */
        skip = (command.end == PARSE_AND && shell_status != 0) ||
               (command.end == PARSE_OR && shell_status == 0);
    } while (command.end != PARSE_LAST);
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
static enum line_result edit_line(void)
{
    enum line_result result = LINE_EDITING;
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

static int run_terminal(void)
{
    const char *columns = getenv("COLUMNS");
    line = (struct line){
        .prompt = PROMPT,
        .width = columns != NULL && atoi(columns) > 20 ? (size_t)atoi(columns) : WIDTH,
        .history = &shell_history,
        .write = write_terminal,
        .complete = complete,
    };
    for (;;) {
        job_report();
        switch (edit_line()) {
        case LINE_FINISHED:
            run_line(line.text);
            break;
        case LINE_INTERRUPTED:
            shell_status = STATUS_INTERRUPTED;
            break;
        case LINE_CLOSED:
            printf("exit\n");
            return shell_status;
        case LINE_EDITING:
            break;
        }
    }
}

/* Anything but a terminal: no prompt, no editing. */
static int run_input(void)
{
    static char text[LINE_BYTES];
    while (fgets(text, sizeof text, stdin) != NULL) {
        text[strcspn(text, "\r\n")] = '\0';
        run_line(text);
    }
    return shell_status;
}

int main(int argc, char *argv[])
{
    job_begin();
    if (argc == 3 && strcmp(argv[1], "-c") == 0) {
        run_line(argv[2]);
        return shell_status;
    }
    if (argc > 1) {
        fprintf(stderr, "usage: shell [-c COMMANDS]\n");
        return STATUS_USAGE;
    }
    iris_resident(HEAP_BYTES);
    log_flush(IRIS_SLOT_LOG); /* the boot log stands above the first prompt */
    return isatty(STDIN_FILENO) ? run_terminal() : run_input();
}
