/* SPDX-License-Identifier: MIT */
/* Several threads behind a port, and calls that lead to calls. */
#include "t_ipc.h"

#include <string.h>

#define UTCB_FIRST (BARE_UTCB_FIRST + 1)
#define LINKS 33 /* servers of the longest chain; the main thread calls the first */

static struct link {
    struct rig rig;
    struct bare thread;
    uint32_t next;            /* portal that it calls before it answers, 0: none */
    volatile uint32_t served; /* calls received */
} links[LINKS];

/* Passes word 0 plus one on to the next; answers with its answer, or {error, depth}. */
static void serve(void *argument)
{
    struct link *link = argument;
    struct iris_message m;
    int error = iris_port_bind(link->rig.port);

    if (error == 0)
        error = iris_ipc_wait(&m);
    while (error == 0) {
        uint32_t depth = m.word[0] + 1;
        link->served++;
        if (link->next) {
            m.tag = IRIS_TAG(1, 1);
            m.word[0] = depth;
            error = iris_ipc_call(link->next, &m);
        } else {
            m.word[0] = 0;
            m.word[1] = depth;
        }
        if (error) {
            m.word[0] = (uint32_t)-error;
            m.word[1] = depth;
        }
        m.tag = IRIS_TAG(0, 2);
        error = iris_ipc_reply_and_wait(&m);
    }
}

static bool start(unsigned i)
{
    memset(&links[i], 0, sizeof links[i]);
    return rig_make(&links[i].rig, i, 0) &&
           bare_run(&links[i].thread, 0, UTCB_FIRST + i, serve, &links[i]) == 0;
}

static void end(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        bare_end(&links[i].thread);
        rig_free(&links[i].rig);
    }
}

static int call(uint32_t portal, struct iris_message *m)
{
    *m = (struct iris_message){.tag = IRIS_TAG(1, 1), .word = {0}};
    return iris_ipc_call(portal, m);
}

/* ---- 31 deep, and no deeper ---- */

void test_depth(void)
{
    struct iris_message m;
    unsigned started = 0;

    while (started < LINKS && start(started)) {
        if (started > 0)
            links[started - 1].next = links[started].rig.client;
        started++;
    }
    if (TEST_EQUAL(started, LINKS, "a chain of %u servers", LINKS)) {
        TEST_EQUAL(call(links[0].rig.client, &m), 0, "a call through all of them");
        TEST_CHECK(m.word[0] == EOVERFLOW && m.word[1] == 31,
                   "ends at the 31st, which gets EOVERFLOW (%u after %u)", (unsigned)m.word[0],
                   (unsigned)m.word[1]);
        links[30].next = 0;
        TEST_EQUAL(call(links[0].rig.client, &m), 0, "a call through 31 of them");
        TEST_CHECK(m.word[0] == 0 && m.word[1] == 31, "succeeds");
        TEST_EQUAL(call(links[1].rig.client, &m), 0, "the others are not hurt");
        TEST_CHECK(m.word[0] == 0 && m.word[1] == 30, "and answer");
    }
    end(started);
}

/* ---- Deadlock ---- */

void test_deadlock(void)
{
    struct iris_message m;
    struct rig own;

    if (!TEST_CHECK(rig_make(&own, 1, 0) && iris_port_bind(own.port) == 0, "an own port"))
        return;
    TEST_EQUAL(call(own.client, &m), -EDEADLK, "calling oneself");
    for (unsigned ring = 1; ring <= 8; ring++) {
        bool ready = true;
        for (unsigned i = 0; i < ring; i++) {
            ready = ready && start(i);
            if (i > 0)
                links[i - 1].next = links[i].rig.client;
        }
        links[ring - 1].next = own.client;
        TEST_EQUAL(ready ? call(links[0].rig.client, &m) : -1, 0, "a ring of %u", ring + 1);
        TEST_CHECK(m.word[0] == EDEADLK && m.word[1] == ring, "its last call is refused: EDEADLK");
        end(ring);
    }
    iris_port_bind(0);
    rig_free(&own);
}

/* ---- One or many activations behind a port (row 38) ---- */

static struct rig shared, gate;
static struct bare servers[2], clients[2];
static volatile uint32_t received, answered[2];

/* Waits at the gate, in a call, before it answers. */
static void serve_shared(void *unused)
{
    struct iris_message m, inner;

    (void)unused;
    int error = iris_port_bind(shared.port);
    if (error == 0)
        error = iris_ipc_wait(&m);
    while (error == 0) {
        received++;
        inner = (struct iris_message){.tag = IRIS_TAG(1, 0)};
        iris_ipc_call(gate.client, &inner);
        m.tag = IRIS_TAG(0, 1);
        error = iris_ipc_reply_and_wait(&m);
    }
}

static void call_shared(void *argument)
{
    unsigned i = (unsigned)argument;
    struct iris_message m = {.tag = IRIS_TAG(1, 1), .word = {i + 10}};

    if (iris_ipc_call(shared.client, &m) == 0 && m.word[0] == i + 10)
        answered[i] = 1;
}

/* Two clients of `count` servers; both servers wait at the gate, which is this thread. */
static void check_activations(unsigned count)
{
    struct iris_message m;

    received = answered[0] = answered[1] = 0;
    rig_make(&shared, 1, 0);
    rig_make(&gate, 2, 0);
    for (unsigned i = 0; i < count; i++)
        bare_run(&servers[i], 0, UTCB_FIRST + i, serve_shared, NULL);
    for (unsigned i = 0; i < count; i++)
        kit_wait_state(0, UTCB_FIRST + i, IRIS_THREAD_WAITING);
    for (unsigned i = 0; i < 2; i++)
        bare_run(&clients[i], 0, UTCB_FIRST + 2 + i, call_shared, (void *)i);
    kit_wait_state(0, UTCB_FIRST, IRIS_THREAD_QUEUED);
    enum iris_thread_state wanted = count == 2 ? IRIS_THREAD_CALLING : IRIS_THREAD_QUEUED;
    TEST_CHECK(kit_wait_state(0, UTCB_FIRST + 2, IRIS_THREAD_CALLING) &&
                   kit_wait_state(0, UTCB_FIRST + 3, wanted),
               count == 2 ? "two servers: the second caller is served at the same time"
                          : "one server: the second caller is queued");
    TEST_EQUAL(received, count, "%u of them received", count);
    kit_audit("with callers queued at servers that are queued themselves");
    iris_port_bind(gate.port);
    iris_ipc_wait_until(&m, kit_soon(KIT_PATIENCE));
    m.tag = IRIS_TAG(0, 0);
    iris_ipc_reply_and_wait(&m);
    m.tag = IRIS_TAG(0, 0) | IRIS_TAG_DEADLINE;
    iris_utcb()->deadline = IRIS_DEADLINE_POLL;
    iris_ipc_reply_and_wait(&m);
    TEST_CHECK(kit_wait_word(&answered[0], 1) && kit_wait_word(&answered[1], 1),
               "in the end both have their own answers");
    iris_port_bind(0);
    for (unsigned i = 0; i < 2; i++) {
        bare_end(&clients[i]);
        bare_end(&servers[i]);
    }
    rig_free(&shared);
    rig_free(&gate);
}

void test_activations(void)
{
    check_activations(1);
    check_activations(2);
}
