/* SPDX-License-Identifier: MIT */
/*
 * Instructions by the TSC, which counts them under QEMU's -icount. What is measured lies between
 * two readings; the smallest of many rounds is exact, because interrupts only add.
 */
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

#include <stdint.h>

/* Not __builtin_ia32_rdtsc: that is no barrier, and what is to be measured could move across. */
static inline uint32_t bench_ticks(void)
{
    uint32_t low;

    __asm__ volatile("rdtsc" : "=a"(low) : : "edx", "memory");
    return low;
}

/* What reading the TSC twice costs. */
static inline uint32_t bench_ticks_cost(void)
{
    uint32_t least = ~0u;

    for (int i = 0; i < 100; i++) {
        uint32_t before = bench_ticks(), after = bench_ticks();
        least = after - before < least ? after - before : least;
    }
    return least;
}

static inline uint32_t bench_least(uint32_t a, uint32_t b) { return a < b ? a : b; }

#endif
