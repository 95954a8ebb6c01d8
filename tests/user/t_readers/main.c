/* SPDX-License-Identifier: MIT */
/* Two threads read the terminal at the same time: eight lines in all, each told by who got it. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <iris/summary.h>

#include "thread.h"

IRIS_SUMMARY("test: two threads read lines from the terminal");

#define LINES 4

static int number[2] = {0, 1};
static int lines[2];

/* One write per line: the console does not mix two writes. */
static int read_lines(void *argument)
{
    int reader = *(int *)argument;

    for (int i = 0; i < LINES; i++) {
        char line[100], text[128];
        ssize_t count = read(STDIN_FILENO, line, sizeof line - 1);
        if (count <= 0)
            return 1;
        line[count] = '\0';
        int length = snprintf(text, sizeof text, "reader %d: %s", reader, line);
        write(STDOUT_FILENO, text, (size_t)length);
        lines[reader]++;
    }
    return 0;
}

int main(void)
{
    struct iris_thread other;
    int result = 1;

    printf("ready\n");
    fflush(stdout);
    if (iris_thread_launch(&other, read_lines, &number[1], NULL) != 0)
        return 2;
    int own = read_lines(&number[0]);
    iris_thread_join(&other, &result);
    printf("%d lines\n", lines[0] + lines[1]);
    return own | result;
}
