/* SPDX-License-Identifier: MIT */
#include <iris/calls.h>
#include <iris/summary.h>
#include <iris/vdso.h>

#include "command.h"

IRIS_SUMMARY("tell how long the system has been up");

int main(int argc, char *argv[])
{
    (void)argv;
    if (argc > 1)
        return command_usage("uptime", "");
    uint64_t ms = iris_clock_monotonic() / 1000000;
    unsigned seconds = (unsigned)(ms / 1000), minutes = seconds / 60, hours = minutes / 60;
    printf("up %u days, %02u:%02u:%02u.%03u\n", hours / 24, hours % 24, minutes % 60, seconds % 60,
           (unsigned)(ms % 1000));
    return COMMAND_OK;
}
