/* SPDX-License-Identifier: MIT */
#include "echo.h"

#include <stdio.h>
#include <string.h>

int command_echo(int argc, char *argv[])
{
    int first = argc > 1 && strcmp(argv[1], "-n") == 0 ? 2 : 1;
    for (int i = first; i < argc; i++)
        printf("%s%s", i > first ? " " : "", argv[i]);
    if (first == 1)
        putchar('\n');
    return fflush(stdout) == 0 ? 0 : 1;
}
