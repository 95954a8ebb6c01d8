/* SPDX-License-Identifier: MIT */
#include "device.h"

#include <stddef.h>

#include <iris/calls.h>
#include <iris/object.h>

#include "log.h" /* generated from log.idl */
#include "service.h"
#include "slots.h"
#include "text.h"

int device_portal(uint32_t port, uint32_t bits)
{
    int slot = iris_slot_alloc();

    if (slot < 0)
        return slot;
    int status =
        iris_portal_create(port, (uint32_t)slot, 0, IRIS_RIGHT_NOTIFY | IRIS_RIGHT_COPY, bits);
    if (status < 0)
        iris_slot_free((uint32_t)slot);
    return status < 0 ? status : slot;
}

int device_own_portal(uint32_t bits) { return device_portal(SERVER_SLOT_PORT, bits); }

int device_bind_interrupt(uint32_t bits)
{
    int portal = device_own_portal(bits);

    return portal < 0 ? portal : iris_irq_bind(SERVER_SLOT_IRQ, (uint32_t)portal, bits);
}

void device_log(const char *name, const char *text)
{
    char line[120];

    text_join(line, sizeof line, name, ": ", text, NULL);
    log_write(IRIS_SLOT_LOG, LOG_LEVEL_INFO, line);
}
