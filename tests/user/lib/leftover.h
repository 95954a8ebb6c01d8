/* SPDX-License-Identifier: MIT */
/* All there is in the system, before and after: what a test leaves behind shows as a difference. */
#ifndef LEFTOVER_H
#define LEFTOVER_H

#include <stdbool.h>

#include "kernel_debug.h"

struct leftover {
    struct audit_counts audit;
    uint32_t pages;
};

/* `debug`: a portal to kernel_debug. False: the kernel's audit failed. */
bool leftover_take(uint32_t debug, struct leftover *found);

/* Servers learn a little later that a client is gone; a leak stays. Looks up to `tries` times, 2 ms
   apart, whether all is as it was; `after`: what was found last. */
bool leftover_settles(uint32_t debug, const struct leftover *before, struct leftover *after,
                      unsigned tries);

/* First times bring in pages here and there; a leak happens each time. True: at last, one more turn
   of `work` changed nothing; then `found` is what there is. */
bool leftover_warm_up(uint32_t debug, void (*work)(void *argument), void *argument,
                      struct leftover *found, unsigned tries);

/* A check for each kind of thing. */
void leftover_report(const struct leftover *before, const struct leftover *after);

#endif
