/* SPDX-License-Identifier: MIT */
/* A program's whole life, as its parent sees it. */
#include <spawn.h>
#include <sys/wait.h>

#include "bench.h"

extern char **environ;

static unsigned wrong;

static void run(const char *path)
{
    char *arguments[] = {(char *)path, NULL};
    pid_t child = 0;
    int status = -1;

    wrong += posix_spawn(&child, path, NULL, NULL, arguments, environ) != 0 ||
             waitpid(child, &status, 0) != child || status != 0;
}

void bench_processes(void)
{
    uint32_t least = BENCH_LEAST(, run("/bin/true"), );

    TEST_EQUAL(wrong, 0, "every child ran and ended well");
    test_metric("spawn_to_exit", least, "instructions", "program=true");
}
