/* SPDX-License-Identifier: MIT */
/*
 * For unit tests of portable kernel files. A test includes the C files it tests, defines what those
 * call elsewhere, and compares them with a simple model under random operations. The numbers
 * come from IRIS_SEED (set by pytest's --seed); a failure prints the seed that repeats it.
 */
#ifndef KERNEL_TEST_H
#define KERNEL_TEST_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"

static uint32_t test_seed;
static uint32_t test_random_state;
static unsigned long test_step; /* which operation is being tried: set by the test */

#define TEST_FAIL(...)                                                                             \
    do {                                                                                           \
        printf("%s:%d: ", __FILE__, __LINE__);                                                     \
        printf(__VA_ARGS__);                                                                       \
        printf("\nstep %lu; repeat with IRIS_SEED=%u\n", test_step, test_seed);                    \
        exit(1);                                                                                   \
    } while (0)

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            TEST_FAIL("failed: %s", #condition);                                                   \
    } while (0)

#define CHECK_EQUAL(value, expected)                                                               \
    do {                                                                                           \
        long long value_ = (long long)(value), expected_ = (long long)(expected);                  \
        if (value_ != expected_)                                                                   \
            TEST_FAIL("%s is %lld, expected %s = %lld", #value, value_, #expected, expected_);     \
    } while (0)

/* A panic of the kernel file ends the test. */
_Noreturn void panic(const char *format, ...)
{
    va_list arguments;

    printf("the kernel panicked: ");
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    TEST_FAIL("unexpected panic");
}

/* xorshift32 (Marsaglia), so that a seed means the same everywhere. */
static inline uint32_t test_random(void)
{
    test_random_state ^= test_random_state << 13;
    test_random_state ^= test_random_state >> 17;
    test_random_state ^= test_random_state << 5;
    return test_random_state;
}

static inline uint32_t test_below(uint32_t limit)
{
    return (uint32_t)((uint64_t)test_random() * limit >> 32);
}

static inline bool test_chance(unsigned one_in) { return test_below(one_in) == 0; }

static inline void test_begin(void)
{
    const char *seed = getenv("IRIS_SEED");

    test_seed = seed ? (uint32_t)strtoul(seed, NULL, 0) : 1;
    test_random_state = test_seed * 2654435761u ^ 0x9e3779b9u;
    if (test_random_state == 0)
        test_random_state = 1; /* the one state xorshift cannot leave */
    for (int i = 0; i < 8; i++)
        test_random();
}

static inline int test_end(void)
{
    printf("ok: %lu steps, seed %u\n", test_step, test_seed);
    return 0;
}

#endif
