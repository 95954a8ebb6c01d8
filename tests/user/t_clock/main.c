/* SPDX-License-Identifier: MIT */
/*
 * The clock never goes back: not from one reading to the next, not across kernel entries, threads
 * and spaces, not when its counter wraps; and deadlines of any value mean what they say (attack
 * 35).
 */
#include <iris/summary.h>

#include <time.h>
#include <unistd.h>

#include "twin.h"

IRIS_SUMMARY("test: the clock, its counter's wrap, odd deadlines");

#define MS 1000000ull
#define READINGS 100000u
#define WAIT_MOST (15000 * MS) /* for a wrap of the counter's low half */
enum { SLEEPER = BARE_UTCB_FIRST };
enum { TWIN_PORTAL = 20 };

static struct rig rig;
static struct bare sleeper;

static uint64_t counter(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

/* ---- Readings ---- */

static uint64_t last_reading;
static unsigned backward;
static uint64_t longest; /* between two readings */

static void read_once(void)
{
    uint64_t now = iris_clock_monotonic();

    backward += now < last_reading;
    if (last_reading && now - last_reading > longest)
        longest = now - last_reading;
    last_reading = now;
}

static void check_readings(void)
{
    for (unsigned i = 0; i < READINGS; i++) {
        read_once();
        if (i % 64 == 0)
            iris_thread_switch(0);
    }
    TEST_EQUAL(backward, 0, "%u readings, none before the one above it", READINGS);
}

/* From before a moment when the counter's low half is 0 to after it. At boot it may have been set
   so that all of it wraps there (tsc=wrap). */
static void check_wrap(void)
{
    uint64_t ticks = (uint32_t) - (uint32_t)counter();
    uint32_t begin = (uint32_t)iris_clock_monotonic();
    uint64_t first = counter();

    while ((uint32_t)iris_clock_monotonic() - begin < 4 * 1000 * 1000)
        ;
    uint64_t per_ms = (counter() - first) / 4; /* 32 bits are enough from here on */
    uint64_t wait = per_ms ? (uint32_t)ticks / (uint32_t)per_ms * MS : WAIT_MOST;
    if (wait >= WAIT_MOST) {
        test_metric("wrap_too_far", wait / MS, "ms", "most=%u", (unsigned)(WAIT_MOST / MS));
        return;
    }
    uint64_t target = first + ticks, mark = iris_clock_monotonic();
    struct iris_message m;
    iris_ipc_wait_until(&m, mark + wait - (wait > 20 * MS ? 20 * MS : wait));
    longest = 0;
    last_reading = 0;
    while ((int64_t)(counter() - target) < (int64_t)(4 * per_ms))
        read_once();
    TEST_EQUAL(backward, 0, "over the wrap from %x to %x:%x the clock goes on",
               (unsigned)(first >> 32), (unsigned)(counter() >> 32), (unsigned)counter());
    TEST_CHECK(longest < 1000 * MS, "without a jump: %u us", (unsigned)(longest / 1000));
    uint64_t passed = iris_clock_monotonic() - mark;
    TEST_CHECK(passed >= wait && passed < wait + 2000 * MS, "and right: %u ms of about %u",
               (unsigned)(passed / MS), (unsigned)(wait / MS));
}

/* ---- In another space: the reply is later than the call, there and here ---- */

static struct twin twin;
static volatile uint64_t there;

static void read_there(void *unused)
{
    (void)unused;
    struct iris_message m = {.tag = IRIS_TAG(1, 0)};
    for (;;) {
        there = iris_clock_monotonic();
        if (iris_ipc_call(TWIN_PORTAL, &m) < 0)
            return;
    }
}

static void check_spaces(void)
{
    unsigned wrong = 0;
    uint64_t before = iris_clock_monotonic();
    struct iris_message m;

    if (!TEST_CHECK(twin_make(&twin, true) &&
                        twin_give(&twin, rig.client, TWIN_PORTAL, IRIS_RIGHT_CALL) == 0 &&
                        twin_start(&twin, 0, read_there, NULL) == 0,
                    "a reader in another space"))
        return;
    iris_port_bind(rig.port);
    int error = iris_ipc_wait_until(&m, kit_soon(KIT_PATIENCE));
    for (unsigned i = 0; i < 1000 && error == 0; i++) {
        uint64_t after = iris_clock_monotonic();
        wrong += there < before || there > after;
        before = after;
        m.tag = IRIS_TAG(0, 0);
        error = iris_ipc_reply_and_wait(&m);
    }
    TEST_CHECK(error == 0 && wrong == 0, "1000 readings in turn (%d, %u)", error, wrong);
    twin_free(&twin);
    iris_port_bind(rig.port);
}

/* ---- Deadlines ---- */

static void check_past(void)
{
    static const uint64_t past[] = {1, 2, 1000, 0xffffffff, 0x100000000};
    struct iris_message m;

    for (unsigned i = 0; i < sizeof past / sizeof *past; i++) {
        uint64_t begin = iris_clock_monotonic(), limit = past[i] < begin ? past[i] : begin - 1;
        TEST_EQUAL(iris_ipc_wait_until(&m, limit), -ETIMEDOUT, "waiting until %x:%x, long past",
                   (unsigned)(limit >> 32), (unsigned)limit);
        m = (struct iris_message){.tag = IRIS_TAG(1, 0) | IRIS_TAG_DEADLINE};
        iris_utcb()->deadline = limit;
        iris_port_bind(0);
        TEST_EQUAL(iris_ipc_call(rig.client, &m), -ETIMEDOUT, "calling until then");
        iris_port_bind(rig.port);
        TEST_CHECK(iris_clock_monotonic() - begin < 2000 * MS, "neither waits");
    }
    TEST_EQUAL(iris_ipc_wait_until(&m, IRIS_DEADLINE_POLL), -ETIMEDOUT, "polling");
    uint64_t now = iris_clock_monotonic();
    TEST_EQUAL(iris_ipc_wait_until(&m, now + 1), -ETIMEDOUT, "one nanosecond");
    TEST_CHECK(iris_clock_monotonic() > now, "is one at least");
}

static volatile uint32_t woken;

static void sleep_to_the_end(void *halves)
{
    struct iris_message m;
    uint64_t deadline = *(uint64_t *)halves;

    iris_port_bind(rig.port);
    woken = (uint32_t)-iris_ipc_wait_until(&m, deadline) + 1;
}

/* At the far end of time nobody wakes up, and nothing overflows on the way there. */
static void check_future(void)
{
    static const uint64_t future[] = {
        IRIS_DEADLINE_NONE - 1, IRIS_DEADLINE_NONE - 2, 1ull << 63, (1ull << 63) - 1, 1ull << 58,
        (1ull << 58) + 1};
    struct iris_message m;

    iris_port_bind(0);
    for (unsigned i = 0; i < sizeof future / sizeof *future; i++) {
        static uint64_t deadline;
        deadline = future[i];
        woken = 0;
        bool ready = bare_run(&sleeper, 0, SLEEPER, sleep_to_the_end, &deadline) == 0 &&
                     kit_wait_state(0, SLEEPER, IRIS_THREAD_WAITING);
        struct rig bed;
        rig_make(&bed, 2, 0);
        iris_port_bind(bed.port);
        iris_ipc_wait_until(&m, iris_clock_monotonic() + 5 * MS);
        iris_port_bind(0);
        rig_free(&bed);
        TEST_CHECK(ready && woken == 0, "who sleeps until %x:%x sleeps",
                   (unsigned)(future[i] >> 32), (unsigned)future[i]);
        iris_notify(rig.client, 1);
        TEST_CHECK(kit_wait_word(&woken, 1), "until there is an event");
        bare_end(&sleeper);
    }
}

/* ---- The C library's sleeps ---- */

static void check_library(void)
{
    struct timespec zero = {0, 0}, wrong = {0, 1000000000}, negative = {-1, 0}, little = {0, 1};
    struct timespec past = {0, 1};
    uint64_t begin = iris_clock_monotonic();

    TEST_EQUAL(nanosleep(&zero, NULL), 0, "nanosleep of nothing");
    TEST_EQUAL(nanosleep(&little, NULL), 0, "of a nanosecond");
    TEST_EQUAL(nanosleep(&wrong, NULL), -1, "of too many nanoseconds for a second");
    TEST_EQUAL(nanosleep(&negative, NULL), -1, "of less than nothing");
    TEST_EQUAL(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &past, NULL), 0, "until the past");
    TEST_EQUAL(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &past, NULL), 0, "until 1970");
    TEST_EQUAL(sleep(0), 0, "sleep(0)");
    TEST_EQUAL(usleep(0), 0, "usleep(0)");
    TEST_CHECK(iris_clock_monotonic() - begin < 2000 * MS, "none of which takes long");
    begin = iris_clock_monotonic();
    TEST_EQUAL(usleep(3000), 0, "usleep(3000)");
    TEST_CHECK(iris_clock_monotonic() - begin >= 3 * MS, "takes 3 ms at least");
}

int main(void)
{
    test_begin("t_clock");
    if (TEST_CHECK(rig_make(&rig, 1, 1) && iris_port_bind(rig.port) == 0, "a port to wait at")) {
        check_readings();
        check_wrap();
        check_spaces();
        check_past();
        check_future();
        check_library();
        iris_port_bind(0);
        rig_free(&rig);
    }
    return test_end();
}
