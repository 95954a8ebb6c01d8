/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include <iris/summary.h>

#include "command.h"
#include "options.h"

IRIS_SUMMARY("set files' times to now, make those that are not there: [-c] PATH...");

static int touch(const char *path, bool only_existing)
{
    if (utimensat(AT_FDCWD, path, NULL, 0) == 0)
        return COMMAND_OK;
    if (errno != ENOENT)
        return command_failed("touch", path, errno);
    if (only_existing)
        return COMMAND_OK;
    int fd = open(path, O_WRONLY | O_CREAT, 0666);
    if (fd < 0)
        return command_failed("touch", path, errno);
    close(fd);
    return COMMAND_OK;
}

int main(int argc, char *argv[])
{
    static const struct options options = {"touch", "[-c] PATH...", "c"};
    bool only_existing = false;
    int result = COMMAND_OK;
    while (options_next(&options, argc, argv) != 0)
        only_existing = true;
    if (optind == argc)
        options_refuse(&options);
    for (int i = optind; i < argc; i++)
        result |= touch(argv[i], only_existing);
    return result;
}
