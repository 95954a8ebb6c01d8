/* SPDX-License-Identifier: MIT */
/*
 * Who runs when. The main thread puts itself below all others, so that whatever it starts or wakes
 * has run, and has blocked again, when it goes on.
 */
#include "t_mutants.h"

#define LOW (-8) /* the main thread */

static volatile uint32_t count;

/* ---- At once ---- */

static void tick(void *unused)
{
    struct iris_message m = {0};

    (void)unused;
    count++;
    iris_port_bind(rig.port);
    while (iris_ipc_wait(&m) == 0)
        count++;
}

static void check_preemption(void)
{
    struct iris_message m = {.tag = IRIS_TAG(1, 0)};

    uint32_t seen[3]; /* before a report is printed, which lets others run */

    count = 0;
    rig_make(&rig, 1, 1);
    set_priority(IRIS_SLOT_THREAD, LOW);
    bool launched = launch_at(0, -4, tick, NULL);
    seen[0] = count;
    iris_notify(rig.client, 1);
    seen[1] = count;
    iris_ipc_send(rig.client, &m);
    seen[2] = count;
    TEST_CHECK(launched, "a thread of higher priority is started");
    TEST_EQUAL(seen[0], 1, "it has run at once");
    TEST_EQUAL(seen[1], 2, "and after a notification");
    TEST_EQUAL(seen[2], 3, "and after a send");
    clean_up();
}

/* ---- Queues ---- */

static volatile uint32_t answered;

static void call_with(void *number)
{
    struct iris_message m = {.tag = IRIS_TAG(1, 1), .word = {(uint32_t)number}};

    if (iris_ipc_call(rig.client, &m) == 0)
        answered++;
}

static void check_queue(void)
{
    /* Each helps the main thread, so none may be below an earlier one. */
    static const int offsets[THREADS] = {-6, -6, -4, -3};
    static const uint32_t expected[THREADS] = {3, 2, 0, 1};
    struct iris_message m = {0};

    answered = 0;
    rig_make(&rig, 1, 0);
    iris_port_bind(rig.port);
    set_priority(IRIS_SLOT_THREAD, LOW);
    for (uint32_t i = 0; i < THREADS; i++)
        TEST_CHECK(launch_at(i, offsets[i], call_with, (void *)i) &&
                       kit_wait_state(0, UTCB_FIRST + i, IRIS_THREAD_QUEUED),
                   "caller %u of priority %d is queued", (unsigned)i, offsets[i]);
    iris_ipc_wait(&m);
    for (uint32_t i = 0; i < THREADS; i++) {
        TEST_EQUAL(m.word[0], expected[i], "received as number %u", (unsigned)i);
        m.tag = IRIS_TAG(0, 0) | IRIS_TAG_DEADLINE;
        iris_utcb()->deadline = IRIS_DEADLINE_POLL;
        iris_ipc_reply_and_wait(&m);
    }
    TEST_CHECK(kit_wait_word(&answered, THREADS), "all were answered");
    clean_up();
}

/* ---- One priority: each gets its turn ---- */

static void count_once(void *unused)
{
    (void)unused;
    count++;
}

static void check_quantum(void)
{
    uint64_t end = kit_soon(3000);

    count = 0;
    rig_make(&rig, 1, 0);
    launch(0, count_once, NULL);
    while (count == 0 && iris_clock_monotonic() < end)
        ; /* without giving way */
    TEST_EQUAL(count, 1, "another thread of the same priority gets its turn");
    clean_up();
}

static void check_ceiling(void)
{
    uint32_t ceiling = kit_space(0).ceiling, slot = kit_slot();

    if (!TEST_CHECK(ceiling + 1 < IRIS_PRIORITIES, "own ceiling %u", (unsigned)ceiling))
        return;
    TEST_EQUAL(iris_space_create(slot, 16, ceiling + 1, 0, 0, 0), -EPERM, "a space above it");
    TEST_EQUAL(iris_thread_create(0, slot, UTCB_FIRST, ceiling + 1), -EPERM, "a thread above it");
    TEST_EQUAL(iris_thread_schedule(IRIS_SLOT_THREAD, ceiling + 1, 0, 0, 0, 0), -EPERM,
               "rising above it");
    iris_handle_discard(slot);
}

void test_priority(void)
{
    check_preemption();
    check_queue();
    check_quantum();
    check_ceiling();
}

/* ---- Helping: a queued caller lends its priority to the busy server, along the chain ---- */

enum { SERVER, CALLER, MIDDLE, HIGH };

static struct rig inner; /* served by `behind`, for the longer chain */
static struct bare behind;
static volatile uint32_t high_done, middle_waited, middle_done;
static volatile bool long_chain;

static void call_high(void *number)
{
    call_with(number);
    high_done = 1;
}

/* Gets in the way of everything below it, until the high caller has its answer. */
static void hog(void *unused)
{
    uint64_t end = iris_clock_monotonic() + 2000 * MS;

    (void)unused;
    launch_at(HIGH, -2, call_high, (void *)2);
    while (!high_done && iris_clock_monotonic() < end)
        ;
    middle_waited = high_done;
    middle_done = 1;
}

/* While it works for the low caller, the hog and then the high caller come up. */
static void work(void)
{
    launch_at(MIDDLE, -4, hog, NULL);
    spin(5 * MS);
}

static void serve_inner(void *unused)
{
    struct iris_message m = {0};

    (void)unused;
    iris_port_bind(inner.port);
    iris_ipc_wait(&m);
    for (;;) {
        work();
        m.tag = IRIS_TAG(0, 0);
        iris_ipc_reply_and_wait(&m);
    }
}

static void serve(void *unused)
{
    struct iris_message m = {0}, ask;

    (void)unused;
    iris_port_bind(rig.port);
    iris_ipc_wait(&m);
    for (;;) {
        if (m.word[0] == 1 && long_chain) {
            ask = (struct iris_message){.tag = IRIS_TAG(1, 0)};
            iris_ipc_call(inner.client, &ask);
        } else if (m.word[0] == 1) {
            work();
        }
        m.tag = IRIS_TAG(0, 0);
        iris_ipc_reply_and_wait(&m);
    }
}

static void check_helping(bool chain)
{
    answered = high_done = middle_waited = middle_done = 0;
    long_chain = chain;
    rig_make(&rig, 1, 0);
    rig_make(&inner, 2, 0);
    set_priority(IRIS_SLOT_THREAD, LOW);
    bare_create(&behind, 0, UTCB_FIRST + THREADS);
    set_priority(behind.handle, -7);
    bare_start(&behind, serve_inner, NULL);
    TEST_CHECK(launch_at(SERVER, -7, serve, NULL), "a server, low");
    TEST_CHECK(launch_at(CALLER, -6, call_with, (void *)1), "its caller, low");
    TEST_CHECK(kit_wait_word(&middle_done, 1), "a hog in the middle has run");
    TEST_EQUAL(middle_waited, 1, "a high caller was answered before it: %s",
               chain ? "two servers deep" : "its server was helped");
    TEST_CHECK(kit_wait_word(&answered, 2), "and the low one in the end");
    kit_audit("after helping");
    bare_end(&behind);
    clean_up();
    rig_free(&inner);
}

void test_helping(void)
{
    check_helping(false);
    check_helping(true);
}

/* ---- Time: charged to the caller ---- */

static volatile uint32_t served;

static void serve_slowly(void *unused)
{
    struct iris_message m = {0};

    (void)unused;
    iris_port_bind(rig.port);
    int error = iris_ipc_wait(&m);
    while (error == 0) {
        spin(30 * MS);
        served++;
        m.tag = IRIS_TAG(0, 0);
        error = iris_ipc_reply_and_wait(&m);
    }
}

void test_time(void)
{
    struct iris_message m = {.tag = IRIS_TAG(1, 0)};
    uint32_t own = iris_utcb()->slot;

    uint64_t before = time_of(own);
    spin(30 * MS);
    iris_thread_switch(0); /* accounting happens when the dispatcher looks */
    TEST_CHECK(time_of(own) - before > 1 * MS, "30 ms of work show in the thread's time");
    rig_make(&rig, 1, 1);
    TEST_CHECK(launch(0, serve_slowly, NULL) && kit_wait_state(0, UTCB_FIRST, IRIS_THREAD_WAITING),
               "a server");
    uint64_t servers = time_of(UTCB_FIRST);
    before = time_of(own);
    TEST_EQUAL(iris_ipc_call(rig.client, &m), 0, "works 30 ms for a caller");
    iris_thread_switch(0);
    uint64_t mine = time_of(own) - before, its = time_of(UTCB_FIRST) - servers;
    TEST_CHECK(mine > 1 * MS && its < mine / 4, "who pays: caller %u us, server %u us",
               (unsigned)(mine / 1000), (unsigned)(its / 1000));
    /* Told by an event it pays itself. */
    before = time_of(own);
    servers = time_of(UTCB_FIRST);
    iris_notify(rig.client, 1);
    TEST_CHECK(kit_wait_word(&served, 2), "works 30 ms after an event");
    iris_thread_switch(0);
    TEST_CHECK(time_of(UTCB_FIRST) - servers > 1 * MS, "and pays itself");
    clean_up();
}
