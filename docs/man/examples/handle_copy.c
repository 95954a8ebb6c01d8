/* SPDX-License-Identifier: MIT */
#include <iris/calls.h>
#include <iris/object.h>

#include "slots.h"

/* A portal for a client: it can call and pass it on, but not destroy
   it. */
static int client_portal(int portal)
{
    int client = iris_slot_alloc();

    if (client < 0)
        return client;
    int error = iris_handle_copy(portal, 0, client,
                                 IRIS_RIGHT_CALL | IRIS_RIGHT_COPY);
    if (error < 0)
        iris_slot_free(client);
    return error < 0 ? error : client;
}

int main(void)
{
    int port = iris_slot_alloc(), portal = iris_slot_alloc();

    if (iris_port_create(port) < 0 ||
        iris_portal_create(port, portal, 1,
                           IRIS_RIGHT_CALL | IRIS_RIGHT_COPY, 0) < 0)
        return 1;
    return client_portal(portal) > 0 ? 0 : 1;
}
