/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <iris/summary.h>

#include "command.h"
#include "files.h"
#include "options.h"

IRIS_SUMMARY("remove files: [-rf] PATH...");

/* POSIX rm: neither . nor .. nor the root. */
static bool is_protected(const char *path)
{
    char *name = files_name(path);
    bool result = strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, "/") == 0;
    free(name);
    return result;
}

int main(int argc, char *argv[])
{
    static const struct options options = {"rm", "[-rf] PATH...", "rRf"};
    bool deep = false, force = false;
    int result = COMMAND_OK;
    for (int letter; (letter = options_next(&options, argc, argv)) != 0;)
        *(letter == 'f' ? &force : &deep) = true;
    if (optind == argc && !force)
        options_refuse(&options);
    for (int i = optind; i < argc; i++) {
        if (is_protected(argv[i])) {
            fprintf(stderr, "rm: %s: is not removed\n", argv[i]);
            result = COMMAND_FAILED;
        } else {
            result |= files_remove("rm", argv[i], deep, force);
        }
    }
    return result;
}
