/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <iris/summary.h>

#include "command.h"
#include "options.h"
#include "stream.h"

IRIS_SUMMARY("show bytes: [-v] [-n COUNT] [-s SKIP] [FILE]...");

#define WIDTH 16

static unsigned long offset, skip, left = ULONG_MAX;
static bool shows_all;
static unsigned char row[WIDTH], last[WIDTH];
static size_t used;
static bool has_last, in_star;

static void print_row(void)
{
    printf("%08lx ", offset);
    for (size_t i = 0; i < WIDTH; i++)
        if (i < used)
            printf("%s%02x", i % 8 == 0 ? "  " + (i == 0) : " ", row[i]);
        else
            printf("%s", i % 8 == 0 ? "    " + (i == 0) : "   ");
    printf("  |");
    for (size_t i = 0; i < used; i++)
        putchar(isprint(row[i]) ? row[i] : '.');
    printf("|\n");
}

/* Rows that repeat are one star. */
static void end_row(void)
{
    bool repeats = has_last && used == WIDTH && memcmp(row, last, WIDTH) == 0 && !shows_all;
    if (!repeats)
        print_row();
    else if (!in_star)
        printf("*\n");
    in_star = repeats;
    has_last = used == WIDTH;
    memcpy(last, row, WIDTH);
    offset += used;
    used = 0;
}

static int dump(FILE *file, const char *name)
{
    (void)name;
    for (int c; left > 0 && (c = getc(file)) != EOF;) {
        if (skip > 0) {
            skip--;
            offset++;
            continue;
        }
        row[used++] = (unsigned char)c;
        left--;
        if (used == WIDTH)
            end_row();
    }
    return COMMAND_OK;
}

int main(int argc, char *argv[])
{
    static const struct options options = {"hexdump", "[-v] [-n COUNT] [-s SKIP] [FILE]...",
                                           "Cvn:s:"};
    for (int letter; (letter = options_next(&options, argc, argv)) != 0;) {
        if (letter == 'n')
            left = (unsigned long)options_number(&options, optarg, 0, LONG_MAX);
        else if (letter == 's')
            skip = (unsigned long)options_number(&options, optarg, 0, LONG_MAX);
        else
            shows_all = shows_all || letter == 'v';
    }
    int status = stream_each("hexdump", argv + optind, dump);
    if (used > 0)
        end_row();
    if (offset > 0)
        printf("%08lx\n", offset);
    return stream_finish("hexdump", status);
}
