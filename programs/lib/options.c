/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

void options_refuse(const struct options *options)
{
    exit(command_usage(options->name, options->arguments));
}

int options_next(const struct options *options, int argc, char *argv[])
{
    opterr = 0;
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        printf("usage: %s %s\n", options->name, options->arguments);
        exit(COMMAND_OK);
    }
    int letter = getopt(argc, argv, options->letters);
    if (letter == '?' || letter == ':')
        options_refuse(options);
    return letter < 0 ? 0 : letter;
}

long options_number(const struct options *options, const char *text, long low, long high)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (end == text || *end != '\0' || value < low || value > high)
        options_refuse(options);
    return value;
}
