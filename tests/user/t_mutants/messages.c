/* SPDX-License-Identifier: MIT */
/* DISCONNECT in its place; what a message can and cannot say; a send to a sleeping server. */
#include "t_mutants.h"

static volatile uint32_t done, seen_tag;
static volatile int result;

static void call_once(void *portal)
{
    struct iris_message m = {.tag = IRIS_TAG(1, 1), .word = {5}};

    result = iris_ipc_call((uint32_t)portal, &m);
    done = 1;
}

static bool is_disconnect(const struct iris_message *m, uint32_t badge)
{
    return m->tag == (IRIS_TAG(IRIS_EVENT_DISCONNECT, 3) | IRIS_TAG_KERNEL) && m->badge == badge;
}

/* The last handle of a client goes while a call through it is still queued. */
static void check_after_calls(void)
{
    struct iris_message m = {0};

    done = 0;
    rig_make(&rig, 77, 0);
    iris_port_bind(rig.port);
    if (!TEST_CHECK(launch(0, call_once, (void *)rig.client) &&
                        kit_wait_state(0, UTCB_FIRST, IRIS_THREAD_QUEUED),
                    "a call is queued"))
        return;
    TEST_EQUAL(iris_handle_close(rig.client), 0, "its client's last handle is closed");
    TEST_EQUAL(iris_ipc_wait_until(&m, kit_soon(KIT_PATIENCE)), 0, "something arrives");
    TEST_CHECK(!(m.tag & IRIS_TAG_KERNEL) && m.word[0] == 5, "it is the call");
    m.tag = IRIS_TAG(0, 0) | IRIS_TAG_DEADLINE;
    iris_utcb()->deadline = kit_soon(KIT_PATIENCE);
    TEST_EQUAL(iris_ipc_reply_and_wait(&m), 0, "and something more");
    TEST_CHECK(is_disconnect(&m, 77), "DISCONNECT (0x%x)", (unsigned)m.tag);
    TEST_EQUAL(iris_ipc_wait_until(&m, IRIS_DEADLINE_POLL), -ETIMEDOUT, "once");
    TEST_CHECK(kit_wait_word(&done, 1) && result == 0, "the call was answered");
    clean_up();
}

static void check_withdrawn(void)
{
    struct iris_message m = {0};
    const uint32_t rights = IRIS_RIGHT_CALL;

    rig_make(&rig, 78, 0);
    iris_port_bind(rig.port);
    iris_handle_close(rig.client);
    TEST_EQUAL(iris_handle_copy(rig.own, 0, rig.client, rights), 0, "a portal is given out again");
    TEST_EQUAL(iris_ipc_wait_until(&m, IRIS_DEADLINE_POLL), -ETIMEDOUT, "DISCONNECT is withdrawn");
    iris_handle_close(rig.client);
    TEST_CHECK(iris_ipc_wait_until(&m, kit_soon(KIT_PATIENCE)) == 0 && is_disconnect(&m, 78),
               "and comes when that handle is closed");
    clean_up();
}

void test_disconnect(void)
{
    check_after_calls();
    check_withdrawn();
}

/* ---- Messages ---- */

static void take_one(void *unused)
{
    struct iris_message m = {0};

    (void)unused;
    iris_port_bind(rig.port);
    iris_ipc_wait(&m);
    seen_tag = m.tag;
    done = 1;
}

/* Nobody helps the receiver here: it has to be ready by itself. */
static void check_send(void)
{
    struct iris_message m = {.tag = IRIS_TAG(IRIS_EVENT_NOTIFY, 3), .word = {1, 2, 3}};

    done = 0;
    rig_make(&rig, 5, 1);
    TEST_CHECK(launch(0, take_one, NULL) && kit_wait_state(0, UTCB_FIRST, IRIS_THREAD_WAITING),
               "a thread waits");
    for (unsigned i = 0; i < 10; i++)
        iris_thread_switch(0); /* the dispatcher has seen that it cannot run */
    TEST_EQUAL(iris_ipc_send(rig.client, &m), 0, "a send that looks like an event");
    TEST_CHECK(kit_wait_word(&done, 1), "its receiver runs");
    TEST_EQUAL(seen_tag, IRIS_TAG(IRIS_EVENT_NOTIFY, 3), "and knows that it is not the kernel's");
    clean_up();
}

static void check_badge(void)
{
    struct iris_message m = {0};

    rig_make(&rig, 5, 1);
    for (unsigned words = 0; words <= IRIS_WORDS_MAX; words += 16) {
        done = 0;
        launch(0, take_one, NULL);
        kit_wait_state(0, UTCB_FIRST, IRIS_THREAD_WAITING);
        message_fill(&m, 1, words, 1);
        int error = iris_ipc_call(rig.client, &m); /* the thread ends without an answer */
        TEST_CHECK(error == -EDEAD && m.badge == 0, "an error has no badge");
        bare_end(&threads[0]);
    }
    clean_up();
}

void test_messages(void)
{
    check_send();
    check_badge();
}
