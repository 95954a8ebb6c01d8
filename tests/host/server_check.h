/* SPDX-License-Identifier: MIT */
/* For unit tests of the portable parts of servers: the first thing that is wrong ends the test with
   its place and the seed that repeats it. */
#ifndef SERVER_CHECK_H
#define SERVER_CHECK_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t check_seed, check_state;

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            printf("%s:%d: failed: %s\nrepeat with IRIS_SEED=%u\n", __FILE__, __LINE__,            \
                   #condition, check_seed);                                                        \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

#define CHECK_TEXT(text, expected)                                                                 \
    do {                                                                                           \
        if (strcmp((text), (expected)) != 0) {                                                     \
            printf("%s:%d: %s is \"%s\", expected \"%s\"\nrepeat with IRIS_SEED=%u\n", __FILE__,   \
                   __LINE__, #text, (text), (expected), check_seed);                               \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

static inline void check_begin(void)
{
    const char *seed = getenv("IRIS_SEED");
    check_seed = seed ? (uint32_t)strtoul(seed, NULL, 0) : 1;
    check_state = check_seed * 2654435761u + 1;
}

/* xorshift32 (Marsaglia): the same numbers everywhere. */
static inline uint32_t random_below(uint32_t limit)
{
    if (check_state == 0)
        check_state = 1;
    check_state ^= check_state << 13;
    check_state ^= check_state >> 17;
    check_state ^= check_state << 5;
    return check_state % limit;
}

/* Changes a few bytes of a file as damage and malice would. */
static inline void random_damage(uint8_t *data, uint32_t size, uint32_t hot)
{
    static const uint8_t nasty[] = {0, 1, 4, 0x7f, 0x80, 0xff, 0xf0, 0x10};

    for (uint32_t n = 1 + random_below(4); n > 0; n--) {
        uint32_t limit = random_below(4) != 0 && hot < size ? hot : size; /* headers rather */
        uint32_t at = random_below(limit);
        data[at] = random_below(2) ? nasty[random_below(sizeof nasty)] : (uint8_t)random_below(256);
    }
}

#endif
