/* SPDX-License-Identifier: MIT */
#ifndef T_POINTS_H
#define T_POINTS_H

#include <iris/points.h>

#include "kit.h"

/*
 * A scenario: `work` is what a thread does, the subject; it comes to the points by itself.
 * `prepare` makes what it needs, `finish` looks at what has become of that, gives everything back,
 * and adds to the outcome that the subject left; outcomes of all runs have to be the same.
 */
struct scenario {
    const char *name;
    uint32_t points; /* bit per point that it comes to */
    bool (*prepare)(void);
    void (*work)(void);
    void (*finish)(void);
};

extern const struct scenario scenarios[];
extern const unsigned scenarios_count;

/* What a run has led to, as a number. */
extern volatile uint32_t outcome;
static inline void outcome_add(uint32_t value) { outcome = (outcome ^ value) * 2654435761u + 1; }

/* A thread besides the subject, of a priority above or below the subject's. */
bool helper_start(void (*function)(void *), bool above);
void helper_end(void);
extern struct rig rig;        /* fresh for each run */
extern uint32_t subject_port; /* the subject is bound to this one when it is born again; 0: none */

#endif
