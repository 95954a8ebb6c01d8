/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <unistd.h>

#include <iris/summary.h>

#include "command.h"
#include "files.h"
#include "options.h"

IRIS_SUMMARY("print the last part of a path: PATH [SUFFIX]");

int main(int argc, char *argv[])
{
    static const struct options options = {"basename", "PATH [SUFFIX]", ""};
    options_next(&options, argc, argv);
    if (argc - optind < 1 || argc - optind > 2)
        options_refuse(&options);
    char *name = files_name(argv[optind]);
    const char *suffix = argc - optind == 2 ? argv[optind + 1] : "";
    size_t length = strlen(name), end = strlen(suffix);
    if (length > end && strcmp(name + length - end, suffix) == 0)
        name[length - end] = '\0';
    printf("%s\n", name);
    return COMMAND_OK;
}
