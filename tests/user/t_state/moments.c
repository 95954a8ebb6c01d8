/* SPDX-License-Identifier: MIT */
/* Row 26: stopped in each state, read, destroyed, made anew; it goes on as if nothing had been. */
#include <string.h>

#include "t_state.h"

static struct bare subject;
static struct rig rig;
static struct iris_state state;
static volatile uint32_t done, result, canceled;

/* A caller as the stub of an idempotent method is one: it calls again if it was cancelled. */
static void call_once(void *words_wanted)
{
    unsigned words = (unsigned)words_wanted;
    struct iris_message m;
    int error;

    do {
        message_fill(&m, 5, words, words);
        error = iris_ipc_call(rig.client, &m);
        canceled += error == -ECANCELED;
    } while (error == -ECANCELED);
    result = error ? ~0u : message_wrong(&m, words, words, 0xffffffff);
    done = 1;
}

static void begin(void (*function)(void *), void *argument)
{
    done = 0;
    canceled = 0;
    result = ~0u;
    TEST_EQUAL(bare_run(&subject, 0, UTCB_SUBJECT, function, argument), 0, "a thread");
}

static void finish(uint32_t cancellations, const char *what)
{
    TEST_CHECK(kit_wait_word(&done, 1) && result == 0, "%s: its result is right", what);
    TEST_EQUAL(canceled, cancellations, "%s: so often it was cancelled", what);
    TEST_CHECK(kit_wait_state(0, UTCB_SUBJECT, IRIS_THREAD_DEAD), "%s: and it ends", what);
    bare_end(&subject);
}

/* Receives a call and answers it; the server is this thread. */
static bool serve_one(unsigned words)
{
    struct iris_message m;

    if (iris_ipc_wait_until(&m, kit_soon(KIT_PATIENCE)) < 0 ||
        message_wrong(&m, words, words, 0) > 0)
        return false;
    message_answer(&m, 0xffffffff);
    iris_utcb()->deadline = IRIS_DEADLINE_POLL;
    m.tag |= IRIS_TAG_DEADLINE;
    return iris_ipc_reply_and_wait(&m) == -ETIMEDOUT;
}

static void check_queued(unsigned words, unsigned rounds)
{
    unsigned wrong = 0;

    begin(call_once, (void *)words);
    for (unsigned i = 0; i < rounds; i++) {
        wrong += !kit_wait_state(0, UTCB_SUBJECT, IRIS_THREAD_QUEUED);
        wrong += !reborn(&subject, 0, 0, &state);
        wrong += state.registers.state != IRIS_THREAD_QUEUED;
    }
    TEST_EQUAL(wrong, 0, "%u times born again while queued with %u words", rounds, words);
    TEST_CHECK(serve_one(words), "the call arrives, once and whole");
    finish(0, "queued");
}

static void check_received(unsigned rounds)
{
    struct iris_message m;
    unsigned wrong = 0;

    begin(call_once, (void *)40);
    for (unsigned i = 0; i < rounds; i++) {
        wrong += iris_ipc_wait_until(&m, kit_soon(KIT_PATIENCE)) < 0;
        wrong += message_wrong(&m, 40, 40, 0) != 0;
        wrong += !reborn(&subject, 0, 0, &state);
        wrong += state.registers.state != IRIS_THREAD_CALLING;
        wrong += state.registers.ebp != (IRIS_TAG(ECANCELED, 0) | IRIS_TAG_ERROR);
    }
    TEST_EQUAL(wrong, 0, "%u times born again while it awaits an answer", rounds);
    TEST_CHECK(serve_one(40), "it calls once more");
    finish(rounds, "received");
}

static void check_kept(unsigned rounds)
{
    struct iris_message m;
    uint32_t slot = kit_slot();
    unsigned wrong = 0;

    begin(call_once, (void *)4);
    for (unsigned i = 0; i < rounds; i++) {
        wrong += iris_ipc_wait_until(&m, kit_soon(KIT_PATIENCE)) < 0;
        wrong += iris_ipc_keep(slot) < 0;
        wrong += !reborn(&subject, 0, 0, &state);
        wrong += state.registers.state != IRIS_THREAD_KEPT;
        wrong += kit_object(slot, NULL) != 0; /* the right to reply is gone */
        iris_handle_close(slot);
    }
    TEST_EQUAL(wrong, 0, "%u times born again while it is kept", rounds);
    TEST_CHECK(serve_one(4), "it calls once more");
    finish(rounds, "kept");
    iris_handle_discard(slot);
}

/* ---- Waiting ---- */

/* Serves calls by complementing their words, until label 9. */
static void serve(void *deadline)
{
    struct iris_message m;

    iris_port_bind(rig.port);
    iris_utcb()->deadline = kit_soon(KIT_PATIENCE);
    m = (struct iris_message){.tag = IRIS_TAG_NO_REPLY | (deadline ? IRIS_TAG_DEADLINE : 0)};
    while (iris_ipc_reply_and_wait(&m) == 0) {
        unsigned words = iris_tag_words(m.tag);
        bool last = iris_tag_label(m.tag) == 9;
        message_answer(&m, 0xffffffff);
        m.tag = IRIS_TAG(last ? 1 : 0, words);
        if (deadline || last) {
            iris_utcb()->deadline = last ? IRIS_DEADLINE_POLL : kit_soon(KIT_PATIENCE);
            m.tag |= IRIS_TAG_DEADLINE;
        }
    }
    result = 0;
    done = 1;
}

static void check_waiting(bool deadline, unsigned rounds)
{
    struct iris_message m;
    unsigned wrong = 0;

    begin(serve, (void *)deadline);
    for (unsigned i = 0; i < rounds; i++) {
        wrong += !kit_wait_state(0, UTCB_SUBJECT, IRIS_THREAD_WAITING);
        if (i % 2) { /* the first wait, and one after an answer */
            message_fill(&m, 5, i % 64, i);
            wrong += iris_ipc_call(rig.client, &m) != 0;
            wrong += message_wrong(&m, i % 64, i, 0xffffffff);
        }
        wrong += !reborn(&subject, 0, rig.port, &state);
        wrong += state.registers.state != IRIS_THREAD_WAITING;
    }
    TEST_EQUAL(wrong, 0, "%u times born again while it waits%s, and calls in between", rounds,
               deadline ? " with a deadline" : "");
    message_fill(&m, 9, 1, 1);
    TEST_EQUAL(iris_ipc_call(rig.client, &m), 0, "it serves its last caller");
    finish(0, "waiting");
}

/* A wait whose deadline passes while the thread is stopped. */
static void wait_shortly(void *unused)
{
    struct iris_message m;

    (void)unused;
    iris_port_bind(rig.port);
    result = iris_ipc_wait_until(&m, kit_soon(5)) != -ETIMEDOUT;
    done = 1;
}

static void check_timed(void)
{
    begin(wait_shortly, NULL);
    kit_wait_state(0, UTCB_SUBJECT, IRIS_THREAD_WAITING);
    TEST_CHECK(reborn(&subject, 0, rig.port, &state), "born again during a short wait");
    finish(0, "waiting shortly");
}

/* ---- Computing ---- */

#define STEPS 1000000u

static uint32_t mix(uint32_t value, uint32_t i) { return (value ^ i) * 2654435761u + (value >> 7); }

static volatile uint32_t computed;

static void compute(void *unused)
{
    uint32_t value = 1;

    (void)unused;
    for (uint32_t i = 0; i < STEPS; i++) {
        value = mix(value, i);
        computed = i;
        if (i % 32768 == 0)
            iris_thread_switch(0); /* so that it is stopped after a kernel call, too */
    }
    result = value;
    done = 1;
}

static void check_computing(unsigned rounds)
{
    unsigned born = 0;

    begin(compute, NULL);
    kit_wait_word(&done, 1);
    uint32_t wanted = result;
    bare_end(&subject);
    begin(compute, NULL);
    while (!done && born < rounds) {
        uint32_t seen = computed;
        born += reborn(&subject, 0, 0, &state);
        while (!done && computed == seen)
            iris_thread_switch(0);
    }
    TEST_CHECK(kit_wait_word(&done, 1), "%u times born again while it computes", born);
    TEST_EQUAL(result, wanted, "the result is that of the undisturbed run");
    bare_end(&subject);
}

void test_moments(unsigned rounds)
{
    struct iris_space_info before, after;

    rig_make(&rig, 7, 0);
    iris_port_bind(rig.port);
    check_queued(3, 1); /* what is made once is made */
    before = kit_space(0);
    check_queued(2, rounds);
    check_queued(64, rounds);
    check_received(rounds);
    check_kept(rounds);
    iris_port_bind(0);
    check_waiting(false, rounds);
    check_waiting(true, rounds);
    check_timed();
    check_computing(rounds);
    after = kit_space(0);
    TEST_CHECK(before.handles == after.handles && before.threads == after.threads,
               "no handle and no thread is left");
    kit_audit("after all rebirths");
    rig_free(&rig);
}
