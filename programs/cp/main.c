/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <unistd.h>

#include <iris/summary.h>

#include "command.h"
#include "files.h"
#include "options.h"

IRIS_SUMMARY("copy files: [-r] SOURCE... TARGET");

static bool deep;

static int copy(const char *from, const char *to) { return files_copy("cp", from, to, deep); }

int main(int argc, char *argv[])
{
    static const struct options options = {"cp", "[-r] SOURCE... TARGET", "rR"};
    while (options_next(&options, argc, argv) != 0)
        deep = true;
    if (argc - optind < 2)
        options_refuse(&options);
    return files_each("cp", argv + optind, argc - optind - 1, argv[argc - 1], copy);
}
