/* SPDX-License-Identifier: MIT */
#include <iris/calls.h>
#include <iris/ipc.h>
#include <iris/object.h>

#include "slots.h"

enum { BIT_INTERRUPT = 1 };

/* A driver's loop: `irq` is a handle that its line of the manifest
   gives it, and `port` the port to which this thread is bound. */
int serve(uint32_t irq, uint32_t port, void (*look)(void))
{
    struct iris_message m;
    int portal = iris_slot_alloc();
    int error = iris_portal_create(port, portal, 0, IRIS_RIGHT_NOTIFY,
                                   BIT_INTERRUPT);

    if (error == 0)
        error = iris_irq_bind(irq, portal, BIT_INTERRUPT);
    while (error == 0 && (error = iris_ipc_wait(&m)) == 0) {
        look();
        error = iris_irq_ack(irq);
    }
    return error;
}
