/* SPDX-License-Identifier: MIT */
/* The hardware's clock agrees with the system's; its seconds come by interrupt; who may set it. */
#include <errno.h>
#include <time.h>

#include <iris/names.h>
#include <iris/summary.h>

#include "kit.h"
#include "names.h"
#include "rtc.h"

IRIS_SUMMARY("test: the clock that runs while the machine is off");

static int64_t system_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec;
}

static void check_agreement(uint32_t rtc, const char *when)
{
    uint64_t seconds = 0;
    int64_t before = system_seconds();

    TEST_EQUAL(rtc_time(rtc, &seconds), 0, "the time %s", when);
    int64_t after = system_seconds();
    TEST_CHECK((int64_t)seconds >= before - 1 && (int64_t)seconds <= after + 1,
               "%s: clocks agree within a second (%d after %d)", when, (int)seconds, (int)before);
}

#define SECONDS 3u

static void check_seconds(uint32_t rtc)
{
    uint64_t first = 0, next = 0;

    TEST_EQUAL(rtc_next_second(rtc, &first), 0, "a second begins");
    uint64_t start = iris_clock_monotonic();
    for (uint32_t i = 1; i <= SECONDS; i++) {
        TEST_EQUAL(rtc_next_second(rtc, &next), 0, "the next one");
        TEST_CHECK(next >= first + i, "is a later one");
    }
    uint32_t ms = (uint32_t)((iris_clock_monotonic() - start) / 1000000);
    TEST_CHECK(ms > (SECONDS - 1) * 1000, "%u ms later", ms); /* a busy host told the first late */
}

int main(void)
{
    uint32_t rtc = 0, settable = 0;
    uint64_t now = 0, set = 0;

    test_begin("rtc");
    TEST_EQUAL(names_lookup(IRIS_SLOT_NAMES, "dev/rtc", &rtc), 0, "the driver");
    check_agreement(rtc, "at first");
    check_seconds(rtc);
    TEST_EQUAL(rtc_set(rtc, 0), -EPERM, "dev/rtc does not set it");
    TEST_EQUAL(names_lookup(IRIS_SLOT_NAMES, "kernel/rtc", &settable), 0, "the other name");
    TEST_EQUAL(rtc_set(settable, 1ull << 40), -EINVAL, "a year too far");
    TEST_EQUAL(rtc_time(rtc, &now), 0, "now");
    TEST_EQUAL(rtc_set(settable, 951782399), 0, "2000-02-28 23:59:59");
    TEST_EQUAL(rtc_next_second(rtc, &set), 0, "a second later");
    TEST_EQUAL(set, 951782400, "it is the 29th");
    TEST_EQUAL(rtc_set(settable, now + 1), 0, "back to today");
    check_agreement(rtc, "afterwards");
    return test_end();
}
