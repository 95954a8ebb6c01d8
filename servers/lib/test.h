/* SPDX-License-Identifier: MIT */
/*
 * Reports of test programs that run inside Iris, as the harness checks them: each line carries its
 * number, the last one how many there were, so that a lost line is a failure. One thread at a time
 * may report.
 *
 *     int main(void)
 *     {
 *         test_begin("ports");
 *         TEST_CHECK(iris_port_bind(0) == 0, "unbinding without a port");
 *         TEST_EQUAL(iris_port_bind(99), -EBADF, "binding to nothing");
 *         return test_end();
 *     }
 */
#ifndef IRIS_LIB_TEST_H
#define IRIS_LIB_TEST_H

#include <stdbool.h>
#include <stdint.h>

/* First of all. A program may begin again after test_end, under another name. */
void test_begin(const char *name);

/* Last of all: the exit status, 0 if nothing has failed. */
int test_end(void);

/* `ok` with the description, or FAIL with place and description. Returns `passed`. */
bool test_report(bool passed, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

bool test_report_equal(int64_t value, int64_t expected, const char *file, int line,
                       const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Adds " key=value ..." from the format, if there is any. */
void test_metric(const char *name, uint64_t value, const char *unit, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The condition holds. The description (printf) says what that means. */
#define TEST_CHECK(condition, ...) test_report((condition), __FILE__, __LINE__, __VA_ARGS__)

/* Two integers are equal; a failure shows both. */
#define TEST_EQUAL(value, expected, ...)                                                           \
    test_report_equal((int64_t)(value), (int64_t)(expected), __FILE__, __LINE__, __VA_ARGS__)

#endif
