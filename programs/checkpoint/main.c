/* SPDX-License-Identifier: MIT */
/*
 * Runs a program, and every so often turns it into bytes, kills it, and makes it anew from those.
 * The bytes can be a file: a program goes on from it as long as the system has the same interfaces.
 */
#include <iris/summary.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <iris/ipc.h>
#include <iris/vdso.h>

#include "checkpoint.h"

IRIS_SUMMARY("run a program, saving, killing and restoring it: [-i] [-e MS] [-n TIMES] [-o FILE] "
             "PROGRAM | -r FILE");

static struct nest nest;

static struct {
    bool impatient;
    unsigned long every, times;
    const char *out, *in; /* files */
} options = {.every = 100, .times = 3};

static int usage(void)
{
    fprintf(stderr, "usage: checkpoint [-i] [-e MILLISECONDS] [-n TIMES] [-o FILE] PROGRAM "
                    "[ARGUMENT...]\n"
                    "       checkpoint [-i] [-e MILLISECONDS] [-n TIMES] [-o FILE] -r FILE\n"
                    "  -i  impatient: cuts calls that are being served\n"
                    "  -o  saves it into a file, and that is its end\n"
                    "  -r  goes on from such a file\n");
    return 2;
}

static int fail(const char *what, const char *problem)
{
    fprintf(stderr, "checkpoint: %s: %s\n", what, problem);
    nest_destroy(&nest);
    return 1;
}

static void tell(unsigned number, const struct tally *tally, uint32_t size)
{
    printf("checkpoint %u: %u threads, %u ports, %u handles, %u pages, %u calls cut, %u bytes\n",
           number, (unsigned)tally->threads, (unsigned)tally->ports, (unsigned)tally->handles,
           (unsigned)tally->pages, (unsigned)tally->cancelled, (unsigned)size);
}

/* Saved, killed, and restored unless it goes into a file. NULL, or what went wrong. */
static const char *cycle(unsigned number)
{
    struct image image = {0};
    struct tally tally;
    const char *problem = nest_save(&nest, !options.impatient, &image, &tally);

    if (problem == NULL && !nest.ended) {
        nest_destroy(&nest); /* nothing is left of it but the image */
        problem = options.out ? image_write(&image, options.out) : nest_restore(&nest, &image);
        if (problem == NULL)
            tell(number, &tally, image.size);
    }
    image_free(&image);
    return problem;
}

static const char *begin(int argc, char *argv[])
{
    char path[128];

    snprintf(path, sizeof path, "%s%s", strchr(argv[0], '/') ? "" : "/bin/", argv[0]);
    if (nest_create(&nest) < 0)
        return "no space for it";
    return nest_load(&nest, path, argc, argv);
}

static const char *go_on(void)
{
    struct image image = {0};
    const char *problem = image_read(&image, options.in);

    if (problem == NULL)
        problem = nest_restore(&nest, &image);
    image_free(&image);
    return problem;
}

static bool take_options(int argc, char *argv[])
{
    for (int option; (option = getopt(argc, argv, "+ie:n:o:r:")) != -1;)
        switch (option) {
        case 'i':
            options.impatient = true;
            break;
        case 'e':
            options.every = strtoul(optarg, NULL, 10);
            break;
        case 'n':
            options.times = strtoul(optarg, NULL, 10);
            break;
        case 'o':
            options.out = optarg;
            break;
        case 'r':
            options.in = optarg;
            break;
        default:
            return false;
        }
    return options.every != 0 && (optind < argc) == (options.in == NULL);
}

int main(int argc, char *argv[])
{
    if (!take_options(argc, argv))
        return usage();
    const char *name = options.in ? options.in : argv[optind];
    const char *problem = options.in ? go_on() : begin(argc - optind, argv + optind);
    if (problem != NULL)
        return fail(name, problem);
    for (unsigned number = 1; number <= options.times && !nest.ended; number++) {
        nest_serve(&nest, iris_clock_monotonic() + options.every * 1000000ull);
        problem = nest.ended ? NULL : cycle(number);
        if (problem != NULL)
            return fail(name, problem);
        if (options.out && !nest.ended)
            return 0;
    }
    nest_serve(&nest, IRIS_DEADLINE_NONE);
    nest_destroy(&nest);
    return (int)nest.status;
}
