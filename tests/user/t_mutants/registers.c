/* SPDX-License-Identifier: MIT */
/* Nothing travels between threads but messages: FPU, clobbered registers, badges of replies. */
#include "t_mutants.h"

#include "raw.h"

#define KERNEL 0xc0000000u

/* ---- FPU ---- */

static volatile uint32_t server_status, done;
static volatile double server_value;

static void fpu_server(void *unused)
{
    struct iris_message m = {0};
    double mine = 2.5;

    (void)unused;
    iris_port_bind(rig.port);
    iris_ipc_wait(&m);
    for (;;) {
        uint16_t status;
        __asm__ volatile("fnstsw %0" : "=a"(status)); /* its first FPU instruction */
        server_status = status;
        __asm__ volatile("fninit\n\tfldl %0" : : "m"(mine));
        m.tag = IRIS_TAG(0, 0);
        iris_ipc_reply_and_wait(&m);
        __asm__ volatile("fstpl %0" : "=m"(server_value));
    }
}

static void check_fpu(void)
{
    struct iris_message m = {.tag = IRIS_TAG(1, 0)};
    double mine = 1.5, after = 0;

    server_status = 0xdead;
    rig_make(&rig, 1, 0);
    launch(0, fpu_server, NULL);
    kit_wait_state(0, UTCB_FIRST, IRIS_THREAD_WAITING);
    __asm__ volatile("fninit\n\tfld1\n\tfld1\n\tfldl %0" : : "m"(mine));
    int error = iris_ipc_call(rig.client, &m);
    __asm__ volatile("fstpl %0\n\tfninit" : "=m"(after));
    TEST_EQUAL(error, 0, "two threads use the FPU");
    TEST_EQUAL(server_status, 0, "the second finds it clean");
    TEST_CHECK(after == 1.5, "the first finds what it left");
    m = (struct iris_message){.tag = IRIS_TAG(1, 0)};
    iris_ipc_call(rig.client, &m);
    TEST_CHECK(server_value == 2.5, "so does the second");
    clean_up();
}

/* ---- Registers ---- */

static void raw_server(void *raw)
{
    iris_port_bind(rig.port);
    struct iris_message m = {0};
    iris_ipc_wait(&m);
    ((struct raw *)raw)->tag = IRIS_TAG(0, 0);
    raw_ipc(raw); /* finds the second caller queued: the slow way out */
    done = 1;
    m.tag = IRIS_TAG(0, 0);
    iris_ipc_reply_and_wait(&m);
}

static void call_once(void *unused)
{
    struct iris_message m = {.tag = IRIS_TAG(1, 0)};

    (void)unused;
    iris_ipc_call(rig.client, &m);
}

static void check_clobbered(void)
{
    struct raw raw = {.operation = IRIS_IPC_WAIT};

    done = 0;
    rig_make(&rig, 1, 0);
    set_priority(IRIS_SLOT_THREAD, -8);
    /* The callers are above the server: both have queued before it is done with the first. */
    launch_at(1, -4, call_once, NULL);
    launch_at(2, -4, call_once, NULL);
    launch_at(0, -6, raw_server, &raw);
    TEST_CHECK(kit_wait_word(&done, 1), "a server finds a caller queued after its answer");
    TEST_EQUAL(iris_tag_error(raw.tag), 0, "it is received");
    TEST_CHECK(raw.ecx < KERNEL && raw.edx < KERNEL,
               "no kernel address shows in ECX (0x%08x) or EDX (0x%08x)", (unsigned)raw.ecx,
               (unsigned)raw.edx);
    clean_up();
}

static void echo(void *unused)
{
    struct iris_message m = {0};

    (void)unused;
    iris_port_bind(rig.port);
    int error = iris_ipc_wait(&m);
    while (error == 0) {
        message_answer(&m, 0);
        error = iris_ipc_reply_and_wait(&m);
    }
}

static void check_replies(void)
{
    struct iris_message m = {0};
    unsigned shown = 0;

    rig_make(&rig, 0x1234, 0);
    launch(0, echo, NULL);
    kit_wait_state(0, UTCB_FIRST, IRIS_THREAD_WAITING);
    for (unsigned words = 0; words <= IRIS_WORDS_MAX; words++) {
        struct raw raw = {.operation = rig.client};
        message_fill(&m, 1, words, 3);
        raw.tag = m.tag;
        raw_ipc(&raw);
        shown += raw.tag != IRIS_TAG(0, words) || raw.operation != 0 || raw.ecx >= KERNEL ||
                 raw.edx >= KERNEL;
    }
    TEST_EQUAL(shown, 0, "replies of 0-64 words show no badge and nothing of the kernel's");
    clean_up();
}

/* ---- Single-stepping ---- */

static struct twin twin;
static bool stepped_on, stepped_too_far;

static bool judge(struct twin *of, const struct iris_exception *exception)
{
    (void)of;
    stepped_on = stepped_on || exception->ip == (uint32_t)raw_stepped;
    stepped_too_far = stepped_too_far || exception->ip == (uint32_t)raw_free;
    return exception->vector == 1;
}

static void check_stepping(void)
{
    stepped_on = stepped_too_far = false;
    if (!TEST_CHECK(twin_make(&twin, true), "a thread that is stepped"))
        return;
    twin.judge = judge;
    struct twin_end end = twin_run(&twin, raw_step, NULL);
    TEST_CHECK(!end.hung && end.reason == IRIS_EXIT_RETURN && end.exceptions >= 3,
               "comes through an IPC in %u steps", end.exceptions);
    TEST_CHECK(stepped_on, "and is stepped after it, too");
    TEST_CHECK(!stepped_too_far, "but only as long as it asks for it");
    twin_free(&twin);
}

void test_registers(void)
{
    check_fpu();
    check_clobbered();
    check_replies();
    check_stepping();
}
