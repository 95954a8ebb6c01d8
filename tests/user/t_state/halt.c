/* SPDX-License-Identifier: MIT */
/* Row 23: halted, resumed and cancelled in each state. */
#include <string.h>

#include "t_state.h"

enum { LABEL_ECHO = 1, LABEL_HOLD };

static struct bare subject, server;
static struct rig rig;
static struct iris_state state;
static volatile uint32_t done, held, go;
static volatile int result;

static void call(void *deadline)
{
    struct iris_message m = {.tag = IRIS_TAG(LABEL_HOLD, 1), .word = {77}};

    if (deadline) {
        m.tag |= IRIS_TAG_DEADLINE;
        iris_utcb()->deadline = kit_soon((uint32_t)deadline);
    }
    result = iris_ipc_call(rig.client, &m);
    if (result == 0 && m.word[0] != 78)
        result = 1;
    done = 1;
}

/* Answers without a deadline, so by the fast path if there is one. */
static void serve(void *unused)
{
    struct iris_message m;

    (void)unused;
    iris_port_bind(rig.port);
    iris_ipc_wait(&m);
    while (!(m.tag & IRIS_TAG_ERROR)) {
        if (iris_tag_label(m.tag) == LABEL_HOLD) {
            held++;
            while (!go)
                iris_thread_switch(0);
        }
        m.tag = IRIS_TAG(0, 1);
        m.word[0]++;
        iris_ipc_reply_and_wait(&m);
    }
    result = -(int)iris_tag_label(m.tag);
    done = 1;
}

static void begin(struct bare *bare, uint32_t utcb, void (*function)(void *), void *argument)
{
    done = held = go = 0;
    result = 1;
    TEST_EQUAL(bare_run(bare, 0, utcb, function, argument), 0, "a thread");
}

static uint32_t state_now(const struct bare *bare)
{
    return exchange(bare, IRIS_STATE_READ, &state) == 0 ? state.registers.state : IRIS_THREAD_DEAD;
}

static void stands_still(const struct bare *bare, enum iris_thread_state wanted)
{
    TEST_CHECK(kit_wait_state(0, bare->utcb_slot, wanted), "it is in state %u", wanted);
    for (unsigned i = 0; i < 10; i++)
        iris_thread_switch(0);
    TEST_EQUAL(done, 0, "and does not go on");
    kit_audit("meanwhile");
}

static void ends_with(int error, const char *what)
{
    TEST_CHECK(kit_wait_word(&done, 1), "%s: it goes on", what);
    TEST_EQUAL(result, error, "%s: its result", what);
    bare_end(&subject);
}

static void receive(struct iris_message *m)
{
    TEST_EQUAL(iris_ipc_wait_until(m, kit_soon(KIT_PATIENCE)), 0, "its call arrives");
}

static int answer(void)
{
    struct iris_message m = {.tag = IRIS_TAG(0, 1) | IRIS_TAG_DEADLINE, .word = {78}};

    iris_utcb()->deadline = IRIS_DEADLINE_POLL;
    return iris_ipc_reply_and_wait(&m);
}

/* ---- Callers ---- */

static void check_queued(void)
{
    struct iris_message m;

    begin(&subject, UTCB_SUBJECT, call, NULL);
    kit_wait_state(0, UTCB_SUBJECT, IRIS_THREAD_QUEUED);
    TEST_EQUAL(exchange(&subject, IRIS_STATE_HALT, NULL), 0, "a queued caller is halted");
    TEST_EQUAL(exchange(&subject, IRIS_STATE_HALT, NULL), 0, "twice");
    stands_still(&subject, IRIS_THREAD_HALTED);
    TEST_EQUAL(iris_ipc_wait_until(&m, IRIS_DEADLINE_POLL), -ETIMEDOUT, "its call is not there");
    exchange(&subject, IRIS_STATE_RESUME, NULL);
    receive(&m);
    answer();
    ends_with(0, "resumed");
}

static void check_received(bool keep)
{
    uint32_t slot = kit_slot();
    struct iris_message m;

    begin(&subject, UTCB_SUBJECT, call, NULL);
    receive(&m);
    if (keep)
        TEST_EQUAL(iris_ipc_keep(slot), 0, "its call is kept");
    TEST_EQUAL(exchange(&subject, IRIS_STATE_HALT, NULL), 0, "a caller is halted");
    TEST_EQUAL(state_now(&subject), keep ? IRIS_THREAD_KEPT : IRIS_THREAD_CALLING,
               "it still awaits its answer");
    TEST_EQUAL(exchange(&subject, IRIS_STATE_REGISTERS | IRIS_STATE_HALT, &state), -EBUSY,
               "it cannot be written then");
    m = (struct iris_message){.tag = IRIS_TAG(0, 1), .word = {78}};
    if (keep)
        TEST_EQUAL(iris_ipc_reply(slot, &m), 0, "it is answered later");
    else
        TEST_EQUAL(answer(), -ETIMEDOUT, "it is answered");
    stands_still(&subject, IRIS_THREAD_HALTED);
    exchange(&subject, IRIS_STATE_RESUME, NULL);
    ends_with(0, "resumed");
    iris_handle_discard(slot);
}

/* The reply that the halted caller must not slip through. */
static void check_fast_reply(void)
{
    TEST_EQUAL(bare_run(&server, 0, UTCB_SERVER, serve, NULL), 0, "a server");
    begin(&subject, UTCB_SUBJECT, call, NULL);
    kit_wait_word(&held, 1);
    exchange(&subject, IRIS_STATE_HALT, NULL);
    TEST_EQUAL(state_now(&subject), IRIS_THREAD_CALLING, "a served caller, halted, is served on");
    go = 1;
    stands_still(&subject, IRIS_THREAD_HALTED);
    exchange(&subject, IRIS_STATE_RESUME, NULL);
    ends_with(0, "answered while halted");
    begin(&subject, UTCB_SUBJECT, call, NULL);
    kit_wait_word(&held, 1);
    exchange(&subject, IRIS_STATE_HALT, NULL);
    exchange(&subject, IRIS_STATE_RESUME, NULL);
    go = 1;
    ends_with(0, "halted and resumed before the answer");
}

static void check_halted_server(void)
{
    struct iris_message m = {.tag = IRIS_TAG(LABEL_ECHO, 1) | IRIS_TAG_DEADLINE, .word = {4}};

    begin(&subject, UTCB_SUBJECT, call, NULL);
    kit_wait_word(&held, 1);
    TEST_EQUAL(exchange(&server, IRIS_STATE_HALT, NULL), 0, "a server is halted while it serves");
    go = 1;
    stands_still(&server, IRIS_THREAD_HALTED);
    iris_utcb()->deadline = kit_soon(3);
    TEST_EQUAL(iris_ipc_call(rig.client, &m), -ETIMEDOUT, "another caller waits in vain");
    exchange(&server, IRIS_STATE_RESUME, NULL);
    ends_with(0, "the server resumed");
    kit_wait_state(0, UTCB_SERVER, IRIS_THREAD_WAITING);
    TEST_EQUAL(exchange(&server, IRIS_STATE_HALT, NULL), 0, "it is halted while it waits");
    done = 0;
    stands_still(&server, IRIS_THREAD_HALTED);
    m = (struct iris_message){.tag = IRIS_TAG(LABEL_ECHO, 1) | IRIS_TAG_DEADLINE, .word = {4}};
    iris_utcb()->deadline = kit_soon(3);
    TEST_EQUAL(iris_ipc_call(rig.client, &m), -ETIMEDOUT, "nobody is served");
    exchange(&server, IRIS_STATE_RESUME, NULL);
    m = (struct iris_message){.tag = IRIS_TAG(LABEL_ECHO, 1), .word = {4}};
    TEST_CHECK(iris_ipc_call(rig.client, &m) == 0 && m.word[0] == 5, "until it is resumed");
}

/* A halted server is destroyed: its caller learns of it. */
static void check_destroyed_server(void)
{
    begin(&subject, UTCB_SUBJECT, call, NULL);
    kit_wait_word(&held, 1);
    exchange(&server, IRIS_STATE_HALT, NULL);
    bare_end(&server);
    ends_with(-EDEAD, "its halted server destroyed");
}

/* ---- Deadlines and cancelling ---- */

static void check_deadline(void)
{
    struct iris_message m;

    begin(&subject, UTCB_SUBJECT, call, (void *)5);
    receive(&m);
    exchange(&subject, IRIS_STATE_HALT, NULL);
    stands_still(&subject, IRIS_THREAD_HALTED);
    exchange(&subject, IRIS_STATE_RESUME, NULL);
    ends_with(-ECANCELED, "its deadline passed while it was halted");
    answer();
}

static void check_canceled(uint32_t halt, const char *what)
{
    struct iris_message m;
    uint32_t slot = kit_slot();

    begin(&subject, UTCB_SUBJECT, call, NULL);
    kit_wait_state(0, UTCB_SUBJECT, IRIS_THREAD_QUEUED);
    TEST_EQUAL(exchange(&subject, IRIS_STATE_CANCEL | halt, NULL), 0, "a queued call %s", what);
    exchange(&subject, IRIS_STATE_RESUME, NULL);
    ends_with(-ECANCELED, "cancelled while queued");
    TEST_EQUAL(iris_ipc_wait_until(&m, IRIS_DEADLINE_POLL), -ETIMEDOUT, "its call is gone");
    begin(&subject, UTCB_SUBJECT, call, NULL);
    receive(&m);
    TEST_EQUAL(exchange(&subject, IRIS_STATE_CANCEL | halt, NULL), 0, "a received call %s", what);
    TEST_EQUAL(iris_ipc_keep(slot), -ENOENT, "the right to reply is void");
    answer();
    exchange(&subject, IRIS_STATE_RESUME, NULL);
    ends_with(-ECANCELED, "cancelled while received");
    begin(&subject, UTCB_SUBJECT, call, NULL);
    receive(&m);
    iris_ipc_keep(slot);
    TEST_EQUAL(exchange(&subject, IRIS_STATE_CANCEL | halt, NULL), 0, "a kept call %s", what);
    exchange(&subject, IRIS_STATE_RESUME, NULL);
    ends_with(-ECANCELED, "cancelled while kept");
    iris_handle_discard(slot);
    iris_port_bind(0);
    begin(&subject, UTCB_SUBJECT, serve, NULL);
    kit_wait_state(0, UTCB_SUBJECT, IRIS_THREAD_WAITING);
    TEST_EQUAL(exchange(&subject, IRIS_STATE_CANCEL | halt, NULL), 0, "a wait %s", what);
    exchange(&subject, IRIS_STATE_RESUME, NULL);
    ends_with(-ECANCELED, "cancelled while waiting");
    iris_port_bind(rig.port);
}

/* ---- New threads ---- */

static void just_end(void *argument)
{
    result = (int)argument;
    done = 1;
}

static void check_new(void)
{
    begin(&subject, UTCB_SUBJECT, just_end, (void *)5);
    ends_with(5, "a usual start");
    done = 0;
    TEST_EQUAL(bare_create(&subject, 0, UTCB_SUBJECT), 0, "a new thread");
    TEST_EQUAL(exchange(&subject, IRIS_STATE_HALT | IRIS_STATE_CANCEL, NULL), 0, "halted at once");
    TEST_EQUAL(bare_start(&subject, just_end, (void *)6), 0, "can be started");
    stands_still(&subject, IRIS_THREAD_HALTED);
    exchange(&subject, IRIS_STATE_RESUME, NULL);
    ends_with(6, "resumed");
    /* Without START: the registers say all. */
    begin(&subject, UTCB_SUBJECT, just_end, NULL);
    ends_with(0, "once more");
    done = 0;
    bare_create(&subject, 0, UTCB_SUBJECT);
    exchange(&subject, IRIS_STATE_READ, &state);
    TEST_EQUAL(state.registers.state, IRIS_THREAD_NEW, "a new thread says so");
    uint32_t *stack = (uint32_t *)(subject.stack + BARE_STACK) - 4;
    stack[0] = 0; /* no return: see below */
    stack[1] = 9; /* argument */
    state.registers.ip = (uint32_t)just_end;
    state.registers.sp = (uint32_t)stack;
    state.registers.thread_pointer = (uint32_t)&subject.block;
    TEST_EQUAL(exchange(&subject, ALL_OF_IT, &state), 0, "it is written");
    TEST_EQUAL(bare_start(&subject, just_end, NULL), -EINVAL, "and cannot be started then");
    stands_still(&subject, IRIS_THREAD_HALTED);
    stack[0] = (uint32_t)iris_thread_exit; /* where its function returns to */
    exchange(&subject, IRIS_STATE_RESUME, NULL);
    ends_with(9, "resumed without START");
}

void test_halting(void)
{
    rig_make(&rig, 7, 0);
    iris_port_bind(rig.port);
    check_queued();
    check_received(false);
    check_received(true);
    check_deadline();
    check_canceled(0, "is cancelled");
    check_canceled(IRIS_STATE_HALT, "is cancelled and halted");
    iris_port_bind(0);
    check_fast_reply();
    check_halted_server();
    check_destroyed_server();
    check_new();
    rig_free(&rig);
}
