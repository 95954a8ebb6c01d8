/* SPDX-License-Identifier: MIT */
/*
 * Time: the TSC tells it, the 8254's channel 0 interrupts for it, and its channel 2 calibrates the
 * TSC. What day it is, root finds out.
 */
#include "ia32.h"

#include <iris/datapage.h>

#define PIT_HZ 1193182u
#define PIT_CHANNEL_0 0x40
#define PIT_CHANNEL_2 0x42
#define PIT_CONTROL 0x43
#define SPEAKER 0x61    /* bit 0 gates channel 2, bit 1 lets it be heard */
#define ONE_SHOT_0 0x30 /* control: channel 0, low then high byte, mode 0 */
#define ONE_SHOT_2 0xb0
#define LATCH_2 0x80
#define PIT_LONGEST 0xffffu

#define OUTPUT 0x20u /* of channel 2, in SPEAKER: its count has run out */

#define CALIBRATION_TICKS 5966u       /* 5 ms */
#define CALIBRATION_TICKS_MOST 57344u /* 48 ms: the count runs out after 55 */
#define CALIBRATION_RUNS 10           /* at most; two are enough if nothing disturbs them */
#define CALIBRATION_ERROR 256         /* one part in so many is tolerated */
#define EDGES 8

static uint64_t base; /* TSC at time 0 */
static uint32_t to_ns_mult, to_ns_shift;
static uint32_t to_cycles_mult, to_cycles_shift;
static uint32_t to_ticks_mult; /* PIT ticks = cycles * mult >> 32 */
static uint64_t longest_arm;   /* cycles */

/* value * mult >> shift with 96 bits in between; shift <= 32. The vDSO's clock does just this. */
static uint64_t scale(uint64_t value, uint32_t mult, uint32_t shift)
{
    uint64_t high = (value >> 32) * mult;
    uint64_t low = (uint64_t)(uint32_t)value * mult;
    return (high << (32 - shift)) + (low >> shift);
}

/* The most exact mult and shift with mult / 2^shift = to / from. */
static uint32_t ratio(uint64_t to, uint64_t from, uint32_t *shift)
{
    uint64_t mult;
    for (*shift = 32; to >> (64 - *shift); --*shift)
        ;
    while ((mult = (to << *shift) / from) >> 32)
        --*shift;
    return (uint32_t)mult;
}

/* ---- Calibration ---- */

/*
 * Under an emulator the host can take the processor away between any two instructions, for longer
 * than all of this takes. So whatever is measured carries the width of the interval that it is
 * known to lie in, and what is too wide is measured again.
 */
struct reading {
    uint32_t count;
    uint64_t before, after; /* it was latched between these two */
};

struct edge {
    uint32_t count;
    uint64_t cycles, width; /* the moment channel 2 got to the count; how sure that is */
};

struct run {
    uint64_t hz;
    bool spoiled;
};

static struct reading pit_read(void)
{
    struct reading reading = {.before = arch_cycles()};
    outb(PIT_CONTROL, LATCH_2);
    reading.after = arch_cycles();
    reading.count = inb(PIT_CHANNEL_2);
    reading.count |= (uint32_t)inb(PIT_CHANNEL_2) << 8;
    return reading;
}

/* Between two readings: so the error is a few port accesses and not one tick of 838 ns. */
static struct edge pit_edge(void)
{
    struct reading last, now = pit_read();
    do {
        last = now;
        now = pit_read();
    } while (now.count == last.count);
    uint64_t width = now.after - last.before;
    return (struct edge){now.count, last.before + width / 2, width};
}

static struct edge pit_narrow_edge(void)
{
    struct edge best = pit_edge();
    for (unsigned i = 1; i < EDGES; i++) {
        struct edge edge = pit_edge();
        if (edge.width < best.width)
            best = edge;
    }
    return best;
}

/* TSC cycles per second, measured over 5 ms, or longer if the edges are wide. */
static struct run calibrate_once(void)
{
    outb(PIT_CONTROL, ONE_SHOT_2);
    outb(PIT_CHANNEL_2, 0xff);
    outb(PIT_CHANNEL_2, 0xff);
    struct edge first = pit_narrow_edge(), last;
    uint32_t ticks;
    uint64_t cycles;
    bool wide;
    do {
        last = pit_narrow_edge();
        ticks = (first.count - last.count) & 0xffff;
        cycles = last.cycles - first.cycles;
        wide = (first.width + last.width) * CALIBRATION_ERROR > cycles;
    } while (ticks < CALIBRATION_TICKS || (wide && ticks < CALIBRATION_TICKS_MOST));
    return (struct run){cycles * PIT_HZ / ticks, wide || inb(SPEAKER) & OUTPUT};
}

static bool agree(const struct run *a, const struct run *b)
{
    uint64_t difference = a->hz > b->hz ? a->hz - b->hz : b->hz - a->hz;
    return !a->spoiled && !b->spoiled && difference <= a->hz / CALIBRATION_ERROR;
}

/* Until two runs in a row agree. */
static uint64_t calibrate(void)
{
    outb(SPEAKER, (inb(SPEAKER) & ~2u) | 1);
    struct run last, now = calibrate_once();
    unsigned runs = 1;
    do {
        last = now;
        now = calibrate_once();
    } while (!agree(&last, &now) && ++runs < CALIBRATION_RUNS);
    outb(SPEAKER, inb(SPEAKER) & ~3u);
    return now.spoiled ? last.hz : last.spoiled ? now.hz : (last.hz + now.hz) / 2;
}

/* ---- Start ---- */

/* For tests (command line: tsc=wrap): sets the counter so that it wraps in twelve seconds. Where it
   can't be set (QEMU), everything stays as it is. */
static void wrap_soon(uint64_t hz)
{
    uint64_t soon = 0 - 12 * hz, elapsed = arch_cycles() - base;

    __asm__ volatile("wrmsr" ::"c"(MSR_TSC), "A"(soon));
    if (arch_cycles() - soon < hz)
        base = soon - elapsed;
}

/* arch_now() is 0 at `start`. */
void clock_init(uint64_t start)
{
    struct iris_data_page *page = arch_data_page;
    uint64_t hz = calibrate();

    base = start;
    if (boot_option("tsc=", "wrap"))
        wrap_soon(hz);
    to_ns_mult = ratio(1000000000, hz, &to_ns_shift);
    to_cycles_mult = ratio(hz, 1000000000, &to_cycles_shift);
    to_ticks_mult = (uint32_t)(((uint64_t)PIT_HZ << 32) / hz);
    longest_arm = (PIT_LONGEST - 2) * hz / PIT_HZ;

    page->tsc_base = base;
    page->ns_base = 0;
    page->tsc_mult = to_ns_mult;
    page->tsc_shift = to_ns_shift;
    page->tsc_khz = (uint32_t)(hz / 1000);
    outb(PIT_CONTROL, ONE_SHOT_0); /* waits for a count: arch_timer_arm's */
}

uint64_t arch_now(void) { return scale(arch_cycles() - base, to_ns_mult, to_ns_shift); }

uint64_t arch_cycles_to_ns(uint64_t cycles) { return scale(cycles, to_ns_mult, to_ns_shift); }

/* Saturates: 2^58 ns are nine years. */
uint64_t arch_ns_to_cycles(uint64_t ns)
{
    return ns >> 58 ? ~0ull : scale(ns, to_cycles_mult, to_cycles_shift);
}

/* Mode 0: the output rises, and so interrupts, once the count has run out. */
void arch_timer_arm(uint64_t cycles)
{
    uint32_t ticks = PIT_LONGEST;
    if (cycles < longest_arm)
        ticks = (uint32_t)((uint64_t)(uint32_t)cycles * to_ticks_mult >> 32) + 1;
    outb(PIT_CHANNEL_0, (uint8_t)ticks);
    outb(PIT_CHANNEL_0, (uint8_t)(ticks >> 8));
}
