/* SPDX-License-Identifier: MIT */
/* What drivers share: I/O ports (those of boot.conf; others fault), and the interrupt's way in. */
#ifndef IRIS_LIB_DEVICE_H
#define IRIS_LIB_DEVICE_H

#include <stdint.h>

static inline void device_out(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t device_in(uint16_t port)
{
    uint8_t value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

/* From now on interrupts of SERVER_SLOT_IRQ come as notification bits to SERVER_SLOT_PORT. */
int device_bind_interrupt(uint32_t bits);

/* Notifies the server itself: what is to be done when no caller waits for it. A portal's slot, or a
   negative error number. */
int device_own_portal(uint32_t bits);

/* A line in the log, "NAME: TEXT". While starting only: the log's own terminal may be behind us. */
void device_log(const char *name, const char *text);

#endif
