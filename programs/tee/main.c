/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include <iris/summary.h>

#include "command.h"
#include "options.h"

IRIS_SUMMARY("copy the input to the output and to files: [-a] [FILE]...");

/* False: that file is given up. */
static bool write_all(int fd, const char *bytes, ssize_t count)
{
    for (ssize_t done = 0, written; done < count; done += written)
        if ((written = write(fd, bytes + done, (size_t)(count - done))) <= 0)
            return false;
    return true;
}

static int copy(int *files, int count, char *names[])
{
    char bytes[4096];
    int status = COMMAND_OK;
    ssize_t size;
    while ((size = read(STDIN_FILENO, bytes, sizeof bytes)) > 0)
        for (int i = 0; i < count; i++)
            if (files[i] >= 0 && !write_all(files[i], bytes, size)) {
                status = command_failed("tee", names[i], errno);
                files[i] = -1;
            }
    return size == 0 ? status : command_failed("tee", "input", errno);
}

int main(int argc, char *argv[])
{
    static const struct options options = {"tee", "[-a] [FILE]...", "a"};
    int flags = O_TRUNC, status = COMMAND_OK;
    while (options_next(&options, argc, argv) != 0)
        flags = O_APPEND;
    int count = argc - optind + 1, *files = calloc((size_t)count, sizeof *files);
    char **names = argv + optind - 1;
    if (files == NULL)
        return command_failed("tee", "files", errno);
    names[0] = "output";
    files[0] = STDOUT_FILENO;
    for (int i = 1; i < count; i++)
        if ((files[i] = open(names[i], O_WRONLY | O_CREAT | flags, 0666)) < 0)
            status = command_failed("tee", names[i], errno);
    return copy(files, count, names) | status;
}
