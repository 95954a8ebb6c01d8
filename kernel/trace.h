/* SPDX-License-Identifier: MIT */
/* The trace: a ring of records, read by whoever holds the KERNEL handle. */
#ifndef TRACE_H
#define TRACE_H

#include "kernel.h"

extern bool trace_on;
void trace_record(enum iris_trace_event event, uint32_t a, uint32_t b, uint32_t c, uint32_t d);

static inline __attribute__((always_inline)) void trace(enum iris_trace_event event, uint32_t a,
                                                        uint32_t b, uint32_t c, uint32_t d)
{
    if (__builtin_expect(trace_on, 0))
        trace_record(event, a, b, c, d);
}

#endif
