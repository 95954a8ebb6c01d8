/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include <iris/calls.h>
#include <iris/summary.h>
#include <iris/vdso.h>

#include "command.h"

IRIS_SUMMARY("use the processor without end, or for so many seconds: [SECONDS]");

int main(int argc, char *argv[])
{
    char *end = NULL;
    unsigned long seconds = argc > 1 ? strtoul(argv[1], &end, 10) : 0;
    if (argc > 2 || (argc == 2 && (end == argv[1] || *end != '\0')))
        return command_usage("spin", "[SECONDS]");
    uint64_t stop = iris_clock_monotonic() + seconds * 1000000000ull;
    while (seconds == 0 || iris_clock_monotonic() < stop)
        ; /* no PAUSE: it is work that is wanted, and emulators make much of PAUSE */
    return COMMAND_OK;
}
