/* SPDX-License-Identifier: MIT */
/* Attacks 7 and 8: a hundred threads fault at once, at a pager that serves, refuses or is killed.
 */
#include "t_pager.h"

#define THREADS 100u
#define OVERHEAD 20u /* kernel pages beside threads and their UTCBs */
enum { UTCB_PAGER = BARE_UTCB_FIRST + 90 };

static struct domain domain;
static struct rig rig, exits;
static struct pager pager;
static struct bare threads[THREADS];
static uint32_t count; /* as many as the account allows */

static bool begin(void)
{
    return rig_make(&rig, 1, 0) && rig_make(&exits, 2, 0) &&
           domain_make(&domain, count + count / 8 + OVERHEAD, rig.client, 0, exits.client);
}

static unsigned start_all(void)
{
    unsigned started = 0;

    touched = 0;
    for (uint32_t i = 0; i < count; i++)
        started += bare_run(&threads[i], domain.space, i, touch_far, (void *)i) == 0;
    return started;
}

static bool all_wait(void)
{
    bool waiting = true;

    for (uint32_t i = 0; i < count; i++)
        waiting = waiting && kit_wait_state(domain.space, i, IRIS_THREAD_QUEUED);
    return waiting;
}

static void finish(void)
{
    for (uint32_t i = 0; i < count; i++)
        bare_end(&threads[i]);
    bare_end(&pager.thread);
    domain_end(&domain);
    rig_free(&rig);
    rig_free(&exits);
}

static void check_storm(enum pager_mode mode, const char *what)
{
    bool served = mode == PAGER_SERVES;

    if (!begin())
        return;
    TEST_CHECK(start_all() == count && all_wait(), "%u faults wait at once", (unsigned)count);
    kit_audit("with all of them pending");
    pager.mode = mode;
    uint64_t start = iris_clock_monotonic();
    TEST_CHECK(pager_run(&pager, UTCB_PAGER, &rig, domain.space), "their pager %s", what);
    TEST_EQUAL(
        endings(exits.port, count, served ? IRIS_EXIT_RETURN : IRIS_EXIT_FAULT, served ? 0 : 14),
        count, served ? "each thread goes on" : "each thread ends by its fault, alone");
    test_metric("storm", (iris_clock_monotonic() - start) / 1000, "us", "pager=%s threads=%u", what,
                (unsigned)count);
    TEST_EQUAL(pager.served, count, "each fault was told once");
    TEST_EQUAL(touched, served ? count : 0, "and %s", served ? "resolved" : "none resolved");
    finish();
}

/* `received`: one of the faults has been taken by the pager when it is killed. */
static void check_killed(bool received)
{
    if (!begin())
        return;
    TEST_CHECK(start_all() == count && all_wait(), "%u faults wait", (unsigned)count);
    pager.mode = PAGER_HOLDS;
    if (received) {
        pager_run(&pager, UTCB_PAGER, &rig, domain.space);
        TEST_CHECK(kit_wait_word(&pager.served, 1), "one of them has been received");
    }
    uint64_t start = iris_clock_monotonic();
    bare_end(&pager.thread);
    TEST_EQUAL(iris_object_destroy(rig.port), 0, "the pager is killed");
    TEST_EQUAL(endings(exits.port, count, IRIS_EXIT_FAULT, 14), count,
               "each thread ends by its fault");
    test_metric("pager_killed", (iris_clock_monotonic() - start) / 1000, "us", "threads=%u",
                (unsigned)count);
    TEST_EQUAL(kit_space(domain.space).threads, 0, "the space is there, without threads");
    finish();
}

void test_storm(void)
{
    uint32_t left = kit_pages_left() - 8;

    count = left < OVERHEAD + 16 ? 0 : (left - OVERHEAD) * 8 / 9;
    count = count > THREADS ? THREADS : count;
    if (!TEST_CHECK(count >= 32, "kernel pages for %u threads", (unsigned)count))
        return;
    check_storm(PAGER_SERVES, "serves");
    check_storm(PAGER_REFUSES, "refuses");
    check_killed(false);
    check_killed(true);
}
