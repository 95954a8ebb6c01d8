/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include <iris/summary.h>

#include "command.h"

IRIS_SUMMARY("print a word again and again: [WORD]");

/* Until nobody reads any more. */
int main(int argc, char *argv[])
{
    if (argc > 2)
        return command_usage("yes", "[WORD]");
    while (puts(argc > 1 ? argv[1] : "y") >= 0)
        continue;
    return COMMAND_FAILED;
}
