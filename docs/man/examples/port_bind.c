/* SPDX-License-Identifier: MIT */
#include <iris/calls.h>
#include <iris/error.h>
#include <iris/ipc.h>

#include "slots.h"

int main(void)
{
    struct iris_message m;
    int port = iris_slot_alloc();

    if (port < 0 || iris_port_create(port) < 0 ||
        iris_port_bind(port) < 0)
        return 1;
    int nobody = iris_ipc_wait_until(&m, IRIS_DEADLINE_POLL);
    iris_port_bind(0);
    iris_handle_discard(port);
    return nobody == -ETIMEDOUT ? 0 : 1;
}
