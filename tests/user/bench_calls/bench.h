/* SPDX-License-Identifier: MIT */
#ifndef BENCH_H
#define BENCH_H

#include "bench_clock.h"
#include "twin.h"

#define PAGE IRIS_PAGE_SIZE
#define FAR 0x30000000u /* where no program has anything */

/* Slots in a twin's handle table. */
enum { TWIN_PORT = 20, TWIN_PORTAL };

extern unsigned rounds;

/* Least number of instructions of `what` in many rounds; `before` and `after` are not counted. */
#define BENCH_LEAST(before, what, after)                                                           \
    ({                                                                                             \
        uint32_t least_ = ~0u;                                                                     \
        for (unsigned round = 0; round < rounds; round++) {                                        \
            before;                                                                                \
            uint32_t begin_ = bench_ticks();                                                       \
            what;                                                                                  \
            uint32_t spent_ = bench_ticks() - begin_;                                              \
            after;                                                                                 \
            least_ = bench_least(spent_, least_);                                                  \
        }                                                                                          \
        least_ - bench_ticks_cost();                                                               \
    })

void bench_calls(void);     /* null call, notify, poll, switch */
void bench_creation(void);  /* threads, spaces, ports and what they take */
void bench_memory(void);    /* mapping, page faults */
void bench_method(void);    /* a generated method */
void bench_processes(void); /* a program from its start to its end */

#endif
