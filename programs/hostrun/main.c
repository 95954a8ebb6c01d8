/* SPDX-License-Identifier: MIT */
/*
 * For `iris-run --exec`: the first process of an image made for one program. The file /hostrun
 * holds, each with its zero byte, a token that nobody else can know, and the program's path and
 * arguments; /hostrun.input is what it reads. What it prints stands on the terminal between two
 * lines with the token; the second one also tells its status.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iris/object.h>
#include <iris/spawn.h>
#include <iris/summary.h>

#include "command.h"
#include "console.h"
#include "log.h"

IRIS_SUMMARY("run one program for iris-run --exec, which starts this instead of the shell");

#define ORDER "/hostrun"
#define INPUT "/hostrun.input"
#define ORDER_SIZE 8192
#define ORDER_WORDS 256

enum { STATUS_CANNOT_RUN = 126, STATUS_NOT_FOUND = 127, STATUS_SIGNAL = 128 };

/* The words of the order, and a null pointer; how many, or -1. */
static int read_order(char *text, uint32_t size, char *words[])
{
    int fd = open(ORDER, O_RDONLY), count = 0;
    ssize_t length = fd < 0 ? -1 : read(fd, text, size);
    if (length <= 0 || (uint32_t)length == size || text[length - 1] != '\0')
        return -1;
    close(fd);
    for (char *word = text; word < text + length; word += strlen(word) + 1) {
        if (count == ORDER_WORDS)
            return -1;
        words[count++] = word;
    }
    words[count] = NULL;
    return count;
}

static int run(char *argv[])
{
    int status;
    struct iris_spawn files = IRIS_SPAWN_DEFAULT;
    files.input = open(INPUT, O_RDONLY);
    if (files.input < 0) {
        command_failed("hostrun", INPUT, errno);
        return STATUS_CANNOT_RUN;
    }
    pid_t pid = iris_spawn(argv[0], argv, &files, NULL);
    close(files.input);
    if (pid < 0) {
        int error = errno;
        command_failed("hostrun", argv[0], error);
        return error == ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT_RUN;
    }
    if (waitpid(pid, &status, 0) != pid)
        return STATUS_CANNOT_RUN;
    return WIFSIGNALED(status) ? STATUS_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(void)
{
    static char text[ORDER_SIZE], *words[ORDER_WORDS + 1];
    int count = read_order(text, sizeof text, words);
    if (count < 2) {
        fprintf(stderr, "hostrun: %s holds no order: this is for iris-run --exec\n", ORDER);
        return COMMAND_FAILED;
    }
    printf("%s\n", words[0]);
    fflush(stdout);
    int status = run(words + 1);
    log_flush(IRIS_SLOT_LOG); /* a fault report comes before the end */
    printf("%s %d\n", words[0], status);
    fflush(stdout);
    console_drain(IRIS_SLOT_STDOUT);
    return status;
}
