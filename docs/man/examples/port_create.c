/* SPDX-License-Identifier: MIT */
#include <iris/calls.h>

#include "slots.h"

int main(void)
{
    int port =
        iris_slot_alloc(); /* a free number in this program's table */

    if (port < 0 || iris_port_create(port) < 0)
        return 1;
    /* iris_portal_create gives others a way to call it, iris_port_bind
       lets this thread receive there. */
    iris_handle_discard(port);
    return 0;
}
