/* SPDX-License-Identifier: MIT */
#include <iris/calls.h>
#include <iris/layout.h>
#include <iris/object.h>

enum { PRIORITY = 15, QUANTUM = 2000, PERIOD = 10000 }; /* microseconds */

/* This thread gets 2 ms of each 10 ms, at its priority; then it has
   to wait for the next period. */
int main(void)
{
    return iris_thread_schedule(IRIS_SLOT_THREAD, PRIORITY, QUANTUM,
                                PERIOD, IRIS_PRIORITY_NONE, 0) == 0
               ? 0
               : 1;
}
