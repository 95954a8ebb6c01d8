/* SPDX-License-Identifier: MIT */
#include "stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "command.h"

FILE *stream_open(const char *command, const char *path)
{
    struct stat status;
    if (strcmp(path, "-") == 0)
        return stdin;
    FILE *file = fopen(path, "r");
    if (file != NULL && fstat(fileno(file), &status) == 0 && S_ISDIR(status.st_mode)) {
        fclose(file);
        errno = EISDIR;
        file = NULL;
    }
    if (file == NULL)
        command_failed(command, path, errno);
    return file;
}

void stream_close(FILE *file)
{
    if (file != stdin)
        fclose(file);
}

static int one(const char *command, const char *path, int (*work)(FILE *file, const char *name))
{
    FILE *file = stream_open(command, path);
    if (file == NULL)
        return COMMAND_FAILED;
    int status = work(file, file == stdin ? NULL : path);
    if (ferror(file))
        status = command_failed(command, path, errno);
    stream_close(file);
    return status;
}

int stream_each(const char *command, char *paths[], int (*work)(FILE *file, const char *name))
{
    int status = COMMAND_OK;
    if (*paths == NULL)
        return one(command, "-", work);
    for (; *paths != NULL; paths++) {
        int result = one(command, *paths, work);
        status = result > status ? result : status;
    }
    return status;
}

int stream_finish(const char *command, int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    return command_failed(command, "output", errno);
}

char *stream_join(const char *path, const char *name)
{
    size_t length = strlen(path);
    char *joined = malloc(length + strlen(name) + 2);
    if (joined == NULL)
        exit(command_failed("path", name, ENOMEM));
    strcpy(joined, path);
    if (length > 0 && path[length - 1] != '/')
        strcat(joined, "/");
    return strcat(joined, name);
}
