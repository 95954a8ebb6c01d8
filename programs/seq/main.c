/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include <iris/summary.h>

#include "command.h"
#include "options.h"
#include "stream.h"

IRIS_SUMMARY("print numbers: [FIRST [STEP]] LAST");

int main(int argc, char *argv[])
{
    static const struct options options = {"seq", "[FIRST [STEP]] LAST", ""};
    long first = 1, step = 1;
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        options_next(&options, argc, argv);
    if (argc < 2 || argc > 4)
        options_refuse(&options);
    if (argc > 2)
        first = options_number(&options, argv[1], -LONG_MAX, LONG_MAX);
    if (argc > 3)
        step = options_number(&options, argv[2], -LONG_MAX, LONG_MAX);
    long last = options_number(&options, argv[argc - 1], -LONG_MAX, LONG_MAX);
    if (step == 0)
        options_refuse(&options);
    for (long long number = first; step > 0 ? number <= last : number >= last; number += step)
        if (printf("%lld\n", number) < 0)
            break;
    return stream_finish("seq", COMMAND_OK);
}
