/* SPDX-License-Identifier: MIT */
/*
 * A budget is depleted while servers work on it. Who calls the same server helps it along the
 * chain, on its own time, and need not wait for the other's next period.
 */
#include "t_sched.h"

enum { CLIENT = BARE_UTCB_FIRST, FRONT, BACK };
enum { QUICK = 1, LONG };
#define STEPS 2000000u /* several ms on any machine */
#define FAR 8000       /* ms: a period that does not end while we look */

static struct rig front, back;
static struct bare client, front_server, back_server;
static volatile uint32_t worked, answered;
static volatile bool chained;

static void work(uint32_t label)
{
    for (unsigned i = 0; label == LONG && worked < STEPS && i < STEPS; i++)
        worked++;
}

static void serve_back(void *unused)
{
    struct iris_message m;

    (void)unused;
    int error = iris_port_bind(back.port);
    if (error == 0)
        error = iris_ipc_wait(&m);
    while (error == 0) {
        work(iris_tag_label(m.tag));
        m.tag = IRIS_TAG(0, 0);
        error = iris_ipc_reply_and_wait(&m);
    }
}

static void serve_front(void *unused)
{
    struct iris_message m;

    (void)unused;
    int error = iris_port_bind(front.port);
    if (error == 0)
        error = iris_ipc_wait(&m);
    while (error == 0) {
        uint32_t label = iris_tag_label(m.tag);
        m.tag = IRIS_TAG(label, 0);
        if (chained)
            iris_ipc_call(back.client, &m);
        else
            work(label);
        m.tag = IRIS_TAG(0, 0);
        error = iris_ipc_reply_and_wait(&m);
    }
}

static volatile int result;

/* `patience`: ms until it gives the call up; NULL: never. */
static void call_long(void *patience)
{
    struct iris_message m = {.tag = IRIS_TAG(LONG, 0)};

    if (patience) {
        m.tag |= IRIS_TAG_DEADLINE;
        iris_utcb()->deadline = iris_clock_monotonic() + (uint32_t)patience * MS;
    }
    result = iris_ipc_call(front.client, &m);
    answered = 1;
    spin((void *)&answered);
}

/* The servers' own budgets are depleted as well: nothing but the callers' time moves them. */
static bool arrange(bool chain, uint32_t patience)
{
    struct terms own = {LOW, 10, 0, NONE, 0}, limited = {MIDDLE, 2, FAR, NONE, 0};

    chained = chain;
    worked = answered = 0;
    return rig_make(&front, 2, 0) && rig_make(&back, 3, 0) &&
           run_on(&front_server, FRONT, own, serve_front, NULL) &&
           run_on(&back_server, BACK, own, serve_back, NULL) &&
           reaches(FRONT, IRIS_THREAD_WAITING) && reaches(BACK, IRIS_THREAD_WAITING) &&
           bare_create(&client, 0, CLIENT) == 0 && terms_set(client.handle, limited) == 0 &&
           bare_start(&client, call_long, (void *)patience) == 0;
}

static bool wait_depleted(void)
{
    uint64_t end = kit_soon(KIT_PATIENCE);

    while (look(CLIENT).depletions == 0 && iris_clock_monotonic() < end)
        sleep_for(2 * MS);
    return look(CLIENT).depletions == 1;
}

static void check_stopped(const char *what)
{
    uint32_t before = worked;

    TEST_CHECK(before > 0 && before < STEPS, "%s stopped after %u of %u steps", what,
               (unsigned)before, STEPS);
    sleep_for(30 * MS);
    TEST_EQUAL(worked, before, "and does not go on by itself");
    TEST_EQUAL(look(CLIENT).state, IRIS_THREAD_CALLING, "its caller awaits the reply");
}

static void check(bool chain, const char *what)
{
    struct iris_message m = {.tag = IRIS_TAG(QUICK, 0) | IRIS_TAG_DEADLINE};

    if (!TEST_CHECK(arrange(chain, 0) && wait_depleted(), "a client of 2 ms calls %s", what))
        return;
    check_stopped(what);
    kit_audit("with the client's budget depleted");
    uint64_t before = look(CLIENT).time;
    iris_utcb()->deadline = kit_soon(FAR / 2);
    TEST_EQUAL(iris_ipc_call(front.client, &m), 0, "another client is answered");
    TEST_EQUAL(worked, STEPS, "after the work was done, on its own time");
    TEST_EQUAL(look(CLIENT).time - before, 0, "none of which the first has to pay");
    TEST_CHECK(look(CLIENT).state == IRIS_THREAD_READY && answered == 0,
               "who has its answer, but does not run");
    terms_set(client.handle, (struct terms){MIDDLE, 10, 0, NONE, 0});
    sleep_for(5 * MS);
    TEST_CHECK(answered > 0, "until its budget lets it");
    bare_end(&client);
    bare_end(&front_server);
    bare_end(&back_server);
    rig_free(&front);
    rig_free(&back);
    kit_audit("after all have ended");
}

/* The client ends while it is depleted, in mid-call: the server goes on at home. */
static void check_end(void)
{
    if (!TEST_CHECK(arrange(false, 0) && wait_depleted(), "a client of 2 ms calls a server"))
        return;
    bare_end(&client);
    kit_audit("with the depleted client destroyed");
    sleep_for(50 * MS);
    TEST_CHECK(reaches(FRONT, IRIS_THREAD_WAITING) && worked == STEPS,
               "whose server ends its work at home");
    bare_end(&front_server);
    bare_end(&back_server);
    rig_free(&front);
    rig_free(&back);
}

/* Its call ends while it is depleted: it is awake, but has no time. */
static void check_deadline(void)
{
    if (!TEST_CHECK(arrange(false, 40) && wait_depleted(), "a client of 2 ms and patience of 40"))
        return;
    sleep_for(60 * MS);
    TEST_CHECK(look(CLIENT).state == IRIS_THREAD_READY && answered == 0,
               "gives its call up, but does not run");
    kit_audit("with a ready thread that is depleted");
    terms_set(client.handle, (struct terms){MIDDLE, 10, 0, NONE, 0});
    sleep_for(5 * MS);
    TEST_CHECK(answered > 0 && result == -ECANCELED, "until its budget lets it (%d)", result);
    bare_end(&client);
    bare_end(&front_server);
    bare_end(&back_server);
    rig_free(&front);
    rig_free(&back);
}

void test_help(void)
{
    check(false, "a server");
    check(true, "a server behind a server");
    check_end();
    check_deadline();
}
