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

static inline uint16_t device_in_16(uint16_t port)
{
    uint16_t value;
    __asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline void device_out_32(uint16_t port, uint32_t value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint32_t device_in_32(uint16_t port)
{
    uint32_t value;
    __asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

/* From now on interrupts of SERVER_SLOT_IRQ come as notification bits to SERVER_SLOT_PORT. */
int device_bind_interrupt(uint32_t bits);

/* Notifies whoever serves `port`, the driver's own. A portal's slot, or a negative error number. */
int device_portal(uint32_t port, uint32_t bits);

/* Notifies the server itself: what is to be done when no caller waits for it. */
int device_own_portal(uint32_t bits);

/* A line in the log, "NAME: TEXT". While starting only: the log's own terminal may be behind us. */
void device_log(const char *name, const char *text);

#endif
