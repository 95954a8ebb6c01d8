/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include <iris/names.h>
#include <iris/summary.h>

#include "command.h"
#include "console.h"
#include "log.h"
#include "power.h"

IRIS_SUMMARY("switch the machine off: [STATUS] is the emulator's exit status");

int main(int argc, char *argv[])
{
    uint32_t power;
    char *end = NULL;
    unsigned long status = argc > 1 ? strtoul(argv[1], &end, 10) : 0;
    if (argc > 2 || (argc == 2 && (end == argv[1] || *end != '\0' || status > 127)))
        return command_usage("shutdown", "[STATUS]");
    if (command_service("shutdown", IRIS_NAME_POWER, &power) != 0)
        return COMMAND_FAILED;
    fflush(stdout);
    log_flush(IRIS_SLOT_LOG);
    console_drain(IRIS_SLOT_STDOUT);                     /* the last lines are still on their way */
    int error = power_shutdown(power, (uint32_t)status); /* does not come back */
    return command_failed("shutdown", "the machine goes on", error);
}
