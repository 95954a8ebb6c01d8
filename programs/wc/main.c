/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdbool.h>
#include <unistd.h>

#include <iris/summary.h>

#include "command.h"
#include "options.h"
#include "stream.h"

IRIS_SUMMARY("count lines, words and bytes: [-clw] [FILE]...");

struct counts {
    unsigned long lines, words, bytes;
};

static bool with_lines, with_words, with_bytes;
static struct counts total;

static void print(const struct counts *counts, const char *name)
{
    if (with_lines)
        printf("%7lu", counts->lines);
    if (with_words)
        printf("%s%7lu", with_lines ? " " : "", counts->words);
    if (with_bytes)
        printf("%s%7lu", with_lines || with_words ? " " : "", counts->bytes);
    printf("%s%s\n", name != NULL ? " " : "", name != NULL ? name : "");
}

static int count(FILE *file, const char *name)
{
    struct counts counts = {0};
    bool in_word = false;
    for (int c; (c = getc(file)) != EOF;) {
        bool blank = isspace(c) != 0;
        counts.bytes++;
        counts.lines += c == '\n';
        counts.words += !blank && !in_word;
        in_word = !blank;
    }
    total.lines += counts.lines;
    total.words += counts.words;
    total.bytes += counts.bytes;
    print(&counts, name);
    return COMMAND_OK;
}

int main(int argc, char *argv[])
{
    static const struct options options = {"wc", "[-clw] [FILE]...", "clw"};
    for (int letter; (letter = options_next(&options, argc, argv)) != 0;)
        *(letter == 'c' ? &with_bytes : letter == 'l' ? &with_lines : &with_words) = true;
    if (!with_lines && !with_words && !with_bytes)
        with_lines = with_words = with_bytes = true;
    int status = stream_each("wc", argv + optind, count);
    if (argc - optind > 1)
        print(&total, "total");
    return stream_finish("wc", status);
}
