/* SPDX-License-Identifier: MIT */
/*
 * Attack 13: a flood of notifications at a server that does not listen, and at one that does. Bits
 * coalesce, bits outside the mask never arrive, and calls are served all the same.
 */
#include <iris/summary.h>

#include <string.h>

#include "twin.h"

IRIS_SUMMARY("test: floods of notifications: [NOTIFICATIONS]");

#define MASK 0x0000ff0fu
#define FLOODERS 3
enum { SERVER = BARE_UTCB_FIRST + 1 };
enum { TWIN_PORTAL = 20 };
enum { LABEL_ECHO = 1, LABEL_STOP };

static struct twin twin;
static struct rig rig;

/* ---- The flood: from another space, with all bits, those of others included ---- */

static volatile uint32_t stop, notified[FLOODERS], refused[FLOODERS];

static void flood(void *argument)
{
    unsigned i = (unsigned)argument;
    uint32_t random = i + 1;

    while (!stop) {
        if (iris_notify(TWIN_PORTAL, kit_random(&random)) != 0)
            refused[i]++;
        notified[i]++;
    }
}

/* True: all of it flows. */
static bool flood_begin(void)
{
    bool right =
        twin_make(&twin, true) && twin_give(&twin, rig.client, TWIN_PORTAL, IRIS_RIGHT_NOTIFY) == 0;

    stop = 0;
    for (unsigned i = 0; i < FLOODERS; i++) {
        notified[i] = refused[i] = 0;
        right = right && twin_start(&twin, i, flood, (void *)i) == 0;
    }
    uint64_t end = kit_soon(KIT_PATIENCE);
    for (unsigned i = 0; right && i < FLOODERS; i++)
        while (notified[i] == 0 && iris_clock_monotonic() < end)
            iris_thread_switch(0);
    return right;
}

static void flood_end(void)
{
    uint32_t sum = 0, wrong = 0;

    stop = 1;
    for (unsigned i = 0; i < FLOODERS; i++) {
        kit_wait_state(twin.space, i, IRIS_THREAD_DEAD);
        sum += notified[i];
        wrong += refused[i];
    }
    TEST_CHECK(sum > 0, "the flood was %u notifications", (unsigned)sum);
    TEST_EQUAL(wrong, 0, "none of them failed");
    twin_free(&twin);
}

/* ---- A deaf server: nobody receives ---- */

static bool is_event(const struct iris_message *m)
{
    return m->tag == (IRIS_TAG(IRIS_EVENT_NOTIFY, 3) | IRIS_TAG_KERNEL) && m->badge == 0;
}

static void check_deaf(unsigned count)
{
    struct iris_message m;
    uint32_t pages = kit_space(0).pages_used, random = 99, expected = 0;
    unsigned wrong = 0;

    iris_port_bind(rig.port);
    for (unsigned i = 0; i < count; i++) {
        uint32_t bits = 1u << kit_random(&random) % 32;
        expected |= bits & MASK;
        wrong += iris_notify(rig.client, bits) != 0;
    }
    TEST_EQUAL(wrong, 0, "%u notifications that nobody receives", count);
    TEST_EQUAL(kit_space(0).pages_used, pages, "take no memory");
    kit_audit("with the bits pending");
    TEST_EQUAL(iris_ipc_wait_until(&m, kit_soon(KIT_PATIENCE)), 0, "in the end");
    TEST_CHECK(is_event(&m) && m.word[0] == expected, "one event has all the bits (0x%x)",
               (unsigned)m.word[0]);
    TEST_EQUAL(iris_ipc_wait_until(&m, IRIS_DEADLINE_POLL), -ETIMEDOUT, "and there is no other");
    TEST_EQUAL(iris_notify(rig.client, ~MASK), 0, "all bits outside the mask");
    TEST_EQUAL(iris_ipc_wait_until(&m, IRIS_DEADLINE_POLL), -ETIMEDOUT, "are no event");
    TEST_EQUAL(iris_notify(rig.client, 0), 0, "no bits at all");
    TEST_EQUAL(iris_ipc_wait_until(&m, IRIS_DEADLINE_POLL), -ETIMEDOUT, "neither");
    iris_port_bind(0);
}

/* ---- A server that listens, under the flood ---- */

static struct {
    volatile uint32_t events, calls, outside, empty;
} server;

static void serve(void *unused)
{
    struct iris_message m;

    (void)unused;
    int error = iris_port_bind(rig.port);
    if (error == 0)
        error = iris_ipc_wait(&m);
    while (error == 0) {
        bool event = m.tag & IRIS_TAG_KERNEL;
        if (!event) {
            bool last = iris_tag_label(m.tag) == LABEL_STOP;
            server.calls++;
            m.tag = IRIS_TAG(0, 1);
            m.word[0] = ~m.word[0];
            if (last) {
                iris_utcb()->deadline = IRIS_DEADLINE_POLL;
                m.tag |= IRIS_TAG_DEADLINE;
            }
            error = iris_ipc_reply_and_wait(&m);
            if (last)
                return;
        } else {
            server.events++;
            server.outside += (m.word[0] & ~MASK) != 0;
            server.empty += m.word[0] == 0;
            error = iris_ipc_wait(&m);
        }
    }
}

static unsigned call_often(unsigned count, bool notify_first)
{
    unsigned wrong = 0;

    for (unsigned i = 0; i < count; i++) {
        struct iris_message m = {.tag = IRIS_TAG(LABEL_ECHO, 1), .word = {i}};
        if (i % 64 == 0)
            iris_thread_switch(0); /* the flood's turn */
        if (notify_first)
            iris_notify(rig.client, ~0u);
        wrong += iris_ipc_call(rig.client, &m) != 0 || m.word[0] != ~i;
    }
    return wrong;
}

static void check_served(unsigned count)
{
    static struct bare thread;
    struct iris_message m = {.tag = IRIS_TAG(LABEL_STOP, 0)};

    memset(&server, 0, sizeof server);
    if (!TEST_CHECK(bare_run(&thread, 0, SERVER, serve, NULL) == 0 && flood_begin(),
                    "%u threads of another space flood a server", FLOODERS))
        return;
    uint64_t begin = iris_clock_monotonic();
    TEST_EQUAL(call_often(count, false), 0, "%u calls to it are answered", count);
    TEST_EQUAL(call_often(count, true), 0, "as many, each behind a notification");
    test_metric("flood_calls", (iris_clock_monotonic() - begin) / 1000, "us", "of=%u", 2 * count);
    kit_audit("in the flood");
    flood_end();
    TEST_EQUAL(iris_ipc_call(rig.client, &m), 0, "afterwards it answers too");
    TEST_EQUAL(server.calls, 2 * count + 1, "it saw each call once");
    TEST_CHECK(server.events > 0, "and %u events", (unsigned)server.events);
    TEST_EQUAL(server.outside, 0, "none with a bit outside the mask");
    TEST_EQUAL(server.empty, 0, "none without a bit");
    kit_wait_state(0, SERVER, IRIS_THREAD_DEAD);
    bare_end(&thread);
}

int main(int argc, char *argv[])
{
    unsigned count = kit_rounds(argc, argv, 10000);

    test_begin("t_flood");
    if (TEST_CHECK(rig_make(&rig, 7, MASK), "a portal with the mask 0x%x", (unsigned)MASK)) {
        check_deaf(count);
        check_served(count / 10);
        rig_free(&rig);
    }
    return test_end();
}
