/* SPDX-License-Identifier: MIT */
/* Sleepers that end otherwise: destroyed, or with a caller that gives up. */
#include "t_word.h"

static struct iris_word four[4];

void check_ends(void)
{
    uint32_t handles = kit_space(0).handles, pages = kit_space(0).pages_used;

    for (unsigned i = 0; i < 4; i++)
        four[i] = (struct iris_word){(uint32_t)&page[i * 100], 0};
    for (unsigned i = 0; i < SLEEPERS; i++)
        TEST_CHECK(
            launch_words(i, four, 1 + i % 4, i % 2 ? kit_soon(KIT_PATIENCE) : IRIS_DEADLINE_NONE),
            "sleeper %u", i);
    bare_end(sleepers[3].bare);
    bare_end(sleepers[0].bare);
    kit_audit("after the end of two sleepers");
    TEST_EQUAL(iris_word_wake(&page[300], 9), 1, "one is left on the fourth word");
    TEST_CHECK(wait_awake(7) && sleepers[7].result == 3, "the right one");
    finish();
    kit_audit("after the end of them all");
    TEST_EQUAL(iris_word_wake(&page[0], 9), 0, "nobody sleeps any more");
    TEST_CHECK(kit_space(0).handles == handles && kit_space(0).pages_used == pages,
               "and nothing is left of them");
}

/* ---- A server sleeps while it has a caller ---- */

static struct rig rig;
static volatile int call_result;

static void call_server(void *deadline)
{
    struct iris_message m = {.tag = IRIS_TAG(1, 0) | (deadline ? IRIS_TAG_DEADLINE : 0)};

    if (deadline)
        iris_utcb()->deadline = *(uint64_t *)deadline;
    call_result = iris_ipc_call(rig.client, &m);
    sleepers[1].place = ++awake;
}

static void serve_asleep(void *argument)
{
    struct iris_message m;

    iris_port_bind(rig.port);
    iris_ipc_wait(&m);
    sleep_once(argument);
    m.tag = IRIS_TAG(0, 0);
    iris_ipc_reply_and_wait(&m);
}

/* Server and client; the server sleeps on page[0] with the client's call. */
static bool begin(uint64_t *deadline)
{
    struct iris_word word = {(uint32_t)page, 0};

    call_result = 1;
    prepare(0, &word, 1, IRIS_DEADLINE_NONE);
    prepare(1, NULL, 0, 0);
    return rig_make(&rig, 1, 0) &&
           bare_run(sleepers[0].bare, 0, UTCB_FIRST, serve_asleep, &sleepers[0]) == 0 &&
           kit_wait_state(0, UTCB_FIRST, IRIS_THREAD_WAITING) &&
           bare_run(sleepers[1].bare, 0, UTCB_FIRST + 1, call_server, deadline) == 0 &&
           kit_wait_state(0, UTCB_FIRST, IRIS_THREAD_SLEEPING);
}

static void end(void)
{
    finish();
    rig_free(&rig);
}

void check_chain(void)
{
    uint64_t deadline;

    TEST_CHECK(begin(NULL), "a server that sleeps in the middle of a call");
    kit_audit("with that");
    TEST_EQUAL(iris_word_wake(page, 1), 1, "is woken");
    TEST_CHECK(wait_awake(1) && call_result == 0 && sleepers[0].result == 0, "and answers");
    end();

    deadline = kit_soon(50);
    TEST_CHECK(begin(&deadline), "another one");
    TEST_CHECK(wait_awake(1) && call_result == -ECANCELED, "loses its caller");
    TEST_CHECK(is_asleep(0), "and sleeps on");
    TEST_EQUAL(iris_word_wake(page, 1), 1, "until it is woken");
    TEST_CHECK(wait_awake(0) && sleepers[0].result == 0, "on its own time");
    end();

    TEST_CHECK(begin(NULL), "a third one");
    bare_end(sleepers[1].bare);
    TEST_CHECK(is_asleep(0), "does not notice that its caller dies");
    kit_audit("with the caller gone");
    iris_word_wake(page, 1);
    TEST_CHECK(wait_awake(0) && sleepers[0].result == 0, "until it is woken");
    end();

    TEST_CHECK(begin(NULL), "a fourth one");
    bare_end(sleepers[0].bare);
    TEST_CHECK(wait_awake(1) && call_result == -EDEAD, "dies, and its caller learns it");
    TEST_EQUAL(iris_word_wake(page, 1), 0, "nobody sleeps there");
    end();
}
