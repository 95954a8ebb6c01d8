/* SPDX-License-Identifier: MIT */
/*
 * Messages back and forth, of every length, each checked on both sides; once between two threads
 * of this program and once between two processes.
 *
 * The server side is the main thread, at a port of its own. The client is a thread started here,
 * or this very program started again with the portal in the place of its standard input.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <iris/summary.h>

#include "pingpong.h"

IRIS_SUMMARY("exchange messages of all lengths between threads and processes: [ROUNDS]");

#define DEFAULT_ROUNDS 20
#define ROUNDS_MAX 1000000

static int usage(void)
{
    fprintf(stderr, "usage: pingpong [ROUNDS]\n");
    return 2;
}

static int report(const char *between, const struct tally *tally, int error)
{
    if (error != 0) {
        printf("pingpong between %s FAILED: %s\n", between, strerror(-error));
        return 1;
    }
    printf("pingpong between %s: %u round trips of 0 to %d words, checksums %s, %u ns each\n",
           between, (unsigned)tally->round_trips, IRIS_WORDS_MAX, tally->bad == 0 ? "ok" : "WRONG",
           (unsigned)(tally->round_trips ? tally->nanoseconds / tally->round_trips : 0));
    return tally->bad == 0 && tally->round_trips > 0 ? 0 : 1;
}

static int run(uint32_t rounds)
{
    struct tally tally;
    int error = server_with_thread(rounds, &tally);
    int status = report("two threads", &tally, error);
    error = server_with_process(rounds, &tally);
    return report("two processes", &tally, error) | status;
}

int main(int argc, char *argv[])
{
    char *end = NULL;
    bool is_client = argc == 3 && strcmp(argv[1], CLIENT_OPTION) == 0;
    const char *number = is_client ? argv[2] : argc == 2 ? argv[1] : NULL;
    unsigned long rounds = number != NULL ? strtoul(number, &end, 10) : DEFAULT_ROUNDS;
    if (argc > 3 || (argc == 3 && !is_client))
        return usage();
    if (number != NULL && (end == number || *end != '\0' || rounds == 0 || rounds > ROUNDS_MAX))
        return usage();
    return is_client ? client_process((uint32_t)rounds) : run((uint32_t)rounds);
}
