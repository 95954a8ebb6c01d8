/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include <iris/summary.h>

#include "command.h"

IRIS_SUMMARY("wait: SECONDS, with a fraction if need be");

int main(int argc, char *argv[])
{
    char *end = NULL;
    double seconds = argc == 2 ? strtod(argv[1], &end) : -1;
    if (argc != 2 || end == argv[1] || *end != '\0' || !(seconds >= 0 && seconds < 1e9))
        return command_usage("sleep", "SECONDS");
    struct timespec time = {.tv_sec = (time_t)seconds};
    time.tv_nsec = (long)((seconds - (double)time.tv_sec) * 1e9);
    return nanosleep(&time, NULL) == 0 ? COMMAND_OK : command_failed("sleep", argv[1], errno);
}
