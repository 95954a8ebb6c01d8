/* SPDX-License-Identifier: MIT */
/* What is over is over: revoked portals, buffers of an earlier call, a caller at the far end. */
#include "t_mutants.h"

static volatile uint32_t done, served, copied;

static void serve(void *unused)
{
    static char byte;
    struct iris_message m = {0};

    (void)unused;
    iris_port_bind(rig.port);
    int error = iris_ipc_wait(&m);
    while (error == 0) {
        served++;
        copied += iris_ipc_copy(0, 0, 0, &byte, 1) >= 0;
        m.tag = IRIS_TAG(0, 0);
        error = iris_ipc_reply_and_wait(&m);
    }
}

static bool start_server(void)
{
    served = copied = 0;
    return rig_make(&rig, 1, 0) && launch(0, serve, NULL) &&
           kit_wait_state(0, UTCB_FIRST, IRIS_THREAD_WAITING);
}

static void check_revoked(void)
{
    struct iris_message m = {.tag = IRIS_TAG(1, 0)};

    TEST_CHECK(start_server() && iris_ipc_call(rig.client, &m) == 0, "a server answers");
    iris_object_destroy(rig.own);
    for (unsigned words = 0; words <= IRIS_WORDS_MAX; words += 32) {
        message_fill(&m, 1, words, 1);
        TEST_EQUAL(iris_ipc_call(rig.client, &m), -EDEAD, "revoked: no call of %u words", words);
    }
    TEST_EQUAL(served, 1, "though the server waits");
    clean_up();
}

static void check_old_buffers(void)
{
    static char byte = 7;
    struct iris_message m = {.tag = IRIS_TAG_FULL(1, 0, 0, 1)};

    start_server();
    iris_utcb()->buffers[0] = (struct iris_buffer){(uint32_t)&byte, 1, IRIS_BUFFER_READ};
    TEST_EQUAL(iris_ipc_call(rig.client, &m), 0, "a call with a buffer");
    TEST_EQUAL(copied, 1, "that is copied");
    m.tag = IRIS_TAG(1, 0);
    TEST_EQUAL(iris_ipc_call(rig.client, &m), 0, "and a call without one");
    TEST_EQUAL(copied, 1, "in which the old one has no meaning");
    clean_up();
}

static void check_clients_rights(void)
{
    uint32_t poor = kit_slot();
    struct iris_handle_info info = {0};

    rig_make(&rig, 1, 0);
    iris_handle_close(rig.client);
    iris_object_destroy(rig.own);
    iris_handle_close(rig.own);
    iris_portal_create(rig.port, rig.own, 1, IRIS_RIGHT_CALL, 0);
    TEST_EQUAL(iris_handle_copy(rig.own, 0, poor, IRIS_RIGHT_ALL & ~IRIS_RIGHT_CONTROL), 0,
               "a client of a portal that may be called only");
    iris_handle_identify(poor, 0, &info);
    TEST_EQUAL(info.rights, IRIS_RIGHT_CALL, "has no other right");
    iris_handle_discard(poor);
    clean_up();
}

/* ---- A chain whose far end dies: client - threads[0] - the main thread ---- */

static struct rig upper;

static void pass_on(void *unused)
{
    struct iris_message m = {0};

    (void)unused;
    iris_port_bind(upper.port);
    iris_ipc_wait(&m);
    m = (struct iris_message){.tag = IRIS_TAG(1, 0)};
    done = iris_ipc_call(rig.client, &m) == 0;
    m = (struct iris_message){.tag = IRIS_TAG(0, 0)};
    iris_ipc_reply_and_wait(&m);
}

static void call_upper(void *unused)
{
    struct iris_message m = {.tag = IRIS_TAG(1, 0)};

    (void)unused;
    iris_ipc_call(upper.client, &m);
}

static void check_far_end(void)
{
    struct iris_message m = {0};

    done = 0;
    rig_make(&rig, 1, 0);
    rig_make(&upper, 2, 0);
    launch(0, pass_on, NULL);
    kit_wait_state(0, UTCB_FIRST, IRIS_THREAD_WAITING);
    iris_port_bind(rig.port);
    launch(1, call_upper, NULL);
    TEST_EQUAL(iris_ipc_wait_until(&m, kit_soon(KIT_PATIENCE)), 0, "a call in a call");
    iris_object_destroy(threads[1].handle);
    for (unsigned i = 0; i < 10; i++)
        iris_thread_switch(0);
    m.tag = IRIS_TAG(0, 0) | IRIS_TAG_DEADLINE;
    iris_utcb()->deadline = IRIS_DEADLINE_POLL;
    TEST_EQUAL(iris_ipc_reply_and_wait(&m), -ETIMEDOUT, "is answered after its first caller's end");
    TEST_CHECK(kit_wait_word(&done, 1), "who is in the middle goes on, on its own time");
    TEST_CHECK(kit_wait_state(0, UTCB_FIRST, IRIS_THREAD_WAITING), "and waits again");
    kit_audit("after that");
    clean_up();
    rig_free(&upper);
}

void test_over(void)
{
    check_revoked();
    check_old_buffers();
    check_clients_rights();
    check_far_end();
}
