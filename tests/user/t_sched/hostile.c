/* SPDX-License-Identifier: MIT */
/* What thread_schedule and thread_switch refuse, and what they survive. */
#include "t_sched.h"

#include "twin.h"

enum { VICTIM = BARE_UTCB_FIRST, OTHER };

static struct bare victim;
static volatile uint32_t count;

static void check_values(void)
{
    static const struct {
        uint32_t priority, quantum, period, spare;
        int error;
    } tries[] = {
        {64, 0, 0, 0, -EINVAL},          {~0u, 0, 0, 0, -EINVAL},
        {256, 0, 0, 0, -EINVAL},         {LOW, 1000, 2000, 65, -EINVAL},
        {LOW, 1000, 2000, 256, -EINVAL}, {LOW, 1000, 2000, ~0u, -EINVAL},
        {LOW, 99, 0, 0, -EINVAL},        {LOW, 99, 1000, 0, -EINVAL},
        {LOW, 0, 1000, 0, -EINVAL},      {LOW, 1001, 1000, 0, -EINVAL},
        {LOW, 10000001, 0, 0, -EINVAL},  {LOW, ~0u, ~0u, 0, -EINVAL},
        {LOW, 1000, ~0u, 0, -EINVAL},    {LOW, 1000, 10000001, 0, -EINVAL},
        {63, 0, 0, 0, -EPERM},           {LOW, 1000, 2000, 63, -EPERM},
        {LOW, 100, 100, NONE, 0},        {LOW, 10000000, 10000000, NONE, 0},
        {LOW, 100, 10000000, NONE, 0},   {LOW, 10000000, 0, LOW, 0},
    };

    for (unsigned i = 0; i < sizeof tries / sizeof *tries; i++)
        TEST_EQUAL(iris_thread_schedule(victim.handle, tries[i].priority, tries[i].quantum,
                                        tries[i].period, tries[i].spare, 0),
                   tries[i].error, "schedule(%x, %x, %x, %x)", (unsigned)tries[i].priority,
                   (unsigned)tries[i].quantum, (unsigned)tries[i].period, (unsigned)tries[i].spare);
}

static void check_portals(void)
{
    struct rig rig;
    uint32_t silent = kit_slot();

    rig_make(&rig, 1, 1);
    iris_handle_copy(rig.client, 0, silent, IRIS_RIGHT_CALL);
    TEST_EQUAL(iris_thread_schedule(victim.handle, LOW, 100, 1000, NONE, silent), -EPERM,
               "a portal without NOTIFY");
    TEST_EQUAL(iris_thread_schedule(victim.handle, LOW, 100, 1000, NONE, rig.port), -EBADF,
               "a port is no portal");
    TEST_EQUAL(iris_thread_schedule(victim.handle, LOW, 100, 1000, NONE, 0xfff0), -EBADF,
               "nothing is no portal");
    iris_object_destroy(rig.own);
    TEST_EQUAL(iris_thread_schedule(victim.handle, LOW, 100, 1000, NONE, rig.client), -EDEAD,
               "a dead portal");
    iris_handle_discard(silent);
    rig_free(&rig);
}

static void check_switch(void)
{
    uint32_t weak = kit_slot();
    struct rig rig;

    rig_make(&rig, 1, 1);
    TEST_EQUAL(iris_thread_switch(0xfff0), -EBADF, "lending to nothing");
    TEST_EQUAL(iris_thread_switch(rig.port), -EBADF, "lending to a port");
    TEST_EQUAL(iris_thread_switch(victim.handle), -EAGAIN, "to a thread that was not started");
    iris_handle_copy(victim.handle, 0, weak, IRIS_RIGHT_COPY);
    TEST_EQUAL(iris_thread_switch(weak), -EPERM, "to a thread one has no control over");
    TEST_EQUAL(iris_thread_schedule(weak, LOW, 0, 0, 0, 0), -EPERM, "whose terms one cannot set");
    TEST_EQUAL(iris_thread_switch(IRIS_SLOT_THREAD), 0, "to oneself");
    iris_handle_discard(weak);
    rig_free(&rig);
}

/* A priority is no way out of depletion, and a depleted thread can end. */
static void check_depleted(void)
{
    bare_start(&victim, spin, (void *)&count);
    terms_set(victim.handle, (struct terms){LOW, 1, 8000, NONE, 0});
    sleep_for(20 * MS);
    uint32_t before = count;
    TEST_EQUAL(look(VICTIM).depletions, 1, "a thread of 1 ms is depleted");
    iris_thread_schedule(victim.handle, HIGH, 0, 0, 0, 0);
    sleep_for(20 * MS);
    TEST_CHECK(before > 0 && count == before, "another priority does not make it run");
    TEST_EQUAL(look(VICTIM).priority, LOW, "nor is it its own yet");
    terms_set(victim.handle, (struct terms){MIDDLE, 1, 8000, LOW, 0});
    sleep_for(20 * MS);
    TEST_CHECK(count > before, "new terms do");
    TEST_EQUAL(look(VICTIM).priority, LOW, "it runs at its spare priority");
    iris_thread_schedule(victim.handle, HIGH, 0, 0, 0, 0);
    TEST_EQUAL(look(VICTIM).priority, LOW, "and is not raised before the next period");
    kit_audit("with a depleted thread that runs");
    iris_object_destroy(victim.handle);
    TEST_EQUAL(iris_thread_switch(victim.handle), -EDEAD, "nothing is lent to the dead");
    bare_end(&victim);
}

/* A space ends with threads in it that are depleted, and whose scheduler is outside. */
static void check_space(void)
{
    static struct twin twin;
    struct rig news;
    bool ready = rig_make(&news, 1, 3) && twin_make(&twin, true);

    for (unsigned i = 0; i < 3 && ready; i++)
        ready = twin_create(&twin, i) == 0 &&
                terms_set(twin.threads[i].handle,
                          (struct terms){LOW, 1, 8000, i ? LOW : NONE, news.client}) == 0 &&
                bare_start(&twin.threads[i], spin, (void *)&count) == 0;
    if (!TEST_CHECK(ready, "a space with depleted threads"))
        return;
    sleep_for(50 * MS);
    twin_free(&twin);
    kit_audit("after it was destroyed");
    rig_free(&news);
}

/* Very many very short periods: each depletion and each new one costs its owner, nobody else. */
static void check_flood(void)
{
    enum { THREADS = 8 };
    static struct bare many[THREADS];
    unsigned made = 0;
    uint64_t begin;

    for (unsigned i = 0; i < THREADS; i++) {
        made += bare_create(&many[i], 0, OTHER + i) == 0 &&
                iris_thread_schedule(many[i].handle, LOW, 100, 100 + 37 * i, i % 2 ? LOW - 1 : NONE,
                                     0) == 0 &&
                bare_start(&many[i], spin, (void *)&count) == 0;
    }
    TEST_EQUAL(made, THREADS, "threads with the shortest periods");
    begin = iris_clock_monotonic();
    sleep_for(20 * MS);
    TEST_CHECK(iris_clock_monotonic() - begin < 5000 * MS, "main still wakes up");
    kit_audit("meanwhile");
    for (unsigned i = 0; i < THREADS; i++)
        bare_end(&many[i]);
}

void test_hostile(void)
{
    if (!TEST_CHECK(bare_create(&victim, 0, VICTIM) == 0, "a thread to try things on"))
        return;
    check_values();
    check_portals();
    check_switch();
    check_depleted();
    check_space();
    check_flood();
}
