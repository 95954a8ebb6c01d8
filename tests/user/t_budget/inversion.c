/* SPDX-License-Identifier: MIT */
/*
 * Attack 18: low holds a server, middle spins, high calls. The server runs on high's budget until
 * it is free, so high waits for the rest of low's work and not for middle, which never ends.
 */
#include "t_budget.h"

#include <string.h>

enum { LOW = UTCB_FIRST, MIDDLE, SERVER, BEHIND };
enum { BIT_HELD = 1, BIT_SPINS = 2 };
#define STEPS 20000u

static struct rig news, front, back; /* of main; of the server; of the one behind it */
static struct bare low, middle, server, behind;
static volatile uint32_t stop, spins, worked;
static bool chained;

static void work(void)
{
    iris_notify(news.client, BIT_HELD); /* main is above us and runs at once */
    for (unsigned i = 0; i < STEPS; i++)
        worked++;
}

/* Word 0 tells whose call it is: low's means work. */
static void serve(struct rig *rig, bool forward)
{
    struct iris_message m;
    int error = iris_port_bind(rig->port);

    if (error == 0)
        error = iris_ipc_wait(&m);
    while (error == 0) {
        if (forward)
            iris_ipc_call(back.client, &m);
        else if (m.word[0] == LOW)
            work();
        m.tag = IRIS_TAG(0, 1);
        error = iris_ipc_reply_and_wait(&m);
    }
}

static void serve_front(void *unused)
{
    (void)unused;
    serve(&front, chained);
}

static void serve_back(void *unused)
{
    (void)unused;
    serve(&back, false);
}

static void call_low(void *unused)
{
    struct iris_message m = {.tag = IRIS_TAG(1, 1), .word = {LOW}};

    (void)unused;
    iris_ipc_call(front.client, &m);
}

static void spin(void *unused)
{
    (void)unused;
    iris_notify(news.client, BIT_SPINS);
    while (!stop)
        spins++;
}

static bool run_at(struct bare *bare, uint32_t utcb_slot, uint32_t priority,
                   void (*function)(void *))
{
    return bare_create(bare, 0, utcb_slot) == 0 &&
           iris_thread_schedule(bare->handle, priority, 0, 0, 0, 0) == 0 &&
           bare_start(bare, function, NULL) == 0;
}

static bool hears(uint32_t bit)
{
    struct iris_message m;
    return iris_ipc_wait_until(&m, kit_soon(KIT_PATIENCE)) == 0 && m.word[0] == bit;
}

/* Servers at the lowest priority: whose time they take is what decides. */
static bool arrange(uint32_t top)
{
    stop = spins = worked = 0;
    return rig_make(&news, 1, 3) && rig_make(&front, 2, 0) && rig_make(&back, 3, 0) &&
           iris_port_bind(news.port) == 0 && run_at(&server, SERVER, top - 2, serve_front) &&
           run_at(&behind, BEHIND, top - 2, serve_back) && run_at(&low, LOW, top - 2, call_low) &&
           hears(BIT_HELD) && run_at(&middle, MIDDLE, top - 1, spin) && hears(BIT_SPINS);
}

static void check(bool chain, const char *name)
{
    struct iris_message m = {.tag = IRIS_TAG(1, 1) | IRIS_TAG_DEADLINE, .word = {0}};

    chained = chain;
    if (!TEST_CHECK(arrange(kit_priority()), "low holds %s, middle spins", name))
        return;
    uint32_t spins_before = spins, worked_before = worked;
    TEST_CHECK(worked_before < STEPS, "the work is not done yet (%u of %u)",
               (unsigned)worked_before, STEPS);
    kit_audit("with the server held");
    uint64_t begin = iris_clock_monotonic();
    iris_utcb()->deadline = kit_soon(KIT_PATIENCE);
    TEST_EQUAL(iris_ipc_call(front.client, &m), 0, "high calls it and is answered");
    uint64_t end = iris_clock_monotonic();
    TEST_EQUAL(worked, STEPS, "after low's work, all of it");
    TEST_EQUAL(spins - spins_before, 0, "during which middle did not run");
    test_metric("inversion_delay", (end - begin) / 1000, "us", "chain=%u", chain);
    stop = 1;
    bare_end(&middle);
    bare_end(&low);
    bare_end(&server);
    bare_end(&behind);
    iris_port_bind(0);
    rig_free(&news);
    rig_free(&front);
    rig_free(&back);
}

void test_inversion(void)
{
    if (!TEST_CHECK(kit_priority() >= 2, "there are two priorities below"))
        return;
    check(false, "a server");
    check(true, "a server that waits for another");
}
