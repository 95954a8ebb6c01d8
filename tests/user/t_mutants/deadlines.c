/* SPDX-License-Identifier: MIT */
/* Deadlines end with the wait they were for, and come in their order. */
#include "t_mutants.h"

static volatile uint32_t done;
static volatile int first_result, second_result;
static uint64_t deadline;

/* The other thread: a call or send with a deadline, then a call without one. */
static void twice(void *send)
{
    struct iris_message m = {.tag = IRIS_TAG(1, 0) | IRIS_TAG_DEADLINE};

    iris_utcb()->deadline = deadline;
    first_result = send ? iris_ipc_send(rig.client, &m) : iris_ipc_call(rig.client, &m);
    m = (struct iris_message){.tag = IRIS_TAG(2, 0)};
    second_result = iris_ipc_call(rig.client, &m);
    done = 1;
}

/* Its first message arrives in time. A busy host can make the deadline pass: then again, longer. */
static bool receive_first(bool send, struct iris_message *m)
{
    for (uint32_t milliseconds = 60; milliseconds < KIT_PATIENCE; milliseconds *= 4) {
        deadline = kit_soon(milliseconds);
        if (!launch(0, twice, (void *)send))
            return false;
        kit_wait_state(0, UTCB_FIRST, IRIS_THREAD_QUEUED); /* only there its deadline is armed */
        if (iris_ipc_wait_until(m, kit_soon(milliseconds)) == 0 && iris_tag_label(m->tag) == 1)
            return true;
        bare_end(&threads[0]);
    }
    return false;
}

static void check_over(bool send)
{
    const char *what = send ? "send" : "call";
    struct iris_message m = {0};

    done = 0;
    if (!TEST_CHECK(rig_make(&rig, 1, 0) && iris_port_bind(rig.port) == 0 &&
                        receive_first(send, &m),
                    "a %s with a deadline", what))
        return;
    if (send)
        iris_ipc_wait(&m);
    else
        m.tag = IRIS_TAG(0, 0), iris_ipc_reply_and_wait(&m);
    TEST_EQUAL(iris_tag_label(m.tag), 2, "then a call without one");
    while (iris_clock_monotonic() < deadline + 20 * MS)
        iris_thread_switch(0);
    TEST_CHECK(done == 0 && thread_info(UTCB_FIRST).state == IRIS_THREAD_CALLING,
               "which the %s's deadline does not end", what);
    m.tag = IRIS_TAG(0, 0) | IRIS_TAG_DEADLINE;
    iris_utcb()->deadline = IRIS_DEADLINE_POLL;
    iris_ipc_reply_and_wait(&m);
    TEST_CHECK(kit_wait_word(&done, 1) && first_result == 0 && second_result == 0,
               "both were answered");
    clean_up();
}

/* ---- A server's wait ---- */

static volatile int wait_result;

static void serve(void *unused)
{
    struct iris_message m = {0};

    (void)unused;
    iris_port_bind(rig.port);
    wait_result = iris_ipc_wait_until(&m, deadline);
    while (wait_result == 0 && iris_tag_label(m.tag) != 9) {
        m.tag = IRIS_TAG(0, 0);
        wait_result = iris_ipc_reply_and_wait(&m);
    }
    done = 1;
}

static void check_wait(bool event)
{
    struct iris_message m = {.tag = IRIS_TAG(1, 0)};
    bool reached = false;

    done = 0;
    rig_make(&rig, 1, 1);
    for (uint32_t milliseconds = 60; !reached && milliseconds < KIT_PATIENCE; milliseconds *= 4) {
        deadline = kit_soon(milliseconds);
        launch(0, serve, NULL);
        reached = kit_wait_state(0, UTCB_FIRST, IRIS_THREAD_WAITING);
        if (reached && event)
            iris_notify(rig.client, 1);
        else if (reached)
            reached = iris_ipc_call(rig.client, &m) == 0;
        reached = reached && iris_clock_monotonic() < deadline;
        if (!reached)
            bare_end(&threads[0]);
    }
    TEST_CHECK(reached, "a server waits until a time, and %s comes before",
               event ? "an event" : "a call");
    while (iris_clock_monotonic() < deadline + 20 * MS)
        iris_thread_switch(0);
    TEST_CHECK(done == 0 && wait_result == 0 && kit_wait_state(0, UTCB_FIRST, IRIS_THREAD_WAITING),
               "then that time has no meaning");
    clean_up();
}

/* ---- Order ---- */

#define SLEEPERS 4
static struct sleeper {
    uint64_t deadline;
    volatile uint32_t place; /* in the order of waking, from 1 */
} sleepers[SLEEPERS];
static volatile uint32_t awake;

static void sleep_until(void *argument)
{
    struct sleeper *sleeper = argument;
    struct iris_message m = {0};

    iris_port_bind(rig.port);
    iris_ipc_wait_until(&m, sleeper->deadline);
    sleeper->place = ++awake;
}

static void check_order(void)
{
    static const unsigned order[SLEEPERS] = {2, 4, 1, 3};
    uint64_t base = kit_soon(200);

    awake = 0;
    rig_make(&rig, 1, 1);
    for (unsigned i = 0; i < SLEEPERS; i++) {
        sleepers[i] = (struct sleeper){.deadline = base + order[i] * 10 * MS};
        TEST_CHECK(launch(i, sleep_until, &sleepers[i]), "sleeper %u", i);
    }
    TEST_CHECK(kit_wait_word(&awake, SLEEPERS), "all wake");
    for (unsigned i = 0; i < SLEEPERS; i++)
        TEST_EQUAL(sleepers[i].place, order[i], "sleeper %u in its place", i);
    clean_up();
}

/* ---- A server that works for too long ---- */

static volatile uint32_t noticed;

static void serve_long(void *unused)
{
    struct iris_message m = {0};
    uint64_t end;

    (void)unused;
    iris_port_bind(rig.port);
    iris_ipc_wait(&m);
    end = kit_soon(2000);
    while (iris_clock_monotonic() < end && iris_ipc_copy(0, 0, 0, &m, 0) != -ENOENT)
        ;
    noticed = iris_clock_monotonic() < end;
    done = 1;
}

/* Nobody else wants the processor, and after the pause the dispatcher knows that: only the deadline
   itself can interrupt the server. */
static void check_served_long(void)
{
    struct iris_message m = {0};
    struct rig pause;

    done = noticed = 0;
    rig_make(&rig, 1, 0);
    rig_make(&pause, 2, 0);
    launch(0, serve_long, NULL);
    kit_wait_state(0, UTCB_FIRST, IRIS_THREAD_WAITING);
    iris_port_bind(pause.port);
    iris_ipc_wait_until(&m, kit_soon(20));
    iris_utcb()->deadline = kit_soon(100);
    m = (struct iris_message){.tag = IRIS_TAG(1, 0) | IRIS_TAG_DEADLINE};
    TEST_EQUAL(iris_ipc_call(rig.client, &m), -ECANCELED, "a call that is served for too long");
    TEST_CHECK(kit_wait_word(&done, 1) && noticed, "ends at its deadline, not later");
    clean_up();
    rig_free(&pause);
}

void test_deadlines(void)
{
    check_over(true);
    check_over(false);
    check_wait(true);
    check_wait(false);
    check_order();
    check_served_long();
}
