/* SPDX-License-Identifier: MIT */
#ifndef T_DEATH_H
#define T_DEATH_H

#include "twin.h"

/* Counts, over all rounds, what should never happen; reported once by death_report. */
struct death {
    const char *name;
    unsigned rounds, wrong;
    int last; /* a value that says what the first wrong thing was */
};

void death_note(struct death *death, bool right, int value);
void death_report(const struct death *death);

#define DEATH_UTCB (BARE_UTCB_FIRST + 8)
#define DEATH_BADGE 0xdeadu

void test_server_dies(unsigned rounds);   /* row 9, attack 14 */
void test_server_random(unsigned rounds); /* at any moment */
void test_client_dies(unsigned rounds);   /* attack 15 */
void test_middle_dies(unsigned rounds);   /* row 39, first form */
void test_handlers_fault(void);

#endif
