/* SPDX-License-Identifier: MIT */
/* The shell's command `log`: what the log server keeps. */
#include <iris/summary.h>

#include "command.h"
#include "log.h"

IRIS_SUMMARY("show the system log (the command log)");

int main(int argc, char *argv[])
{
    char text[1024];
    uint32_t cursor = 0, next = 0, count = 0;
    (void)argv;
    if (argc > 1)
        return command_usage("log", "");
    for (;;) {
        int error = log_read(IRIS_SLOT_LOG, cursor, text, sizeof text, &count, &next);
        if (error != 0)
            return command_failed("log", "log server", error);
        if (count == 0)
            return COMMAND_OK;
        fwrite(text, 1, count, stdout);
        cursor = next;
    }
}
