/* SPDX-License-Identifier: MIT */
#include <iris/calls.h>

#include "slots.h"

int main(void)
{
    int port = iris_slot_alloc();

    if (port < 0 || iris_port_create(port) < 0)
        return 1;
    int error =
        iris_handle_close(port); /* its last handle: the port is dead */
    iris_slot_free(port);        /* another handle may come there */
    return error == 0 ? 0 : 1;
}
