/* SPDX-License-Identifier: MIT */
#include <iris/names.h>
#include <iris/summary.h>

#include "command.h"
#include "console.h"
#include "log.h"
#include "power.h"

IRIS_SUMMARY("start the machine again");

int main(int argc, char *argv[])
{
    uint32_t power;
    (void)argv;
    if (argc > 1)
        return command_usage("reboot", "");
    if (command_service("reboot", IRIS_NAME_POWER, &power) != 0)
        return COMMAND_FAILED;
    fflush(stdout);
    log_flush(IRIS_SLOT_LOG);
    console_drain(IRIS_SLOT_STDOUT); /* the last lines are still on their way */
    int error = power_reboot(power); /* does not come back */
    return command_failed("reboot", "the machine goes on", error);
}
