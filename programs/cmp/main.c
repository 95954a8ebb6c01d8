/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <unistd.h>

#include <iris/summary.h>

#include "command.h"
#include "options.h"
#include "stream.h"

IRIS_SUMMARY("compare two files: [-s] FILE FILE");

enum { STATUS_SAME = 0, STATUS_DIFFERENT = 1, STATUS_ERROR = 2 };

static int compare(FILE *files[2], char *names[2], bool silent)
{
    unsigned long byte = 1, line = 1;
    for (;; byte++) {
        int first = getc(files[0]), second = getc(files[1]);
        if (ferror(files[0]) || ferror(files[1]))
            return STATUS_ERROR;
        if (first == second && first == EOF)
            return STATUS_SAME;
        if (first != second && !silent && (first == EOF || second == EOF))
            fprintf(stderr, "cmp: %s ends first, at byte %lu\n", names[first != EOF], byte - 1);
        else if (first != second && !silent)
            printf("%s %s differ: byte %lu, line %lu\n", names[0], names[1], byte, line);
        if (first != second)
            return STATUS_DIFFERENT;
        line += first == '\n';
    }
}

int main(int argc, char *argv[])
{
    static const struct options options = {"cmp", "[-s] FILE FILE", "s"};
    bool silent = false;
    FILE *files[2];
    while (options_next(&options, argc, argv) != 0)
        silent = true;
    if (argc - optind != 2)
        options_refuse(&options);
    for (int i = 0; i < 2; i++)
        if ((files[i] = stream_open("cmp", argv[optind + i])) == NULL)
            return STATUS_ERROR;
    return compare(files, argv + optind, silent);
}
