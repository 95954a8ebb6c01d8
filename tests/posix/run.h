/* SPDX-License-Identifier: MIT */
/* Between the program and what its behaviours check. */
#ifndef TESTS_POSIX_RUN_H
#define TESTS_POSIX_RUN_H

#include "behaviour.h"

struct behaviour_result {
    bool passed;
    int line; /* of the first check that failed, and what it saw */
    char what[160];
};

const struct behaviour_result *behaviour_run(const struct behaviour *behaviour);

/* Takes note of where this program lies, for children. False with errno. */
bool behaviour_find_self(const char *name);

#endif
