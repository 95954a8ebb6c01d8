/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <unistd.h>

#include <iris/summary.h>

#include "command.h"
#include "options.h"

IRIS_SUMMARY("print a path without its last part: PATH");

/* How much of the path is left (POSIX XCU dirname). */
static size_t directory_length(const char *path)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    while (length > 0 && path[length - 1] != '/')
        length--;
    while (length > 1 && path[length - 1] == '/')
        length--;
    return length;
}

int main(int argc, char *argv[])
{
    static const struct options options = {"dirname", "PATH", ""};
    options_next(&options, argc, argv);
    if (argc - optind != 1)
        options_refuse(&options);
    size_t length = directory_length(argv[optind]);
    printf("%.*s\n", length > 0 ? (int)length : 1, length > 0 ? argv[optind] : ".");
    return COMMAND_OK;
}
