/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <iris/summary.h>

#include "command.h"
#include "files.h"
#include "options.h"

IRIS_SUMMARY("make directories: [-p] [-m MODE] PATH...");

static mode_t mode = 0777;

static int make(const char *path, bool may_exist)
{
    if (mkdir(path, mode) == 0 || (may_exist && files_is_directory(path)))
        return COMMAND_OK;
    return command_failed("mkdir", path, errno);
}

/* The directories above it, too. */
static int make_all(char *path)
{
    for (char *slash = path; (slash = strchr(slash + 1, '/')) != NULL;) {
        *slash = '\0';
        int result = make(path, true);
        *slash = '/';
        if (result != COMMAND_OK)
            return result;
    }
    return make(path, true);
}

int main(int argc, char *argv[])
{
    static const struct options options = {"mkdir", "[-p] [-m MODE] PATH...", "pm:"};
    bool parents = false;
    int result = COMMAND_OK;
    for (int letter; (letter = options_next(&options, argc, argv)) != 0;) {
        char *end = "";
        if (letter == 'm')
            mode = (mode_t)strtoul(optarg, &end, 8) & 0777;
        if (*end != '\0')
            options_refuse(&options);
        parents = parents || letter == 'p';
    }
    if (optind == argc)
        options_refuse(&options);
    for (int i = optind; i < argc; i++)
        result |= parents ? make_all(argv[i]) : make(argv[i], false);
    return result;
}
