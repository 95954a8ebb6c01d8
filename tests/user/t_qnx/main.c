/* SPDX-License-Identifier: MIT */
/* QNX's calls within one process: channels, messages, pulses, and what must not work. */
#include <iris/summary.h>

#include "t_qnx.h"

IRIS_SUMMARY("test: QNX's messages and pulses within one process");

int main(void)
{
    test_begin("qnx");
    check_messages();
    check_pulses();
    check_attacks();
    check_priority();
    return test_end();
}
