/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <iris/summary.h>

#include "command.h"

IRIS_SUMMARY("print files, or what is typed: [FILE]...");

static int complain(const char *path) { return command_failed("cat", path, errno); }

static int write_all(const char *bytes, ssize_t count)
{
    while (count > 0) {
        ssize_t done = write(STDOUT_FILENO, bytes, (size_t)count);
        if (done <= 0)
            return complain("output");
        bytes += done;
        count -= done;
    }
    return COMMAND_OK;
}

static int copy(int fd, const char *path)
{
    static char bytes[4096];
    ssize_t count;
    int status = COMMAND_OK;
    while (status == COMMAND_OK && (count = read(fd, bytes, sizeof bytes)) != 0)
        status = count < 0 ? complain(path) : write_all(bytes, count);
    return status;
}

static int copy_file(const char *path)
{
    if (strcmp(path, "-") == 0)
        return copy(STDIN_FILENO, "input");
    int fd = open(path, O_RDONLY);
    if (fd < 0)
        return complain(path);
    int status = copy(fd, path);
    close(fd);
    return status;
}

int main(int argc, char *argv[])
{
    int status = COMMAND_OK;
    if (argc > 1 && argv[1][0] == '-' && argv[1][1] != '\0')
        return command_usage("cat", "[FILE]...");
    if (argc == 1)
        return copy(STDIN_FILENO, "input");
    for (int i = 1; i < argc; i++)
        if (copy_file(argv[i]) != COMMAND_OK)
            status = COMMAND_FAILED;
    return status;
}
