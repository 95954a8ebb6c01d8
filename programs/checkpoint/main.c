/* SPDX-License-Identifier: MIT */
/*
 * Runs a program, and every so often turns it into bytes, kills it, and makes it anew from those.
 * The bytes are kept in memory: there is no file system yet that could be written to.
 */
#include <iris/summary.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <iris/ipc.h>
#include <iris/vdso.h>

#include "checkpoint.h"

IRIS_SUMMARY("run a program, saving, killing and restoring it: [-i] [-e MS] [-n TIMES] PROGRAM");

static struct nest nest;

static int usage(void)
{
    fprintf(stderr, "usage: checkpoint [-i] [-e MILLISECONDS] [-n TIMES] PROGRAM [ARGUMENT...]\n"
                    "  -i  impatient: cuts calls that are being served\n");
    return 2;
}

static int fail(const char *what, const char *problem)
{
    fprintf(stderr, "checkpoint: %s: %s\n", what, problem);
    nest_destroy(&nest);
    return 1;
}

/* Saved, killed, restored. NULL, or what went wrong. */
static const char *cycle(unsigned number, bool patient)
{
    struct image image = {0};
    struct tally tally;
    const char *problem = nest_save(&nest, patient, &image, &tally);

    if (problem == NULL && !nest.ended) {
        nest_destroy(&nest); /* nothing is left of it but the image */
        problem = nest_restore(&nest, &image);
        if (problem == NULL)
            printf("checkpoint %u: %u threads, %u ports, %u handles, %u pages, %u calls cut, "
                   "%u bytes\n",
                   number, (unsigned)tally.threads, (unsigned)tally.ports, (unsigned)tally.handles,
                   (unsigned)tally.pages, (unsigned)tally.cancelled, (unsigned)image.size);
    }
    image_free(&image);
    return problem;
}

int main(int argc, char *argv[])
{
    unsigned long every = 100, times = 3;
    bool patient = true;
    char path[128];
    int at = 1;

    if (at < argc && strcmp(argv[at], "-i") == 0) {
        patient = false;
        at++;
    }
    for (; at + 1 < argc && argv[at][0] == '-'; at += 2) {
        unsigned long *number = strcmp(argv[at], "-e") == 0   ? &every
                                : strcmp(argv[at], "-n") == 0 ? &times
                                                              : NULL;
        if (number == NULL)
            return usage();
        *number = strtoul(argv[at + 1], NULL, 10);
    }
    if (at >= argc || every == 0)
        return usage();
    snprintf(path, sizeof path, "%s%s", strchr(argv[at], '/') ? "" : "/bin/", argv[at]);
    if (nest_create(&nest) < 0)
        return fail(path, "no space for it");
    const char *problem = nest_load(&nest, path, argc - at, argv + at);
    if (problem != NULL)
        return fail(path, problem);
    for (unsigned number = 1; number <= times && !nest.ended; number++) {
        nest_serve(&nest, iris_clock_monotonic() + every * 1000000ull);
        problem = nest.ended ? NULL : cycle(number, patient);
        if (problem != NULL)
            return fail(argv[at], problem);
    }
    nest_serve(&nest, IRIS_DEADLINE_NONE);
    nest_destroy(&nest);
    return (int)nest.status;
}
