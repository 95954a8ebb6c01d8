/* SPDX-License-Identifier: MIT */
/*
 * Many budgets that all find their chain blocked, or themselves used up, at the same moment: the
 * dispatcher looks at a few at a time, and nobody is forgotten.
 */
#include "t_sched.h"

#define CALLERS 24u
#define ROUNDS 40u
enum { SERVER = BARE_UTCB_FIRST, FIRST };

static struct rig front, nobody;
static struct bare server, callers[CALLERS];
static volatile uint32_t bound, rounds, answered, spins;

/* Each of its waits in vain wakes all who are queued here, and blocks them again. */
static void serve_late(void *unused)
{
    struct iris_message m;

    (void)unused;
    iris_port_bind(front.port);
    bound = 1;
    for (rounds = 0; rounds < ROUNDS; rounds++) {
        m = (struct iris_message){.tag = IRIS_TAG(1, 0) | IRIS_TAG_DEADLINE};
        iris_utcb()->deadline = iris_clock_monotonic() + MS;
        iris_ipc_call(nobody.client, &m);
    }
    int error = iris_ipc_wait(&m);
    while (error == 0) {
        m.tag = IRIS_TAG(0, 0);
        error = iris_ipc_reply_and_wait(&m);
    }
}

static void call_once(void *unused)
{
    struct iris_message m = {.tag = IRIS_TAG(1, 0)};

    (void)unused;
    if (iris_ipc_call(front.client, &m) == 0)
        answered++;
    m.tag = IRIS_TAG(1, 0);
    iris_ipc_call(nobody.client, &m);
}

static void end_all(void)
{
    for (unsigned i = 0; i < CALLERS; i++)
        bare_end(&callers[i]);
}

static void check_blocked(void)
{
    unsigned made = 0;

    answered = 0;
    bool ready = rig_make(&front, 2, 0) && rig_make(&nobody, 3, 0) &&
                 run_on(&server, SERVER, (struct terms){LOW, 10, 0, NONE, 0}, serve_late, NULL);
    for (unsigned i = 0; i < 1000 && !bound; i++)
        sleep_for(MS);
    for (unsigned i = 0; i < CALLERS; i++)
        made +=
            run_on(&callers[i], FIRST + i, (struct terms){MIDDLE, 10, 0, NONE, 0}, call_once, NULL);
    if (!TEST_CHECK(ready && made == CALLERS, "%u callers of a server that waits in vain", CALLERS))
        return;
    sleep_for(5 * MS);
    kit_audit("while they wait");
    TEST_CHECK(rounds < ROUNDS && answered == 0, "it goes on waiting (%u)", (unsigned)rounds);
    for (unsigned i = 0; i < 200 && answered < CALLERS; i++)
        sleep_for(MS);
    TEST_EQUAL(answered, CALLERS, "then all are answered");
    end_all();
    bare_end(&server);
    rig_free(&front);
    rig_free(&nobody);
    kit_audit("after all have ended");
}

/* All used up within one turn, and replenished together. */
static void check_depleted(void)
{
    unsigned made = 0, depleted = 0;

    for (unsigned i = 0; i < CALLERS; i++)
        made += bare_create(&callers[i], 0, FIRST + i) == 0 &&
                bare_start(&callers[i], spin, (void *)&spins) == 0;
    for (unsigned i = 0; i < CALLERS; i++)
        iris_thread_schedule(callers[i].handle, LOW, 100, 10000, NONE, 0);
    sleep_for(95 * MS);
    for (unsigned i = 0; i < CALLERS; i++)
        depleted += look(FIRST + i).depletions >= 5;
    TEST_EQUAL(made, CALLERS, "%u threads with the same short share", CALLERS);
    TEST_EQUAL(depleted, CALLERS, "each had it in each period");
    end_all();
}

void test_crowd(void)
{
    check_blocked();
    check_depleted();
}
