/* SPDX-License-Identifier: MIT */
/*
 * The arithmetic of the clock: data page and time stamp counter make nanoseconds. Free of
 * addresses and instructions, so that host tests feed it what they like.
 */
#ifndef VDSO_CLOCK_H
#define VDSO_CLOCK_H

#include <stdint.h>

#include <iris/datapage.h>

/*
 * ticks * mult >> shift with a 96-bit product, for shift <= 32: two 32 x 32 multiplications, which
 * the compiler does inline (there is no libgcc here). Exact as long as the result fits 64 bits:
 * the high product's share of it has no bits below the point.
 */
static inline uint64_t clock_scale(uint64_t ticks, uint32_t mult, uint32_t shift)
{
    uint64_t high = (ticks >> 32) * mult;
    uint64_t low = (uint64_t)(uint32_t)ticks * mult;
    return (high << (32 - shift)) + (low >> shift);
}

struct clock_reading {
    uint64_t monotonic; /* ns */
    uint64_t boot_time; /* ns since 1970 at monotonic 0 */
};

/*
 * Reads the clock under the page's sequence lock: odd while the kernel writes, and different
 * afterwards. RDTSC needs no fence: on the one processor a thread can only be overtaken by the
 * kernel through an interrupt, and IRET serialises. A counter behind tsc_base (firmware that
 * rewinds it, SDM 3B 18.17) reads as tsc_base: time stands still rather than jump by centuries.
 */
static inline struct clock_reading clock_read(const volatile struct iris_data_page *page,
                                              uint64_t (*read_tsc)(void))
{
    for (;;) {
        uint32_t sequence = page->sequence;
        uint64_t now = read_tsc();
        uint64_t ticks = now - page->tsc_base; /* by difference: the counter may wrap */
        if ((int64_t)ticks < 0)
            ticks = 0;
        struct clock_reading reading = {
            .monotonic = page->ns_base + clock_scale(ticks, page->tsc_mult, page->tsc_shift),
            .boot_time = page->boot_time,
        };
        if (!(sequence & 1) && page->sequence == sequence)
            return reading;
        __asm__ volatile("pause"); /* a plain nop before the Pentium 4 */
    }
}

#endif
