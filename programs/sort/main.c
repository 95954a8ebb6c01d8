/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <iris/summary.h>

#include "command.h"
#include "options.h"
#include "stream.h"

IRIS_SUMMARY("sort lines: [-bfnru] [-k FIELD] [-t SEPARATOR] [-o FILE] [FILE]...");

static char **lines;
static size_t count, capacity;
static bool skips_blanks, folds, by_number, reversed, unique;
static long field;
static char separator;

static int take_lines(FILE *file, const char *name)
{
    size_t size = 0;
    (void)name;
    for (char *line = NULL;; line = NULL, size = 0) {
        ssize_t length = getline(&line, &size, file);
        if (length < 0) {
            free(line);
            return COMMAND_OK;
        }
        if (length > 0 && line[length - 1] == '\n')
            line[length - 1] = '\0';
        if (count == capacity) {
            capacity = 2 * capacity + 64;
            lines = realloc(lines, capacity * sizeof *lines);
            if (lines == NULL)
                exit(command_failed("sort", "input", ENOMEM));
        }
        lines[count++] = line;
    }
}

/* Where the field to be compared begins: it goes up to the line's end. */
static const char *key(const char *line)
{
    for (long i = 1; i < field; i++) {
        if (separator != '\0') {
            const char *next = strchr(line, separator);
            line = next != NULL ? next + 1 : line + strlen(line);
            continue;
        }
        line += strspn(line, " \t");
        line += strcspn(line, " \t");
    }
    return skips_blanks || by_number ? line + strspn(line, " \t") : line;
}

static int compare_keys(const char *a, const char *b)
{
    if (by_number) {
        double left = strtod(a, NULL), right = strtod(b, NULL);
        return (left > right) - (left < right);
    }
    return folds ? strcasecmp(a, b) : strcmp(a, b);
}

/* Lines with equal keys are compared as a whole, so that the order is always the same. */
static int compare(const void *a, const void *b)
{
    const char *first = *(char *const *)a, *second = *(char *const *)b;
    int order = compare_keys(key(first), key(second));
    if (order == 0 && !unique)
        order = strcmp(first, second);
    return reversed ? -order : order;
}

static void print(FILE *output)
{
    for (size_t i = 0; i < count; i++)
        if (!unique || i == 0 || compare_keys(key(lines[i - 1]), key(lines[i])) != 0)
            fprintf(output, "%s\n", lines[i]);
}

static const char *take_options(const struct options *options, int argc, char *argv[])
{
    const char *path = NULL;
    for (int letter; (letter = options_next(options, argc, argv)) != 0;)
        if (letter == 'k')
            field = options_number(options, optarg, 1, INT_MAX);
        else if (letter == 't')
            separator = *optarg;
        else if (letter == 'o')
            path = optarg;
        else
            *(letter == 'b'   ? &skips_blanks
              : letter == 'f' ? &folds
              : letter == 'n' ? &by_number
              : letter == 'r' ? &reversed
                              : &unique) = true;
    return path;
}

int main(int argc, char *argv[])
{
    static const struct options options = {
        "sort", "[-bfnru] [-k FIELD] [-t SEPARATOR] [-o FILE] [FILE]...", "bfnruk:t:o:"};
    const char *path = take_options(&options, argc, argv);
    int status = stream_each("sort", argv + optind, take_lines);
    if (status != COMMAND_OK)
        return COMMAND_USAGE;
    if (count > 0)
        qsort(lines, count, sizeof *lines, compare);
    if (path != NULL && freopen(path, "w", stdout) == NULL)
        return command_failed("sort", path, errno);
    print(stdout);
    return stream_finish("sort", COMMAND_OK);
}
