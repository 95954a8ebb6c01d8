/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_LENGTH 240

static struct {
    const char *name;
    unsigned lines, failed;
} run;

/* One write for a line, so that nobody's output gets between its parts. */
static void print_line(const char *text)
{
    char line[LINE_MAX_LENGTH + 32];
    int length = snprintf(line, sizeof line, "#test %u %s\n", ++run.lines, text);
    size_t left = (size_t)length < sizeof line ? (size_t)length : sizeof line - 1;

    for (const char *from = line; left > 0;) {
        ssize_t n = write(STDOUT_FILENO, from, left);
        if (n <= 0)
            return; /* the harness misses the line's number */
        from += n;
        left -= (size_t)n;
    }
}

static void print_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void print_format(const char *format, ...)
{
    char text[LINE_MAX_LENGTH];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    print_line(text);
}

void test_begin(const char *name)
{
    fflush(stdout);
    run.name = name;
    run.lines = run.failed = 0;
    print_format("begin %s", name);
}

int test_end(void)
{
    fflush(stdout);
    print_format("end %s total=%u failed=%u", run.name, run.lines + 1, run.failed);
    return run.failed != 0;
}

static bool report(bool passed, const char *file, int line, const char *text)
{
    const char *name = strrchr(file, '/');

    if (passed) {
        print_format("ok %s", text);
        return true;
    }
    run.failed++;
    print_format("FAIL %s:%d: %s", name ? name + 1 : file, line, text);
    return false;
}

bool test_report(bool passed, const char *file, int line, const char *format, ...)
{
    char text[LINE_MAX_LENGTH];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return report(passed, file, line, text);
}

bool test_report_equal(int64_t value, int64_t expected, const char *file, int line,
                       const char *format, ...)
{
    char text[LINE_MAX_LENGTH];
    va_list arguments;

    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (value != expected && length >= 0 && (size_t)length < sizeof text)
        snprintf(text + length, sizeof text - (size_t)length,
                 ": is %" PRId64 ", should be %" PRId64, value, expected);
    return report(value == expected, file, line, text);
}

void test_metric(const char *name, uint64_t value, const char *unit, const char *format, ...)
{
    char text[LINE_MAX_LENGTH];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    print_format("metric %s %" PRIu64 " %s%s%s", name, value, unit, text[0] ? " " : "", text);
}
