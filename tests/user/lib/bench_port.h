/* SPDX-License-Identifier: MIT */
/* I/O ports, for benchmarks that drive a device. */
#ifndef BENCH_PORT_H
#define BENCH_PORT_H

#include <stdint.h>

static inline void bench_port_write(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t bench_port_read(uint16_t port)
{
    uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

#endif
