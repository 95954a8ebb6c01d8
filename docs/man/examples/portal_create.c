/* SPDX-License-Identifier: MIT */
#include <iris/calls.h>
#include <iris/ipc.h>
#include <iris/object.h>

#include "slots.h"

enum { BADGE_TIMER = 7, BIT_TICK = 1, BIT_STOP = 2 };

/* Whoever has the portal can set two bits at the port, and do nothing
   else. */
int main(void)
{
    struct iris_message m;
    int port = iris_slot_alloc(), portal = iris_slot_alloc();

    if (iris_port_create(port) < 0 || iris_port_bind(port) < 0 ||
        iris_portal_create(port, portal, BADGE_TIMER, IRIS_RIGHT_NOTIFY,
                           BIT_TICK | BIT_STOP) < 0)
        return 1;
    iris_notify(portal, BIT_STOP | 0x80); /* 0x80 is not in the mask */
    return iris_ipc_wait(&m) == 0 && m.word[0] == BIT_STOP ? 0 : 1;
}
