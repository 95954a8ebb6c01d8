/* SPDX-License-Identifier: MIT */
/*
 * QNX's calls within one process, in groups: t_qnx GROUP, or all of them.
 */
#include <iris/summary.h>

#include "t_qnx.h"

IRIS_SUMMARY("test: QNX's messages, pulses, time and threads within one process");

static const struct {
    const char *name;
    void (*check)(void);
} groups[] = {
    {"channels", check_numbers_of_channels},
    {"messages", check_messages},
    {"pulses", check_pulses},
    {"attacks", check_attacks},
    {"priority", check_priority},
    {"time", check_time},
    {"threads", check_threads},
    {"sync", check_sync},
};

int main(int argc, char *argv[])
{
    test_begin("qnx");
    for (unsigned i = 0; i < sizeof groups / sizeof *groups; i++)
        if (argc < 2 || strcmp(argv[1], groups[i].name) == 0)
            groups[i].check();
    return test_end();
}
