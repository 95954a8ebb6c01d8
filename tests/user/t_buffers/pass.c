/* SPDX-License-Identifier: MIT */
/*
 * IRIS_BUFFER_PASS_ON: client -> first (another space) -> second (a third space) -> main. Main
 * copies in the client's memory; the two between only named it. Each may take away, none may add.
 */
#include <string.h>

#include "t_buffers.h"
#include "twin.h"

enum { TWIN_PORT = 20, TWIN_PORTAL };
#define SIZE (2u * PAGE)
#define PASS (IRIS_BUFFER_PASS_ON)
#define INDEX(n) ((uint32_t)(n) << IRIS_BUFFER_PASS_SHIFT)
#define READ IRIS_BUFFER_READ
#define WRITE IRIS_BUFFER_WRITE
#define BOTH (READ | WRITE)

static struct rig upper, middle, lower;
static struct twin first, second;
static struct bare client;
static volatile uint32_t stop;
static struct iris_buffer declared[3]; /* by the client, the first and the second */
static uint32_t counts[3];
static uint8_t memory[SIZE + 2 * PAGE] __attribute__((aligned(PAGE)));
static uint8_t own[SIZE];
static struct iris_message call_m;

static void declare(unsigned who, struct iris_message *m)
{
    *m = (struct iris_message){.tag = IRIS_TAG_FULL(1, 0, 0, counts[who])};
    iris_utcb()->buffers[0] = declared[who];
}

static void call(void *unused)
{
    struct iris_message m;

    (void)unused;
    while (!stop) {
        declare(0, &m);
        iris_ipc_call(upper.client, &m);
    }
}

static void pass_on(void *argument)
{
    unsigned who = (unsigned)argument;
    struct iris_message m;
    int error = iris_port_bind(TWIN_PORT);

    if (error == 0)
        error = iris_ipc_wait(&m);
    while (error == 0) {
        declare(who, &m);
        iris_ipc_call(TWIN_PORTAL, &m);
        m = (struct iris_message){.tag = IRIS_TAG(0, 0)};
        error = iris_ipc_reply_and_wait(&m);
    }
}

static bool start(struct twin *twin, struct rig *port, const struct rig *portal, unsigned who)
{
    return twin_make(twin, true) &&
           twin_give(twin, port->port, TWIN_PORT, IRIS_RIGHT_RECEIVE) == 0 &&
           twin_give(twin, portal->client, TWIN_PORTAL, IRIS_RIGHT_CALL) == 0 &&
           twin_start(twin, 0, pass_on, (void *)who) == 0 &&
           kit_wait_state(twin->space, 0, IRIS_THREAD_WAITING);
}

/* The next call has these declarations. */
static void take(struct iris_buffer a, struct iris_buffer b, struct iris_buffer c)
{
    declared[0] = a;
    declared[1] = b;
    declared[2] = c;
    call_m = (struct iris_message){.tag = IRIS_TAG(0, 0)};
    iris_ipc_reply_and_wait(&call_m);
}

#define BUFFER(a, l, x) ((struct iris_buffer){(uint32_t)(a), (l), (x)})

static uint8_t byte_at(uint32_t i) { return (uint8_t)(i * 3 + i / 256); }

static void check_right(void)
{
    unsigned wrong = 0;

    for (unsigned i = 0; i < sizeof memory; i++)
        memory[i] = byte_at(i);
    take(BUFFER(memory + PAGE, SIZE, BOTH), BUFFER(100, SIZE - 100, PASS | BOTH),
         BUFFER(50, PAGE, PASS | BOTH));
    TEST_EQUAL(copy_all(0, 0, own, PAGE), PAGE, "a page through two that pass it on");
    for (unsigned i = 0; i < PAGE; i++)
        wrong += own[i] != byte_at(PAGE + 150 + i);
    TEST_EQUAL(wrong, 0, "arrives as the client has it");
    memset(own, 0xee, PAGE);
    TEST_EQUAL(copy_all(IRIS_COPY_OUT, 10, own, PAGE - 10), PAGE - 10, "and is written back");
    for (unsigned i = wrong = 0; i < sizeof memory; i++)
        wrong += memory[i] != (i >= PAGE + 160 && i < 2 * PAGE + 150 ? 0xee : byte_at(i));
    TEST_EQUAL(wrong, 0, "there, and nowhere else");
    TEST_EQUAL(copy_all(0, PAGE, own, 1), -EINVAL, "not beyond what the last one passed on");
    TEST_EQUAL(copy_all(IRIS_COPY_PROBE, 0, NULL, PAGE), PAGE, "a probe goes the same way");
}

/* Each row fails with `error`, whatever is copied. */
static void check_wrong(void)
{
    const struct iris_buffer whole = BUFFER(memory, SIZE, BOTH),
                             pass = BUFFER(0, SIZE, PASS | BOTH);
    const struct {
        const char *name;
        struct iris_buffer a, b, c;
        uint32_t spec, offset, length;
        int error;
    } rows[] = {
        {"a length beyond the client's", whole, BUFFER(0, SIZE + 1, PASS | BOTH),
         BUFFER(0, SIZE + 1, PASS | BOTH), 0, SIZE, 1, -EINVAL},
        {"an offset beyond it", whole, BUFFER(SIZE, 16, PASS | BOTH), pass, 0, 0, 1, -EINVAL},
        {"an offset that wraps", whole, BUFFER(0xfffffff0, 0x100, PASS | BOTH), pass, 0, 0x20, 1,
         -EINVAL},
        {"offsets that wrap together", whole, BUFFER(0x80000000, 0xffffffff, PASS | BOTH),
         BUFFER(0x80000000, 0xffffffff, PASS | BOTH), 0, 0, 1, -EINVAL},
        {"the offset before all memory", whole, pass, BUFFER(0xffffffff, 2, PASS | BOTH), 0, 1, 1,
         -EINVAL},
        {"a buffer that was not declared", whole, BUFFER(0, 16, PASS | BOTH | INDEX(1)), pass, 0, 0,
         1, -EINVAL},
        {"the fourth one", whole, BUFFER(0, 16, PASS | BOTH | INDEX(3)), pass, 0, 0, 1, -EINVAL},
        {"more than the first passed on", whole, BUFFER(0, 16, PASS | BOTH), pass, 0, 8, 9,
         -EINVAL},
        {"writing where the client forbids it", BUFFER(memory, SIZE, READ), pass, pass,
         IRIS_COPY_OUT, 0, 1, -EPERM},
        {"writing where the first forbids it", whole, BUFFER(0, SIZE, PASS | READ), pass,
         IRIS_COPY_OUT, 0, 1, -EPERM},
        {"writing where the second forbids it", whole, pass, BUFFER(0, SIZE, PASS | READ),
         IRIS_COPY_OUT, 0, 1, -EPERM},
        {"reading where the client forbids it", BUFFER(memory, SIZE, WRITE), pass, pass, 0, 0, 1,
         -EPERM},
        {"a client that passes on what it does not have", BUFFER(0, SIZE, PASS | BOTH), pass, pass,
         0, 0, 1, -EINVAL},
        {"the kernel's memory", BUFFER(IRIS_USER_TOP, 64, BOTH), pass, pass, 0, 0, 16, -EFAULT},
        {"memory that wraps", BUFFER(0xfffffff0, 64, BOTH), pass, pass, 0, 0, 16, -EFAULT},
        {"page 0", BUFFER(0, 64, BOTH), pass, pass, 0, 0, 16, -EFAULT},
    };

    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        take(rows[i].a, rows[i].b, rows[i].c);
        TEST_EQUAL(copy_all(rows[i].spec, rows[i].offset, own, rows[i].length), rows[i].error,
                   "passed on: %s", rows[i].name);
    }
    counts[1] = 0;
    take(whole, whole, pass);
    TEST_EQUAL(copy_all(0, 0, own, 1), -EINVAL, "passed on: from a call without buffers");
    counts[1] = 1;
    take(whole, BUFFER(memory, SIZE, BOTH), pass);
    TEST_EQUAL(copy_all(0, 0, own, 16), 16, "one between may offer memory of its own instead");
}

/* The first dies: its caller's memory is out of reach at once. */
static void check_cut(void)
{
    take(BUFFER(memory, SIZE, BOTH), BUFFER(0, SIZE, PASS | BOTH), BUFFER(0, SIZE, PASS | BOTH));
    TEST_EQUAL(copy_all(0, 0, own, 16), 16, "through both");
    stop = 1;
    iris_object_destroy(first.threads[0].handle);
    TEST_EQUAL(copy_all(0, 0, own, 16), -EINVAL, "the first destroyed: no way to the client");
    TEST_EQUAL(copy_all(IRIS_COPY_OUT, 0, own, 16), -EINVAL, "nor back");
    kit_audit("with a chain cut above");
    call_m = (struct iris_message){.tag = IRIS_TAG(0, 0) | IRIS_TAG_DEADLINE};
    iris_utcb()->deadline = IRIS_DEADLINE_POLL;
    TEST_EQUAL(iris_ipc_reply_and_wait(&call_m), -ETIMEDOUT, "the second gets its answer");
    TEST_CHECK(kit_wait_state(0, UTCB_FIRST, IRIS_THREAD_DEAD), "the client its error");
}

void test_pass_on(void)
{
    stop = 0;
    memset(own, 0, sizeof own);
    counts[0] = counts[1] = counts[2] = 1;
    declared[0] = BUFFER(memory, SIZE, BOTH);
    declared[1] = declared[2] = BUFFER(0, SIZE, PASS | BOTH);
    bool ready = rig_make(&upper, 1, 0) && rig_make(&middle, 2, 0) && rig_make(&lower, 3, 0) &&
                 start(&first, &upper, &middle, 1) && start(&second, &middle, &lower, 2) &&
                 iris_port_bind(lower.port) == 0 &&
                 bare_run(&client, 0, UTCB_FIRST, call, NULL) == 0 &&
                 iris_ipc_wait_until(&call_m, kit_soon(KIT_PATIENCE)) == 0;
    if (TEST_CHECK(ready, "a call through two spaces, with a buffer")) {
        check_right();
        check_wrong();
        check_cut();
    }
    iris_port_bind(0);
    bare_end(&client);
    twin_free(&first);
    twin_free(&second);
    rig_free(&upper);
    rig_free(&middle);
    rig_free(&lower);
}
