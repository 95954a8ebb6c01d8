/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include <iris/summary.h>

#include "command.h"
#include "files.h"
#include "options.h"
#include "regular.h"
#include "stream.h"

IRIS_SUMMARY("print lines that match: [-EFcehilnoqrsvx] EXPRESSION [FILE]...");

enum { STATUS_FOUND = 0, STATUS_NONE = 1, STATUS_ERROR = 2 };

static struct regular *regular;
static unsigned flags;
static bool counts, lists, numbers, only, quiet, silent, inverted, recursive;
static int with_names = -1; /* -1: if there are several files */
static bool found_any, failed;

static void print_place(const char *name, unsigned long number)
{
    if (with_names > 0)
        printf("%s:", name);
    if (numbers)
        printf("%lu:", number);
}

static void print_parts(const char *name, unsigned long number, const char *line, size_t length)
{
    size_t start, end;
    for (size_t from = 0; from<length; from = end> start ? end : start + 1) {
        if (!regular_find(regular, line, length, from, &start, &end))
            return;
        if (end == start)
            continue;
        print_place(name, number);
        printf("%.*s\n", (int)(end - start), line + start);
    }
}

static void print_line(const char *name, unsigned long number, const char *line, size_t length)
{
    if (only && !inverted) {
        print_parts(name, number, line, length);
        return;
    }
    print_place(name, number);
    fwrite(line, 1, length, stdout);
    putchar('\n');
}

static void end_file(const char *name, unsigned long found)
{
    found_any = found_any || found > 0;
    if (counts && !quiet)
        printf("%s%s%lu\n", with_names > 0 ? name : "", with_names > 0 ? ":" : "", found);
    if (lists && !quiet && found > 0)
        printf("%s\n", name);
}

static int search(FILE *file, const char *path)
{
    const char *name = path != NULL ? path : "(standard input)";
    unsigned long number = 0, found = 0;
    char *line = NULL;
    size_t capacity = 0;
    for (ssize_t length; (length = getline(&line, &capacity, file)) >= 0;) {
        length -= length > 0 && line[length - 1] == '\n';
        number++;
        if (regular_matches(regular, line, (size_t)length) == inverted)
            continue;
        found++;
        if (quiet || lists)
            break;
        if (!counts)
            print_line(name, number, line, (size_t)length);
    }
    failed = failed || ferror(file);
    free(line);
    end_file(name, found);
    return COMMAND_OK;
}

static void search_path(const char *path);

static void search_directory(const char *path)
{
    DIR *directory = opendir(path);
    if (directory == NULL) {
        failed = true;
        command_failed("grep", path, errno);
        return;
    }
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        char *inner = stream_join(path, entry->d_name);
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            search_path(inner);
        free(inner);
    }
    closedir(directory);
}

static void search_path(const char *path)
{
    if (recursive && files_is_directory(path)) {
        search_directory(path);
        return;
    }
    if (silent && access(path, R_OK) != 0 && strcmp(path, "-") != 0) {
        failed = true;
        return;
    }
    FILE *file = stream_open("grep", path);
    if (file == NULL) {
        failed = true;
        return;
    }
    search(file, file == stdin ? NULL : path);
    stream_close(file);
}

/* Several -e are alternatives: one a line. */
static char *add_expression(char *all, const char *text)
{
    size_t used = all != NULL ? strlen(all) : 0;
    char *longer = realloc(all, used + strlen(text) + 2);
    if (longer == NULL)
        exit(command_failed("grep", text, ENOMEM));
    strcpy(longer + used, used > 0 || all != NULL ? "\n" : "");
    strcat(longer, text);
    return longer;
}

static void take_option(int letter)
{
    switch (letter) {
    case 'E':
        flags |= REGULAR_EXTENDED;
        break;
    case 'F':
        flags |= REGULAR_FIXED;
        break;
    case 'i':
        flags |= REGULAR_FOLD_CASE;
        break;
    case 'x':
        flags |= REGULAR_WHOLE_LINE;
        break;
    case 'h':
    case 'H':
        with_names = letter == 'H';
        break;
    case 'r':
        recursive = true;
        break;
    default:
        *(letter == 'c'   ? &counts
          : letter == 'l' ? &lists
          : letter == 'n' ? &numbers
          : letter == 'o' ? &only
          : letter == 'q' ? &quiet
          : letter == 's' ? &silent
                          : &inverted) = true;
    }
}

int main(int argc, char *argv[])
{
    static const struct options options = {"grep", "[-EFHchilnoqrsvx] [-e] EXPRESSION [FILE]...",
                                           "EFHce:hilnoqrsvx"};
    char *expression = NULL;
    const char *error;
    for (int letter; (letter = options_next(&options, argc, argv)) != 0;)
        if (letter == 'e')
            expression = add_expression(expression, optarg);
        else
            take_option(letter);
    if (expression == NULL && optind == argc)
        options_refuse(&options);
    if (expression == NULL)
        expression = add_expression(NULL, argv[optind++]);
    regular = regular_compile(expression, flags, &error);
    if (regular == NULL) {
        fprintf(stderr, "grep: %s: %s\n", expression, error);
        return STATUS_ERROR;
    }
    if (with_names < 0)
        with_names = argc - optind > 1 || recursive;
    if (optind == argc)
        search_path(recursive ? "." : "-");
    for (; optind < argc; optind++)
        search_path(argv[optind]);
    if (stream_finish("grep", COMMAND_OK) != COMMAND_OK)
        return STATUS_ERROR;
    return failed && !(quiet && found_any) ? STATUS_ERROR : found_any ? STATUS_FOUND : STATUS_NONE;
}
