/* SPDX-License-Identifier: MIT */
/* Times as POSIX gives them, and deadlines as the kernel takes them. */
#ifndef LIBC_CLOCKS_H
#define LIBC_CLOCKS_H

#include <stdint.h>
#include <time.h>

#define NS_PER_SECOND 1000000000ull

struct timespec timespec_of(uint64_t ns);

/* 0 and *ns, or an error number: EINVAL. Times beyond 584 years are as good as never. */
int ns_of(const struct timespec *time, uint64_t *ns);

/* The moment when a clock shows `time`, on the monotonic clock. 0 or an error number: EINVAL (no
   such clock, or nanoseconds out of range). A time long past is IRIS_DEADLINE_POLL. */
int deadline_of(clockid_t clock, const struct timespec *time, uint64_t *deadline);

/* Nanoseconds that a thread's budget has been used, by the kernel's id; 0: those of all threads. 0
   or an error number. */
int processor_time(uint32_t thread, uint64_t *ns);

/* The clock that shows that. */
clockid_t thread_clock(uint32_t thread);

#endif
