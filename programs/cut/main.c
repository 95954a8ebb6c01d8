/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <iris/summary.h>

#include "command.h"
#include "options.h"
#include "stream.h"

IRIS_SUMMARY("print parts of lines: -c LIST | -f LIST [-d SEPARATOR] [-s] [FILE]...");

#define RANGES_MAX 64

static struct {
    unsigned long low, high;
} ranges[RANGES_MAX];
static unsigned count;
static char separator = '\t';
static bool by_fields, only_separated;

/* "1,3-5,7-" */
static bool take_list(const char *text)
{
    for (;;) {
        char *end;
        unsigned long low = 1, high;
        if (*text != '-') {
            low = strtoul(text, &end, 10);
            if (end == text)
                return false;
            text = end;
        }
        high = low;
        if (*text == '-') {
            high = strtoul(++text, &end, 10);
            high = end == text ? ULONG_MAX : high;
            text = end;
        }
        if (low == 0 || high < low || count == RANGES_MAX)
            return false;
        ranges[count].low = low;
        ranges[count++].high = high;
        if (*text == '\0')
            return true;
        if (*text++ != ',')
            return false;
    }
}

static bool is_wanted(unsigned long number)
{
    for (unsigned i = 0; i < count; i++)
        if (ranges[i].low <= number && number <= ranges[i].high)
            return true;
    return false;
}

static void print_characters(const char *line)
{
    for (unsigned long i = 0; line[i] != '\0'; i++)
        if (is_wanted(i + 1))
            putchar(line[i]);
    putchar('\n');
}

static void print_fields(const char *line)
{
    bool printed = false;
    if (strchr(line, separator) == NULL) {
        if (!only_separated)
            printf("%s\n", line);
        return;
    }
    for (unsigned long number = 1;; number++) {
        const char *end = strchr(line, separator);
        int length = end != NULL ? (int)(end - line) : (int)strlen(line);
        if (is_wanted(number)) {
            if (printed)
                putchar(separator);
            printf("%.*s", length, line);
            printed = true;
        }
        if (end == NULL)
            break;
        line = end + 1;
    }
    putchar('\n');
}

static int cut(FILE *file, const char *name)
{
    char *line = NULL;
    size_t size = 0;
    (void)name;
    while (getline(&line, &size, file) >= 0) {
        line[strcspn(line, "\n")] = '\0';
        by_fields ? print_fields(line) : print_characters(line);
    }
    free(line);
    return COMMAND_OK;
}

int main(int argc, char *argv[])
{
    static const struct options options = {"cut", "-c LIST | -f LIST [-d SEPARATOR] [-s] [FILE]...",
                                           "b:c:f:d:s"};
    for (int letter; (letter = options_next(&options, argc, argv)) != 0;) {
        if (letter == 'd' && optarg[0] != '\0' && optarg[1] == '\0')
            separator = *optarg;
        else if (letter == 's')
            only_separated = true;
        else if (letter == 'd' || count > 0 || !take_list(optarg))
            options_refuse(&options);
        by_fields = by_fields || letter == 'f';
    }
    if (count == 0)
        options_refuse(&options);
    return stream_finish("cut", stream_each("cut", argv + optind, cut));
}
