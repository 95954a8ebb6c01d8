/* SPDX-License-Identifier: MIT */
/* For the shell's unit tests: the first thing that is wrong ends the test with its place. */
#ifndef SHELL_CHECK_H
#define SHELL_CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned checks_done;

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        checks_done++;                                                                             \
        if (!(condition)) {                                                                        \
            printf("%s:%d: failed: %s\n", __FILE__, __LINE__, #condition);                         \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

#define CHECK_TEXT(text, expected)                                                                 \
    do {                                                                                           \
        checks_done++;                                                                             \
        if (strcmp((text), (expected)) != 0) {                                                     \
            printf("%s:%d: %s is \"%s\", expected \"%s\"\n", __FILE__, __LINE__, #text, (text),    \
                   (expected));                                                                    \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

/* A small generator of its own, so that a failure replays everywhere (xorshift32, Marsaglia). */
static unsigned random_state = 1;
static inline unsigned random_below(unsigned limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state % limit;
}

#endif
