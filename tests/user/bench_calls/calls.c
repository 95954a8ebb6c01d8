/* SPDX-License-Identifier: MIT */
/* Calls that do little: the cheapest one, notifications, polls, switches. */
#include "bench.h"

enum { LISTENER = BARE_UTCB_FIRST, YIELDER };

static struct rig rig;
static unsigned wrong;

static void note(bool right) { wrong += !right; }

static void null_call(void)
{
    test_metric("null_call", BENCH_LEAST(, iris_kernel_interface(), ), "instructions", "%s", "");
}

/* ---- Notify ---- */

static void notify_nobody(void)
{
    test_metric("notify", BENCH_LEAST(, note(iris_notify(rig.client, 1) == 0), ), "instructions",
                "waiting=nobody");
    struct iris_message m;
    iris_port_bind(rig.port); /* and the bit is taken again */
    TEST_EQUAL(iris_ipc_wait_until(&m, IRIS_DEADLINE_POLL), 0, "the notification is there");
    iris_port_bind(0);
}

static struct bare listener;
static volatile uint32_t heard, heard_at;

static void listen(void *port)
{
    struct iris_message m;
    int error = iris_port_bind((uint32_t)port);

    while (error == 0) {
        error = iris_ipc_wait(&m);
        heard_at = bench_ticks();
        heard++;
    }
}

static bool listener_waits(void) { return kit_wait_state(0, LISTENER, IRIS_THREAD_WAITING); }

/* The notifier goes on: the listener has no higher priority. */
static void notify_thread(void)
{
    TEST_CHECK(bare_run(&listener, 0, LISTENER, listen, (void *)rig.port) == 0 && listener_waits(),
               "a thread that waits");
    uint32_t least = BENCH_LEAST(, note(iris_notify(rig.client, 1) == 0), note(listener_waits()));
    test_metric("notify", least, "instructions", "waiting=thread");
    TEST_EQUAL(heard, rounds, "which heard all");
}

/* Until the listener runs, which has a higher priority. */
static void notify_wakes(void)
{
    uint32_t least = ~0u, priority = kit_priority();

    TEST_EQUAL(iris_thread_schedule(IRIS_SLOT_THREAD, priority - 1, 0, 0, 0, 0), 0, "below it");
    note(listener_waits());
    for (unsigned round = 0; round < rounds; round++) {
        uint32_t begin = bench_ticks();
        iris_notify(rig.client, 1);
        least = bench_least(heard_at - begin, least);
    }
    test_metric("notify_wakeup", least - bench_ticks_cost(), "instructions", "spaces=1");
    TEST_EQUAL(heard, 2 * rounds, "it heard all of these too");
    iris_thread_schedule(IRIS_SLOT_THREAD, priority, 0, 0, 0, 0);
    bare_end(&listener);
}

/* ---- Polls that find nothing ---- */

static void poll_call(void)
{
    struct iris_message m;
    uint32_t least = BENCH_LEAST((m = (struct iris_message){.tag = IRIS_TAG_DEADLINE},
                                  iris_utcb()->deadline = IRIS_DEADLINE_POLL),
                                 note(iris_ipc_call(rig.client, &m) == -ETIMEDOUT), );
    test_metric("poll", least, "instructions", "operation=call");
}

static void poll_wait(void)
{
    struct iris_message m;

    iris_port_bind(rig.port);
    uint32_t least =
        BENCH_LEAST(, note(iris_ipc_wait_until(&m, IRIS_DEADLINE_POLL) == -ETIMEDOUT), );
    test_metric("poll", least, "instructions", "operation=wait");
    iris_port_bind(0);
}

/* ---- Switches: to a thread that gave up the processor in the same way ---- */

static volatile uint32_t switched_at, stop;

static void yield(void *unused)
{
    (void)unused;
    while (!stop) {
        switched_at = bench_ticks();
        iris_thread_switch(0);
    }
}

static void context_switch(unsigned spaces)
{
    static struct twin twin;
    static struct bare own;
    uint32_t least = ~0u;

    stop = 0;
    bool runs = spaces == 2 ? twin_make(&twin, true) && twin_start(&twin, 0, yield, NULL) == 0
                            : bare_run(&own, 0, YIELDER, yield, NULL) == 0;
    TEST_CHECK(runs, "a thread to switch to");
    iris_thread_switch(0);
    for (unsigned round = 0; round < rounds; round++) {
        uint32_t begin = bench_ticks();
        iris_thread_switch(0);
        least = bench_least(switched_at - begin, least);
    }
    test_metric("context_switch", least - bench_ticks_cost(), "instructions", "spaces=%u", spaces);
    stop = 1;
    TEST_CHECK(
        kit_wait_state(spaces == 2 ? twin.space : 0, spaces == 2 ? 0 : YIELDER, IRIS_THREAD_DEAD),
        "it ends");
    if (spaces == 2)
        twin_free(&twin);
    else
        bare_end(&own);
}

void bench_calls(void)
{
    wrong = 0;
    if (!TEST_CHECK(rig_make(&rig, 1, 1), "a port"))
        return;
    null_call();
    notify_nobody();
    notify_thread();
    notify_wakes();
    poll_call();
    poll_wait();
    context_switch(1);
    context_switch(2);
    rig_free(&rig);
    TEST_EQUAL(wrong, 0, "every call did what it should");
}
