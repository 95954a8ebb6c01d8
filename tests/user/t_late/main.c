/* SPDX-License-Identifier: MIT */
/*
 * Attack 16: a call ends by its deadline while it is served, and the caller calls again at once.
 * The late reply is refused, the second call gets its own. The caller is in another space. And
 * attack 17 where the ring leads through that space.
 */
#include <iris/summary.h>

#include <string.h>

#include "twin.h"

IRIS_SUMMARY("test: late replies, rings through spaces: [ROUNDS]");

#define MS 1000000ull
#define TRIES 10
enum { TWIN_PORTAL = 20, TWIN_PORT, TWIN_SECOND };
enum how { AT_ONCE, KEPT, KEPT_BOTH, HOWS };

static struct twin twin;
static struct rig rig, ring;

/* ---- The caller, in the twin ---- */

static struct {
    volatile uint32_t cancelled; /* the first call's end, then: the second is on its way */
    volatile int first, second;
    volatile uint32_t first_word, second_word;
    uint64_t patience; /* ns for the first call */
    uint32_t number;
} caller;

static void call_twice(void *unused)
{
    struct iris_message m = {.tag = IRIS_TAG(1, 4) | IRIS_TAG_DEADLINE, .word = {caller.number}};

    (void)unused;
    iris_utcb()->words[3] = 0;
    iris_utcb()->deadline = iris_clock_monotonic() + caller.patience;
    caller.first = iris_ipc_call(TWIN_PORTAL, &m);
    caller.first_word = m.word[0];
    caller.cancelled = 1;
    m = (struct iris_message){.tag = IRIS_TAG(1, 4), .word = {caller.number + 1}};
    caller.second = iris_ipc_call(TWIN_PORTAL, &m);
    caller.second_word = m.word[0] ^ iris_utcb()->words[3];
}

/* The twin's thread, and the news of its end; with `wait` it ends by itself. */
static void end_thread(bool wait)
{
    if (wait)
        twin_wait(&twin);
    bare_end(&twin.threads[0]);
    if (!wait)
        twin_wait(&twin);
    iris_port_bind(rig.port);
}

/* ---- The server: the main thread ---- */

static bool is_refused(int error) { return error == -EDEAD || error == -EBADF; }

/* An answer to `number`: word 0 and word 3 differ by it. */
static struct iris_message answer_to(uint32_t number)
{
    iris_utcb()->words[3] = 0x5555;
    return (struct iris_message){.tag = IRIS_TAG(0, 4), .word = {number ^ 0x5555}};
}

/* The late reply; `m` receives the second call. */
static bool reply_late(enum how how, uint32_t kept, uint32_t other, struct iris_message *m)
{
    *m = answer_to(caller.number);
    if (how == AT_ONCE) {
        iris_utcb()->deadline = kit_soon(KIT_PATIENCE);
        m->tag |= IRIS_TAG_DEADLINE;
        return iris_ipc_reply_and_wait(m) == 0;
    }
    bool refused = true;
    if (how == KEPT)
        refused = is_refused(iris_ipc_reply(kept, m));
    bool received = iris_ipc_wait_until(m, kit_soon(KIT_PATIENCE)) == 0;
    if (how == KEPT_BOTH) {
        struct iris_message late = answer_to(caller.number);
        refused = iris_ipc_keep(other) == 0 && is_refused(iris_ipc_reply(kept, &late));
    }
    return refused && received;
}

static bool reply_last(enum how how, uint32_t other)
{
    struct iris_message m = answer_to(caller.number + 1);

    if (how == KEPT_BOTH)
        return iris_ipc_reply(other, &m) == 0;
    iris_utcb()->deadline = IRIS_DEADLINE_POLL;
    m.tag |= IRIS_TAG_DEADLINE;
    return iris_ipc_reply_and_wait(&m) == -ETIMEDOUT;
}

/* False: something was wrong. *again: the deadline came before the call was received or kept. */
static bool late_once(enum how how, uint32_t number, uint64_t patience, bool *again)
{
    struct iris_message m = {0};
    uint32_t kept = kit_slot(), other = kit_slot();

    caller.cancelled = 0;
    caller.number = number;
    caller.patience = patience;
    bool right = twin_start(&twin, 0, call_twice, NULL) == 0 &&
                 iris_ipc_wait_until(&m, kit_soon(KIT_PATIENCE)) == 0;
    *again = right && m.word[0] != number;
    if (right && !*again && how != AT_ONCE && iris_ipc_keep(kept) == -ENOENT) {
        *again = true; /* a loaded host: the deadline came between receiving and keeping */
        right = iris_ipc_wait_until(&m, kit_soon(KIT_PATIENCE)) == 0;
    }
    if (right && !*again) {
        right = kit_wait_word(&caller.cancelled, 1) && caller.first == -ECANCELED &&
                caller.first_word == 0;
        right = right && kit_wait_state(twin.space, 0, IRIS_THREAD_QUEUED);
        right = right && reply_late(how, kept, other, &m) && m.word[0] == number + 1;
    }
    right = right && reply_last(*again ? AT_ONCE : how, other);
    end_thread(right);
    right = right && caller.second == 0 && caller.second_word == number + 1;
    iris_handle_discard(kept);
    iris_handle_discard(other);
    return right;
}

static void check_late(unsigned rounds)
{
    static const char *const names[HOWS] = {"answered late", "kept, answered late",
                                            "kept twice, the first answered late"};

    for (enum how how = 0; how < HOWS; how++) {
        unsigned wrong = 0, received = 0;
        for (unsigned i = 0; i < rounds; i++) {
            bool again = true;
            uint64_t patience = 2 * MS;
            for (unsigned k = 0; k < TRIES && again; k++, patience *= 2)
                wrong += !late_once(how, i * 2 + 1000 * how, patience, &again);
            received += !again;
        }
        TEST_EQUAL(wrong, 0, "%u calls that gave up while served: %s", rounds, names[how]);
        TEST_EQUAL(received, rounds, "each was received before its deadline");
        kit_audit("after late replies");
    }
}

/* ---- Rings: main -> twin -> back to main, or to the twin itself ---- */

static volatile int ring_error;

static void serve_ring(void *portal)
{
    struct iris_message m;
    int error = iris_port_bind(TWIN_PORT);

    if (error == 0)
        error = iris_ipc_wait(&m);
    while (error == 0) {
        m = (struct iris_message){.tag = IRIS_TAG(1, 0)};
        ring_error = iris_ipc_call((uint32_t)portal, &m);
        m = (struct iris_message){.tag = IRIS_TAG(0, 1), .word = {7}};
        error = iris_ipc_reply_and_wait(&m);
    }
}

static void check_ring(uint32_t leads_to, const char *name)
{
    struct iris_message m = {.tag = IRIS_TAG(1, 0)};

    ring_error = 0;
    if (!TEST_CHECK(twin_start(&twin, 0, serve_ring, (void *)leads_to) == 0 &&
                        kit_wait_state(twin.space, 0, IRIS_THREAD_WAITING),
                    "a server in the other space that calls %s", name))
        return;
    for (unsigned i = 0; i < 3; i++) {
        m = (struct iris_message){.tag = IRIS_TAG(1, 0)};
        int error = iris_ipc_call(ring.client, &m);
        TEST_CHECK(error == 0 && m.word[0] == 7 && ring_error == -EDEADLK,
                   "gets EDEADLK (%d), and its caller an answer", -ring_error);
    }
    end_thread(false);
}

int main(int argc, char *argv[])
{
    unsigned rounds = kit_rounds(argc, argv, 20);

    test_begin("t_late");
    bool ready = twin_make(&twin, true) && rig_make(&rig, 3, 0) && rig_make(&ring, 4, 0) &&
                 iris_port_bind(rig.port) == 0 &&
                 twin_give(&twin, rig.client, TWIN_PORTAL, IRIS_RIGHT_CALL) == 0 &&
                 twin_give(&twin, ring.client, TWIN_SECOND, IRIS_RIGHT_CALL) == 0 &&
                 twin_give(&twin, ring.port, TWIN_PORT, IRIS_RIGHT_RECEIVE) == 0;
    if (TEST_CHECK(ready, "a caller's space")) {
        check_late(rounds);
        check_ring(TWIN_PORTAL, "back");
        check_ring(TWIN_SECOND, "itself");
        kit_audit("after rings");
        iris_port_bind(0);
        twin_free(&twin);
        rig_free(&rig);
        rig_free(&ring);
    }
    return test_end();
}
