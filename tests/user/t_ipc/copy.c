/* SPDX-License-Identifier: MIT */
/* Row 7: buffers that stay in the caller's memory. The main thread is the server. */
#include "t_ipc.h"

#include <string.h>

#include "memory.h"

#define PAGE IRIS_PAGE_SIZE
#define UTCB_CLIENT (BARE_UTCB_FIRST + 1)
#define DEADLINE_MS 20000u

static struct {
    struct rig rig;
    struct bare thread;
    struct iris_buffer buffers[IRIS_BUFFERS_MAX];
    volatile uint32_t count; /* buffers of the next call */
    volatile int result;
    volatile bool stop;
} client;

static uint8_t data[4 * PAGE] __attribute__((aligned(PAGE)));
static uint8_t own[4 * PAGE] __attribute__((aligned(PAGE)));

/* Calls again and again, with the buffers asked for. */
static void call(void *unused)
{
    (void)unused;
    while (!client.stop) {
        struct iris_message m = {.tag = IRIS_TAG_FULL(1, 0, 0, client.count)};
        for (unsigned i = 0; i < IRIS_BUFFERS_MAX; i++)
            iris_utcb()->buffers[i] = client.buffers[i];
        client.result = iris_ipc_call(client.rig.client, &m);
    }
}

/* Answers the call before and takes the next: with a buffer, and how many are declared. */
static void next_call(struct iris_message *m, uint32_t address, uint32_t length, uint32_t access)
{
    client.buffers[0] = (struct iris_buffer){address, length, access};
    client.count = 1;
    m->tag = IRIS_TAG(0, 0);
    iris_ipc_reply_and_wait(m);
}

/* ipc_copy until all is copied or nothing more can be: an interrupt ends a call early. */
static int copy(uint32_t reply, uint32_t spec, uint32_t offset, void *address, uint32_t length)
{
    int done = 0, step;

    do {
        step = iris_ipc_copy(reply, spec, offset + (uint32_t)done, (uint8_t *)address + done,
                             length - (uint32_t)done);
        if (step > 0)
            done += step;
    } while (step > 0 && (uint32_t)done < length);
    return step < 0 && done == 0 ? step : done;
}

static uint8_t byte_at(uint32_t i) { return (uint8_t)(i * 7 + i / 251); }

static bool is_data(const uint8_t *at, uint32_t offset, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++)
        if (at[i] != byte_at(offset + i))
            return false;
    return true;
}

static void fill(uint8_t *at, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++)
        at[i] = byte_at(i);
}

/* ---- All is there ---- */

static void check_in(struct iris_message *m)
{
    fill(data, sizeof data);
    next_call(m, (uint32_t)data + 100, 2 * PAGE, IRIS_BUFFER_READ);
    memset(own, 0, sizeof own);
    TEST_EQUAL(copy(0, 0, 0, own + 3, 2 * PAGE), 2 * PAGE, "two pages, neither aligned");
    TEST_CHECK(is_data(own + 3, 100, 2 * PAGE), "arrive as they were");
    TEST_EQUAL(copy(0, 0, PAGE - 101, own, 2), 2, "two bytes at a page's end");
    TEST_CHECK(is_data(own, PAGE - 1, 2), "arrive too");
    TEST_EQUAL(copy(0, 0, 2 * PAGE, own, 0), 0, "nothing, at the very end");
    TEST_EQUAL(copy(0, 0, 2 * PAGE, own, 1), -EINVAL, "nothing beyond the end");
    TEST_EQUAL(copy(0, 0, 0xffffffff, own, 2), -EINVAL, "no wrapped offset");
    TEST_EQUAL(copy(0, 0, 1, own, 0xffffffff), -EINVAL, "no wrapped length");
    TEST_EQUAL(copy(0, 1, 0, own, 1), -EINVAL, "no buffer that was not declared");
    TEST_EQUAL(copy(0, 4, 0, own, 1), -EINVAL, "no fifth buffer");
    TEST_EQUAL(copy(0, 0x400, 0, own, 1), -EINVAL, "no unknown flag");
    TEST_EQUAL(copy(0, IRIS_COPY_OUT, 0, own, 1), -EPERM, "no writing where not allowed");
    TEST_CHECK(is_data(data, 0, sizeof data), "the caller's memory is unchanged");
}

static void check_out(struct iris_message *m)
{
    memset(data, 0, sizeof data);
    next_call(m, (uint32_t)data + PAGE - 10, PAGE, IRIS_BUFFER_WRITE);
    fill(own, sizeof own);
    TEST_EQUAL(copy(0, IRIS_COPY_OUT, 5, own, 100), 100, "100 bytes over a page's end");
    TEST_CHECK(is_data(data + PAGE - 5, 0, 100) && data[PAGE - 6] == 0 && data[PAGE + 95] == 0,
               "are written, and nothing beside them");
    TEST_EQUAL(copy(0, IRIS_COPY_OUT | IRIS_COPY_PROBE, 0, NULL, PAGE), PAGE,
               "a probe says that all could be written");
    TEST_CHECK(data[PAGE - 6] == 0, "and writes nothing");
    TEST_EQUAL(copy(0, 0, 0, own, 1), -EPERM, "no reading where not allowed");
}

/* ---- Something is not there ---- */

static void check_absent(struct iris_message *m)
{
    uint32_t memory = 0;

    if (!TEST_CHECK(memory_allocate(IRIS_SLOT_MEMORY, 4 * PAGE, MEMORY_WRITE, &memory) == 0,
                    "four pages, of which the second is never touched"))
        return;
    fill((uint8_t *)memory, PAGE);
    fill((uint8_t *)memory + 2 * PAGE, 2 * PAGE);
    next_call(m, memory, 4 * PAGE, IRIS_BUFFER_READ | IRIS_BUFFER_WRITE);
    TEST_EQUAL(copy(0, 0, 10, own, 2 * PAGE), PAGE - 10, "copying stops where it is not");
    TEST_EQUAL(copy(0, 0, PAGE, own, PAGE), -EFAULT, "and fails if it begins there");
    TEST_EQUAL(copy(0, IRIS_COPY_OUT, PAGE, own, 1), -EFAULT, "writing too");
    TEST_EQUAL(copy(0, IRIS_COPY_PROBE, PAGE, NULL, 1), -EFAULT, "a probe says so");
    TEST_EQUAL(copy(0, IRIS_COPY_PROBE, 0, NULL, 4 * PAGE), PAGE, "or how far it goes");
    TEST_EQUAL(copy(0, 0, 2 * PAGE, own, 2 * PAGE), 2 * PAGE, "what lies beyond is there");
    TEST_EQUAL(copy(0, 0, 0, (void *)(memory + PAGE), 1), -EFAULT,
               "an own page that is not there counts as well");
    TEST_EQUAL(copy(0, 0, 0, (void *)IRIS_USER_TOP, 1), -EFAULT, "the kernel's never is");
    TEST_EQUAL(copy(0, 0, 0, (void *)0xfffffffe, 16), -EFAULT, "nor a wrapped range");
    TEST_EQUAL(copy(0, 0, 0, (void *)check_absent, 1), -EFAULT, "nor own code, to write");
    memory_release(IRIS_SLOT_MEMORY, memory, 4 * PAGE);
    TEST_EQUAL(copy(0, 0, 0, own, 1), -EFAULT, "memory given back meanwhile is gone");
}

static void check_bad_buffers(struct iris_message *m)
{
    static const struct {
        uint32_t address, length;
    } bad[] = {
        {0, 16},
        {IRIS_USER_TOP, 16},
        {0xfffffff0, 16},
        {IRIS_UTCB_BASE, 16},
        {IRIS_DATA_PAGE, 16},
        {IRIS_VDSO_BASE, 16},
        {0xbffffff0, 32},
        {0xfffffff0, 0xffffffff},
    };

    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
        next_call(m, bad[i].address, bad[i].length, IRIS_BUFFER_READ | IRIS_BUFFER_WRITE);
        TEST_EQUAL(copy(0, 0, 0, own, 16), -EFAULT, "a buffer at 0x%08x gives nothing",
                   (unsigned)bad[i].address);
        TEST_EQUAL(copy(0, IRIS_COPY_OUT, 0, own, 16), -EFAULT, "and takes nothing");
    }
    next_call(m, (uint32_t)check_bad_buffers, 16, IRIS_BUFFER_READ | IRIS_BUFFER_WRITE);
    TEST_EQUAL(copy(0, 0, 0, own, 16), 16, "code can be read");
    TEST_EQUAL(copy(0, IRIS_COPY_OUT, 0, own, 16), -EFAULT, "but not written");
}

/* ---- Whose buffers? ---- */

static void check_authority(struct iris_message *m)
{
    uint32_t kept = kit_slot();

    fill(data, sizeof data);
    next_call(m, (uint32_t)data, PAGE, IRIS_BUFFER_READ);
    TEST_EQUAL(iris_ipc_keep(kept), 0, "a caller with a buffer is kept");
    TEST_EQUAL(copy(0, 0, 0, own, 1), -ENOENT, "it is the current caller no more");
    memset(own, 0, sizeof own);
    TEST_EQUAL(copy(kept, 0, 0, own, PAGE), PAGE, "but its buffer is open");
    TEST_CHECK(is_data(own, 0, PAGE), "with what is in it");
    TEST_EQUAL(copy(client.rig.client, 0, 0, own, 1), -EBADF, "a portal opens none");
    client.stop = true;
    *m = (struct iris_message){.tag = 0};
    TEST_EQUAL(iris_ipc_reply(kept, m), 0, "it is answered");
    TEST_EQUAL(copy(kept, 0, 0, own, 1), -EBADF, "and closed");
    TEST_EQUAL(copy(0, 0, 0, own, 1), -ENOENT, "without a caller there is nothing");
    iris_slot_free(kept);
}

void test_copy(void)
{
    struct iris_message m;

    memset(&client, 0, sizeof client);
    memset(own, 0, sizeof own); /* every page is there from now on */
    if (!TEST_CHECK(rig_make(&client.rig, 9, 0) && iris_port_bind(client.rig.port) == 0 &&
                        bare_run(&client.thread, 0, UTCB_CLIENT, call, NULL) == 0,
                    "a client that calls the main thread"))
        return;
    TEST_EQUAL(iris_ipc_wait_until(&m, kit_soon(DEADLINE_MS)), 0, "its first call, without buffer");
    TEST_EQUAL(copy(0, 0, 0, own, 1), -EINVAL, "has none");
    check_in(&m);
    check_out(&m);
    check_absent(&m);
    check_bad_buffers(&m);
    check_authority(&m);
    TEST_CHECK(kit_wait_state(0, UTCB_CLIENT, IRIS_THREAD_DEAD) && client.result == 0,
               "the client was answered and is done");
    iris_port_bind(0);
    bare_end(&client.thread);
    rig_free(&client.rig);
}
