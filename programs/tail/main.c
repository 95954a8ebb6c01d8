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

IRIS_SUMMARY("print files' ends: [-n [+]LINES|-c [+]BYTES] [FILE]...");

static long limit = 10;
static bool by_bytes, from_start, with_names;

/* The end of what was read so far: what can be asked for, and not much more. */
struct tail {
    char *bytes;
    size_t used, capacity;
    long lines; /* complete ones */
};

/* Where the part to be printed begins. */
static size_t start_of(const struct tail *tail)
{
    size_t at = tail->used;
    if (by_bytes)
        return tail->used > (size_t)limit ? tail->used - (size_t)limit : 0;
    bool partial = at > 0 && tail->bytes[at - 1] != '\n';
    long left = limit + !partial;
    while (at > 0 && left > 0 && !(tail->bytes[at - 1] == '\n' && --left == 0))
        at--;
    return limit == 0 ? tail->used : at;
}

static void make_room(struct tail *tail)
{
    size_t start = start_of(tail);
    if (start > tail->used / 2) {
        memmove(tail->bytes, tail->bytes + start, tail->used - start);
        tail->used -= start;
        return;
    }
    tail->capacity = 2 * tail->capacity + 4096;
    tail->bytes = realloc(tail->bytes, tail->capacity);
    if (tail->bytes == NULL)
        exit(command_failed("tail", "input", ENOMEM));
}

static int print_end(FILE *file)
{
    struct tail tail = {0};
    for (int c; (c = getc(file)) != EOF;) {
        if (tail.used == tail.capacity)
            make_room(&tail);
        tail.bytes[tail.used++] = (char)c;
    }
    size_t start = start_of(&tail);
    if (tail.used > start)
        fwrite(tail.bytes + start, 1, tail.used - start, stdout);
    free(tail.bytes);
    return COMMAND_OK;
}

static int print_from(FILE *file)
{
    long skip = limit > 0 ? limit - 1 : 0;
    for (int c; (c = getc(file)) != EOF;) {
        if (skip == 0)
            putchar(c);
        else
            skip -= by_bytes || c == '\n';
    }
    return COMMAND_OK;
}

static int print(FILE *file, const char *name)
{
    static bool printed;
    if (with_names)
        printf("%s==> %s <==\n", printed ? "\n" : "", name != NULL ? name : "input");
    printed = true;
    return from_start ? print_from(file) : print_end(file);
}

int main(int argc, char *argv[])
{
    static const struct options options = {"tail", "[-n [+]LINES|-c [+]BYTES] [FILE]...", "n:c:"};
    if (argc > 1 && argv[1][0] == '-' && isdigit((unsigned char)argv[1][1])) { /* -5 */
        limit = options_number(&options, argv[1] + 1, 0, LONG_MAX);
        optind = 2;
    }
    for (int letter; (letter = options_next(&options, argc, argv)) != 0;) {
        by_bytes = letter == 'c';
        from_start = *optarg == '+';
        limit = options_number(&options, optarg + (*optarg == '+' || *optarg == '-'), 0, LONG_MAX);
    }
    with_names = argc - optind > 1;
    return stream_finish("tail", stream_each("tail", argv + optind, print));
}
