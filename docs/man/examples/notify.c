/* SPDX-License-Identifier: MIT */
#include <iris/calls.h>
#include <iris/ipc.h>
#include <iris/object.h>

#include "slots.h"

int main(void)
{
    struct iris_message m;
    int port = iris_slot_alloc(), portal = iris_slot_alloc();

    if (iris_port_create(port) < 0 || iris_port_bind(port) < 0 ||
        iris_portal_create(port, portal, 0, IRIS_RIGHT_NOTIFY, 0xf) < 0)
        return 1;
    iris_notify(portal, 1);
    iris_notify(portal, 4); /* nobody has looked yet: the bits add up */
    if (iris_ipc_wait(&m) < 0 ||
        iris_tag_label(m.tag) != IRIS_EVENT_NOTIFY)
        return 1;
    return m.word[0] == 5 ? 0 : 1;
}
