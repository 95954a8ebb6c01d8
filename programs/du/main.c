/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <iris/summary.h>

#include "command.h"
#include "files.h"
#include "options.h"
#include "stream.h"

#define ARGUMENTS "[-a|-s] [-hk] [PATH]..."
#define BLOCK 512 /* POSIX du, and st_blocks */

IRIS_SUMMARY("room that files take, in 512 bytes or (-k) KiB: " ARGUMENTS);

static struct {
    bool all, sums_only, readable;
    unsigned unit;
} option = {.unit = BLOCK};

/* "12K", "3.4M" */
static void print_readable(uint64_t bytes)
{
    static const char letters[] = "KMGT";
    unsigned letter = 0;
    uint64_t tenths = bytes * 10 / 1024 + (bytes * 10 % 1024 != 0);
    for (; tenths >= 10240 && letters[letter + 1] != '\0'; letter++)
        tenths = tenths / 1024 + (tenths % 1024 != 0);
    if (tenths >= 100 || tenths % 10 == 0)
        printf("%u%c", (unsigned)((tenths + 9) / 10), letters[letter]);
    else
        printf("%u.%u%c", (unsigned)(tenths / 10), (unsigned)(tenths % 10), letters[letter]);
}

static void print(uint64_t blocks, const char *path)
{
    uint64_t bytes = blocks * BLOCK;
    if (option.readable)
        print_readable(bytes);
    else
        printf("%llu", (unsigned long long)((bytes + option.unit - 1) / option.unit));
    printf("\t%s\n", path);
}

/* Adds to *sum what is at a path; `named`: on the command line. */
static int count(const char *path, bool named, uint64_t *sum)
{
    struct stat status;
    struct files_list list = {0};
    int result = COMMAND_OK;
    if (stat(path, &status) != 0)
        return command_failed("du", path, errno);
    uint64_t own = (uint64_t)status.st_blocks;
    if (S_ISDIR(status.st_mode))
        result = files_list("du", path, &list);
    for (size_t i = 0; i < list.count; i++) {
        char *inner = stream_join(path, list.entries[i].name);
        result |= count(inner, false, &own);
        free(inner);
    }
    files_list_free(&list);
    if (named || (!option.sums_only && (option.all || S_ISDIR(status.st_mode))))
        print(own, path);
    *sum += own;
    return result;
}

int main(int argc, char *argv[])
{
    static const struct options options = {"du", ARGUMENTS, "ahks"};
    static char here[] = ".";
    char *alone[] = {here, NULL}, **paths = alone;
    uint64_t sum = 0;
    int result = COMMAND_OK;
    for (int letter; (letter = options_next(&options, argc, argv)) != 0;) {
        option.all |= letter == 'a';
        option.sums_only |= letter == 's';
        option.readable |= letter == 'h';
        option.unit = letter == 'k' ? 1024 : option.unit;
    }
    if (option.all && option.sums_only)
        options_refuse(&options);
    if (optind < argc)
        paths = argv + optind;
    for (; *paths != NULL; paths++)
        result |= count(*paths, true, &sum);
    return stream_finish("du", result);
}
