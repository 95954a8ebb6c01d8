/* SPDX-License-Identifier: MIT */
#include <iris/calls.h>
#include <iris/error.h>
#include <iris/object.h>

#include "slots.h"

/* A right that was given away is taken back: copies of the portal are
   dead, too. */
int main(void)
{
    int port = iris_slot_alloc(), portal = iris_slot_alloc(),
        copy = iris_slot_alloc();

    if (iris_port_create(port) < 0 ||
        iris_portal_create(port, portal, 1,
                           IRIS_RIGHT_NOTIFY | IRIS_RIGHT_COPY, 1) < 0 ||
        iris_handle_copy(portal, 0, copy, IRIS_RIGHT_NOTIFY) < 0)
        return 1;
    if (iris_object_destroy(portal) < 0)
        return 1;
    return iris_notify(copy, 1) == -EDEAD ? 0 : 1;
}
