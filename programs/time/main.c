/* SPDX-License-Identifier: MIT */
#include <time.h>
#include <unistd.h>

#include <iris/summary.h>

#include "command.h"
#include "options.h"
#include "run.h"

IRIS_SUMMARY("run a command and tell how long it took: [-p] COMMAND...");

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char *argv[])
{
    static const struct options options = {"time", "[-p] COMMAND...", "+p"};
    while (options_next(&options, argc, argv) != 0)
        continue;
    if (optind == argc)
        options_refuse(&options);
    double start = now();
    int status = run_command("time", argv + optind);
    fprintf(stderr, "real %.3f\n", now() - start);
    return status;
}
