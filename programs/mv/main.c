/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <iris/summary.h>

#include "command.h"
#include "files.h"
#include "options.h"

IRIS_SUMMARY("move or rename files: [-f] SOURCE... TARGET");

/* Between two file systems it is a copy, and the source is removed once that is complete. */
static int move(const char *from, const char *to)
{
    if (rename(from, to) == 0)
        return COMMAND_OK;
    if (errno != EXDEV)
        return command_failed("mv", from, errno);
    if (files_copy("mv", from, to, true) != COMMAND_OK)
        return COMMAND_FAILED;
    return files_remove("mv", from, true, false);
}

int main(int argc, char *argv[])
{
    static const struct options options = {"mv", "[-f] SOURCE... TARGET", "f"};
    while (options_next(&options, argc, argv) != 0)
        continue;
    if (argc - optind < 2)
        options_refuse(&options);
    return files_each("mv", argv + optind, argc - optind - 1, argv[argc - 1], move);
}
