/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <limits.h>
#include <stdbool.h>
#include <unistd.h>

#include <iris/summary.h>

#include "command.h"
#include "options.h"
#include "stream.h"

IRIS_SUMMARY("print files' beginnings: [-n LINES|-c BYTES] [FILE]...");

static long limit = 10;
static bool by_bytes, with_names;

static int print(FILE *file, const char *name)
{
    static bool printed;
    long left = limit;
    if (with_names)
        printf("%s==> %s <==\n", printed ? "\n" : "", name != NULL ? name : "input");
    printed = true;
    for (int c; left > 0 && (c = getc(file)) != EOF;) {
        putchar(c);
        left -= by_bytes || c == '\n';
    }
    return COMMAND_OK;
}

int main(int argc, char *argv[])
{
    static const struct options options = {"head", "[-n LINES|-c BYTES] [FILE]...", "n:c:"};
    if (argc > 1 && argv[1][0] == '-' && isdigit((unsigned char)argv[1][1])) { /* -5 */
        limit = options_number(&options, argv[1] + 1, 0, LONG_MAX);
        optind = 2;
    }
    for (int letter; (letter = options_next(&options, argc, argv)) != 0;) {
        by_bytes = letter == 'c';
        limit = options_number(&options, optarg, 0, LONG_MAX);
    }
    with_names = argc - optind > 1;
    return stream_finish("head", stream_each("head", argv + optind, print));
}
