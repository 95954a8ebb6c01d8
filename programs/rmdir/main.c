/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <unistd.h>

#include <iris/summary.h>

#include "command.h"
#include "options.h"

IRIS_SUMMARY("remove empty directories: PATH...");

int main(int argc, char *argv[])
{
    static const struct options options = {"rmdir", "PATH...", ""};
    int result = COMMAND_OK;
    options_next(&options, argc, argv);
    if (optind == argc)
        options_refuse(&options);
    for (int i = optind; i < argc; i++)
        if (rmdir(argv[i]) != 0)
            result = command_failed("rmdir", argv[i], errno);
    return result;
}
