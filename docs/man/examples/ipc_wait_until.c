/* SPDX-License-Identifier: MIT */
#include <iris/calls.h>
#include <iris/error.h>
#include <iris/ipc.h>
#include <iris/vdso.h>

#include "slots.h"

enum { PERIOD = 10000000 }; /* ns */

/* Three ticks. A late one does not make the next one later. */
int main(void)
{
    struct iris_message m;
    uint64_t next = iris_clock_monotonic();
    int port = iris_slot_alloc(), error = 0;

    if (iris_port_create(port) < 0 || iris_port_bind(port) < 0)
        return 1;
    for (int tick = 0; tick < 3; tick++)
        error = iris_ipc_wait_until(&m, next += PERIOD);
    iris_port_bind(0);
    iris_handle_discard(port);
    return error == -ETIMEDOUT ? 0 : 1;
}
