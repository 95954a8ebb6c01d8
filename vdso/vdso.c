/* SPDX-License-Identifier: MIT */
/*
 * What the vDSO answers without a kernel entry: clock, ids, and facts of the data page. The page
 * has a fixed address, so this needs no relocation; there is no writable data at all.
 */
#include <iris/ipc.h>
#include <iris/layout.h>
#include <iris/system.h>
#include <iris/vdso.h>

#include "clock.h"

/* Everything else is compiled with -fvisibility=hidden; vdso.map gives these their version. */
#define EXPORT __attribute__((visibility("default")))

static inline uint64_t tsc_read(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

EXPORT uint64_t iris_clock_monotonic(void)
{
    return clock_read(iris_data_page(), tsc_read).monotonic;
}

EXPORT uint64_t iris_clock_realtime(void)
{
    struct clock_reading reading = clock_read(iris_data_page(), tsc_read);
    return reading.boot_time + reading.monotonic;
}

EXPORT uint32_t iris_thread_id(void) { return iris_utcb()->thread; }

EXPORT uint32_t iris_page_size(void) { return iris_data_page()->page_size; }

EXPORT uint32_t iris_features(void) { return iris_data_page()->features; }

EXPORT uint32_t iris_processors(void) { return iris_data_page()->processors; }

/* The text never changes after boot: `volatile` is for the clock alone. */
EXPORT const char *iris_version_string(void)
{
    return ((const struct iris_data_page *)IRIS_DATA_PAGE)->version;
}
