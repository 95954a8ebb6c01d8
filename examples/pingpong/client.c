/* SPDX-License-Identifier: MIT */
#include <iris/calls.h>
#include <iris/object.h>
#include <iris/vdso.h>

#include "pingpong.h"

static int ping(uint32_t portal, unsigned words, uint32_t seed, struct tally *tally)
{
    struct iris_message m;
    message_fill(&m, LABEL_PING, words, seed);
    int error = iris_ipc_call(portal, &m);
    if (error != 0)
        return error;
    tally->round_trips++;
    if (iris_tag_label(m.tag) != 0 || !message_matches(&m, words, seed, true))
        tally->bad++;
    return 0;
}

static int tell(uint32_t portal, const struct tally *tally)
{
    struct iris_message m = {.tag = IRIS_TAG(LABEL_DONE, 4)};
    message_set_word(&m, 0, tally->round_trips);
    message_set_word(&m, 1, tally->bad);
    message_set_word(&m, 2, (uint32_t)tally->nanoseconds);
    message_set_word(&m, 3, (uint32_t)(tally->nanoseconds >> 32));
    return iris_ipc_call(portal, &m);
}

int client_run(uint32_t portal, uint32_t rounds)
{
    struct tally tally = {0};
    uint64_t start = iris_clock_monotonic();
    for (uint32_t round = 0; round < rounds; round++)
        for (unsigned words = 0; words <= IRIS_WORDS_MAX; words++) {
            int error = ping(portal, words, round * (IRIS_WORDS_MAX + 1) + words, &tally);
            if (error != 0)
                return error;
        }
    tally.nanoseconds = iris_clock_monotonic() - start;
    return tell(portal, &tally);
}

int client_process(uint32_t rounds) { return client_run(IRIS_SLOT_STDIN, rounds) == 0 ? 0 : 1; }
