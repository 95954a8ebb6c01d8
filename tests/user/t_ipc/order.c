/* SPDX-License-Identifier: MIT */
/* Kept callers answered in another order, deadlines, notifications. The main thread is the
   server. */
#include "t_ipc.h"

#include <string.h>

#define CALLERS 4
#define UTCB_CALLER (BARE_UTCB_FIRST + 1)
#define MS 1000000ull

static struct rig rig;

static struct caller {
    struct bare thread;
    struct iris_message m; /* what it sends, then what it got */
    uint64_t deadline;
    volatile int result;
    volatile uint32_t done;
} callers[CALLERS];

static void call(void *argument)
{
    struct caller *caller = argument;

    iris_utcb()->deadline = caller->deadline;
    caller->result = iris_ipc_call(rig.client, &caller->m);
    caller->done = 1;
}

/* Starts a caller and waits until it is queued. */
static bool queue(unsigned i, uint32_t tag, uint64_t deadline)
{
    callers[i].m = (struct iris_message){.tag = tag, .word = {i * 1000}};
    callers[i].deadline = deadline;
    callers[i].done = 0;
    return bare_run(&callers[i].thread, 0, UTCB_CALLER + i, call, &callers[i]) == 0 &&
           kit_wait_state(0, UTCB_CALLER + i, IRIS_THREAD_QUEUED);
}

static bool begin(void)
{
    memset(callers, 0, sizeof callers);
    return TEST_CHECK(rig_make(&rig, 3, 0x0f) && iris_port_bind(rig.port) == 0,
                      "a port of the main thread's");
}

static void end(void)
{
    for (unsigned i = 0; i < CALLERS; i++)
        bare_end(&callers[i].thread);
    iris_port_bind(0);
    rig_free(&rig);
}

/* ---- Kept callers ---- */

static void keep_all(const uint32_t *kept)
{
    struct iris_message m;

    for (unsigned i = 0; i < CALLERS; i++) {
        int error = iris_ipc_wait_until(&m, kit_soon(KIT_PATIENCE));
        TEST_CHECK(error == 0 && m.word[0] == i * 1000, "caller %u is received in its turn", i);
        TEST_EQUAL(iris_ipc_keep(kept[i]), 0, "and kept");
    }
}

void test_kept(void)
{
    static const unsigned order[CALLERS] = {2, 0, 3, 1};
    uint32_t kept[CALLERS];
    struct iris_message m;

    if (!begin())
        return;
    TEST_EQUAL(iris_ipc_keep(kit_slot()), -ENOENT, "without a caller there is nobody to keep");
    for (unsigned i = 0; i < CALLERS; i++) {
        kept[i] = kit_slot();
        TEST_CHECK(queue(i, IRIS_TAG(1, 1), 0), "caller %u waits", i);
    }
    kit_audit("with callers queued");
    keep_all(kept);
    kit_audit("with callers kept");
    TEST_EQUAL(iris_handle_copy(kept[0], 0, kit_slot(), IRIS_RIGHT_ALL), -EPERM,
               "a REPLY handle cannot be copied");
    for (unsigned i = 0; i < CALLERS; i++) {
        unsigned who = order[i];
        m = (struct iris_message){.tag = IRIS_TAG(0, 1), .word = {who + 7}};
        TEST_EQUAL(iris_ipc_reply(kept[who], &m), 0, "caller %u is answered", who);
        TEST_CHECK(kit_wait_word(&callers[who].done, 1) && callers[who].result == 0 &&
                       callers[who].m.word[0] == who + 7,
                   "and gets its own answer");
        m = (struct iris_message){.tag = IRIS_TAG(0, 0)};
        TEST_EQUAL(iris_ipc_reply(kept[who], &m), -EBADF, "only once");
        iris_slot_free(kept[who]);
    }
    end();
}

/* ---- Deadlines ---- */

static void check_not_received(void)
{
    struct iris_message m;
    uint64_t at;

    TEST_EQUAL(iris_ipc_wait_until(&m, IRIS_DEADLINE_POLL), -ETIMEDOUT, "polling: nothing there");
    at = iris_clock_monotonic() + 20 * MS;
    TEST_EQUAL(iris_ipc_wait_until(&m, at), -ETIMEDOUT, "waiting until a time");
    TEST_CHECK(iris_clock_monotonic() >= at, "not shorter than that");
    TEST_EQUAL(iris_ipc_wait_until(&m, at), -ETIMEDOUT, "a time that has passed");
    iris_port_bind(0);
    TEST_EQUAL(iris_ipc_wait(&m), -EINVAL, "waiting at no port");
    m = (struct iris_message){.tag = IRIS_TAG(1, 0) | IRIS_TAG_DEADLINE};
    iris_utcb()->deadline = IRIS_DEADLINE_POLL;
    TEST_EQUAL(iris_ipc_call(rig.client, &m), -ETIMEDOUT, "a call when nobody waits, polling");
    m = (struct iris_message){.tag = IRIS_TAG(1, 0) | IRIS_TAG_DEADLINE};
    iris_utcb()->deadline = at = iris_clock_monotonic() + 20 * MS;
    TEST_EQUAL(iris_ipc_call(rig.client, &m), -ETIMEDOUT, "a call that is never received");
    TEST_CHECK(iris_clock_monotonic() >= at, "waited for its deadline");
    m = (struct iris_message){.tag = IRIS_TAG(1, 0) | IRIS_TAG_DEADLINE};
    iris_utcb()->deadline = kit_soon(20);
    TEST_EQUAL(iris_ipc_send(rig.client, &m), -ETIMEDOUT, "a send as well");
    iris_port_bind(rig.port);
    TEST_EQUAL(iris_ipc_wait_until(&m, IRIS_DEADLINE_POLL), -ETIMEDOUT, "none of them arrives");
}

/* Receives a call that has a deadline of so many milliseconds. A busy host can make that pass
   before: then again, longer. */
static bool receive_timed(unsigned i, struct iris_message *m, uint32_t milliseconds)
{
    for (; milliseconds < KIT_PATIENCE; milliseconds *= 4) {
        queue(i, IRIS_TAG(1, 1) | IRIS_TAG_DEADLINE, kit_soon(milliseconds));
        if (iris_ipc_wait_until(m, IRIS_DEADLINE_POLL) == 0)
            return true;
        bare_end(&callers[i].thread);
    }
    return false;
}

static void check_received(void)
{
    struct iris_message m;
    uint32_t kept = kit_slot();

    TEST_CHECK(receive_timed(0, &m, 50), "a call with deadline is received");
    TEST_CHECK(kit_wait_word(&callers[0].done, 1) && callers[0].result == -ECANCELED,
               "and cancelled when it gets no answer");
    TEST_EQUAL(iris_ipc_copy(0, 0, 0, &m, 0), -ENOENT, "its server has no caller any more");
    iris_utcb()->deadline = IRIS_DEADLINE_POLL;
    m = (struct iris_message){.tag = IRIS_TAG(0, 1) | IRIS_TAG_DEADLINE, .word = {1}};
    TEST_EQUAL(iris_ipc_reply_and_wait(&m), -ETIMEDOUT, "a late answer goes nowhere");
    bare_end(&callers[0].thread);

    TEST_CHECK(receive_timed(1, &m, 1000), "another such call");
    kit_audit("with a call under way that has a deadline");
    TEST_EQUAL(iris_ipc_keep(kept), 0, "is kept");
    TEST_CHECK(kit_wait_word(&callers[1].done, 1) && callers[1].result == -ECANCELED,
               "and cancelled");
    bare_end(&callers[1].thread);
    TEST_CHECK(queue(1, IRIS_TAG(1, 1), 0), "the same caller calls again");
    iris_ipc_wait_until(&m, kit_soon(KIT_PATIENCE));
    struct iris_message late = {.tag = IRIS_TAG(0, 1), .word = {666}};
    int error = iris_ipc_reply(kept, &late);
    TEST_CHECK(error == -EDEAD || error == -EBADF, "the late answer is refused (%d)", error);
    TEST_EQUAL(callers[1].done, 0, "and reaches nobody");
    m = (struct iris_message){.tag = IRIS_TAG(0, 1) | IRIS_TAG_DEADLINE, .word = {42}};
    iris_utcb()->deadline = IRIS_DEADLINE_POLL;
    iris_ipc_reply_and_wait(&m);
    TEST_CHECK(kit_wait_word(&callers[1].done, 1) && callers[1].m.word[0] == 42,
               "the second call has its own answer");
    iris_handle_discard(kept);
}

/* A server that waits again without an answer gives its caller up. */
static void check_given_up(void)
{
    struct iris_message m;

    TEST_CHECK(queue(2, IRIS_TAG(1, 1), 0), "a call without deadline");
    TEST_EQUAL(iris_ipc_wait_until(&m, kit_soon(KIT_PATIENCE)), 0, "is received");
    TEST_EQUAL(iris_ipc_wait_until(&m, IRIS_DEADLINE_POLL), -ETIMEDOUT, "the server waits again");
    TEST_CHECK(kit_wait_word(&callers[2].done, 1) && callers[2].result == -ECANCELED,
               "without an answer: cancelled");
    TEST_CHECK(queue(3, IRIS_TAG(1, 1), 0), "a call through a portal");
    iris_notify(rig.client, 1);
    kit_audit("with a caller queued and an event pending");
    TEST_EQUAL(iris_object_destroy(rig.own), 0, "that is revoked");
    TEST_CHECK(kit_wait_word(&callers[3].done, 1) && callers[3].result == -EDEAD, "is dead");
}

void test_deadlines(void)
{
    if (!begin())
        return;
    check_not_received();
    check_received();
    check_given_up();
    end();
}

/* ---- Notifications ---- */

static bool is_event(const struct iris_message *m, uint32_t bits)
{
    return m->tag == (IRIS_TAG(IRIS_EVENT_NOTIFY, 3) | IRIS_TAG_KERNEL) && m->word[0] == bits;
}

static void check_order(void)
{
    struct iris_message m;

    TEST_CHECK(queue(0, IRIS_TAG(1, 1), 0) && queue(1, IRIS_TAG(1, 1), 0), "two callers wait");
    iris_notify(rig.client, 1);
    iris_notify(rig.client, 2);
    TEST_EQUAL(iris_ipc_wait(&m), 0, "an event");
    TEST_CHECK(is_event(&m, 3), "comes first, with all its bits");
    iris_notify(rig.client, 4);
    iris_ipc_wait(&m);
    TEST_CHECK(!(m.tag & IRIS_TAG_KERNEL) && m.word[0] == 0, "then a caller, though bits came in");
    m.tag = IRIS_TAG(0, 0);
    iris_ipc_reply_and_wait(&m);
    TEST_CHECK(is_event(&m, 4), "then these");
    iris_ipc_wait(&m);
    TEST_CHECK(!(m.tag & IRIS_TAG_KERNEL) && m.word[0] == 1000, "then the other caller");
    m.tag = IRIS_TAG(0, 0) | IRIS_TAG_DEADLINE;
    iris_utcb()->deadline = IRIS_DEADLINE_POLL;
    TEST_EQUAL(iris_ipc_reply_and_wait(&m), -ETIMEDOUT, "and then nothing");
    kit_wait_word(&callers[0].done, 1);
    kit_wait_word(&callers[1].done, 1);
}

void test_notifications(void)
{
    struct iris_message m;
    uint32_t mute = kit_slot();

    if (!begin())
        return;
    for (unsigned i = 0; i < 100; i++)
        iris_notify(rig.client, 1u << i % 4);
    TEST_EQUAL(iris_ipc_wait_until(&m, kit_soon(KIT_PATIENCE)), 0, "100 notifications");
    TEST_CHECK(is_event(&m, 0xf), "arrive as one, no bit lost");
    TEST_EQUAL(iris_ipc_wait_until(&m, IRIS_DEADLINE_POLL), -ETIMEDOUT, "and only once");
    TEST_EQUAL(iris_notify(rig.client, 0xffffff02), 0, "bits outside the portal's mask");
    iris_ipc_wait_until(&m, kit_soon(KIT_PATIENCE));
    TEST_CHECK(is_event(&m, 2), "do not arrive");
    TEST_EQUAL(iris_notify(rig.client, 0xf0), 0, "only such bits");
    TEST_EQUAL(iris_ipc_wait_until(&m, IRIS_DEADLINE_POLL), -ETIMEDOUT, "are no event");
    iris_handle_copy(rig.client, 0, mute, IRIS_RIGHT_CALL);
    TEST_EQUAL(iris_notify(mute, 1), -EPERM, "without the right NOTIFY: refused");
    TEST_EQUAL(iris_notify(rig.port, 1), -EBADF, "a port is not notified itself");
    iris_handle_discard(mute);
    check_order();
    end();
}
