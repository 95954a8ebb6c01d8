/* SPDX-License-Identifier: MIT */
/* Attack 4: reply to nobody, twice, with another's REPLY handle. The victim still waits, and gets
   the right answer in the end. */
#include "t_handles.h"

#define UTCB_CLIENT (BARE_UTCB_FIRST + 1)

static struct rig rig;
static struct bare client;
static struct twin twin;
static volatile uint32_t done, answer;
static volatile int thief_result, thief_copy_result;

static void call(void *unused)
{
    struct iris_message m = {.tag = IRIS_TAG_FULL(1, 0, 0, 1)};

    (void)unused;
    iris_utcb()->buffers[0] =
        (struct iris_buffer){(uint32_t)&answer, 4, IRIS_BUFFER_READ | IRIS_BUFFER_WRITE};
    answer = iris_ipc_call(rig.client, &m) == 0 ? m.word[0] : 0;
    done = 1;
}

/* In another space, with the number of the REPLY handle here. */
static void steal(void *kept)
{
    struct iris_message m = {.tag = IRIS_TAG(0, 1), .word = {666}};
    uint32_t word = 666;

    thief_copy_result = iris_ipc_copy((uint32_t)kept, IRIS_COPY_OUT, 0, &word, 4);
    thief_result = iris_ipc_reply((uint32_t)kept, &m);
}

static void check_nobody(void)
{
    struct iris_message m = {.tag = IRIS_TAG(0, 1) | IRIS_TAG_DEADLINE, .word = {666}};

    iris_utcb()->deadline = IRIS_DEADLINE_POLL;
    TEST_EQUAL(iris_ipc_reply_and_wait(&m), -ETIMEDOUT, "a reply to nobody goes nowhere");
}

static void check_theft(uint32_t kept)
{
    if (!TEST_CHECK(twin_make(&twin, true), "another space"))
        return;
    struct twin_end end = twin_run(&twin, steal, (void *)kept);
    TEST_CHECK(!end.hung && thief_result == -EBADF && thief_copy_result == -EBADF,
               "cannot use the REPLY handle by its number");
    TEST_EQUAL(twin_give(&twin, kept, 30, IRIS_RIGHT_ALL), -EPERM, "and cannot be given it");
    twin_free(&twin);
}

void test_reply_handles(void)
{
    struct iris_message m;
    uint32_t kept = kit_slot();

    done = answer = 0;
    if (!TEST_CHECK(rig_make(&rig, 1, 0) && iris_port_bind(rig.port) == 0 &&
                        bare_run(&client, 0, UTCB_CLIENT, call, NULL) == 0,
                    "a victim that calls"))
        return;
    TEST_EQUAL(iris_ipc_wait_until(&m, kit_soon(KIT_PATIENCE)), 0, "is received");
    TEST_EQUAL(iris_ipc_keep(rig.client), -EEXIST, "and cannot be kept in a slot in use");
    TEST_EQUAL(iris_ipc_keep(0), -EINVAL, "nor in slot 0");
    TEST_EQUAL(iris_ipc_keep(IRIS_HANDLE_LIMIT), -EINVAL, "nor beyond the table");
    TEST_EQUAL(iris_ipc_keep(kept), 0, "but in a free one");
    TEST_EQUAL(iris_ipc_keep(kit_slot()), -ENOENT, "once");
    check_nobody();
    iris_port_bind(0);
    check_theft(kept);
    iris_port_bind(rig.port);
    TEST_EQUAL(iris_object_destroy(kept), -EPERM, "a caller is not destroyed through its reply");
    uint32_t state = IRIS_THREAD_DEAD;
    struct iris_thread_info info;
    if (iris_space_inspect(0, IRIS_INSPECT_THREADS, UTCB_CLIENT, &info, 1) == 1)
        state = info.state;
    TEST_CHECK(state == IRIS_THREAD_KEPT && done == 0, "the victim still waits");
    m = (struct iris_message){.tag = IRIS_TAG(0, 1), .word = {42}};
    TEST_EQUAL(iris_ipc_reply(kept, &m), 0, "it is answered");
    m = (struct iris_message){.tag = IRIS_TAG(0, 1), .word = {666}};
    TEST_EQUAL(iris_ipc_reply(kept, &m), -EBADF, "once");
    TEST_CHECK(kit_wait_word(&done, 1) && answer == 42, "and rightly");
    iris_port_bind(0);
    bare_end(&client);
    iris_slot_free(kept);
    rig_free(&rig);
}
