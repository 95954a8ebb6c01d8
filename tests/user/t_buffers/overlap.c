/* SPDX-License-Identifier: MIT */
/* Attack 9: buffers that overlap each other, the server's memory, code, or the source itself. The
   client is a thread of the same space, so that all of these can be the same memory. */
#include <string.h>

#include "t_buffers.h"

static struct rig rig;
static struct bare client;
static volatile uint32_t stop;
static struct iris_buffer next[2];
static uint8_t area[3 * PAGE] __attribute__((aligned(PAGE)));

static void call(void *unused)
{
    (void)unused;
    while (!stop) {
        struct iris_message m = {.tag = IRIS_TAG_FULL(1, 0, 0, 2)};
        memcpy(iris_utcb()->buffers, next, sizeof next);
        iris_ipc_call(rig.client, &m);
    }
}

/* Answers, and takes a call with these buffers. */
static void take(struct iris_buffer first, struct iris_buffer second)
{
    struct iris_message m = {.tag = IRIS_TAG(0, 0)};

    next[0] = first;
    next[1] = second;
    iris_ipc_reply_and_wait(&m);
}

static void fill(void)
{
    for (unsigned i = 0; i < sizeof area; i++)
        area[i] = (uint8_t)(i * 5 + i / 256);
}

/* How many bytes outside [from, to) are not as fill() left them. */
static unsigned changed_outside(uint32_t from, uint32_t to)
{
    unsigned changed = 0;

    for (unsigned i = 0; i < sizeof area; i++)
        if (i < from || i >= to)
            changed += area[i] != (uint8_t)(i * 5 + i / 256);
    return changed;
}

static struct iris_buffer both(const void *address, uint32_t length)
{
    return (struct iris_buffer){(uint32_t)address, length, IRIS_BUFFER_READ | IRIS_BUFFER_WRITE};
}

static void check_two_buffers(void)
{
    static uint8_t ones[PAGE], twos[PAGE];
    unsigned wrong = 0;

    memset(ones, 1, sizeof ones);
    memset(twos, 2, sizeof twos);
    fill();
    take(both(area + 100, PAGE), both(area + 100 + PAGE / 2, PAGE));
    TEST_EQUAL(copy_all(IRIS_COPY_OUT, 0, ones, PAGE), PAGE, "two buffers overlap by half a page");
    TEST_EQUAL(copy_all(IRIS_COPY_OUT | 1, 0, twos, PAGE), PAGE, "both are written");
    for (unsigned i = 0; i < PAGE + PAGE / 2; i++)
        wrong += area[100 + i] != (i < PAGE / 2 ? 1 : 2);
    TEST_EQUAL(wrong, 0, "the later one wins where they overlap");
    TEST_EQUAL(changed_outside(100, 100 + PAGE + PAGE / 2), 0, "nothing beside them changes");
    take(both(area, PAGE), both(area, PAGE));
    TEST_EQUAL(copy_all(IRIS_COPY_OUT | 1, 0, ones, 16), 16, "the same buffer twice");
    TEST_CHECK(copy_all(0, 0, twos, 16) == 16 && memcmp(ones, twos, 16) == 0, "is one memory");
}

/* The server's memory is the buffer's: the bytes are the old ones or the moved ones, within the
   range, and nothing else changes. */
static void check_own_memory(uint32_t from, uint32_t to, uint32_t length, uint32_t out)
{
    fill();
    take(both(area + from, length), both(area, PAGE));
    int copied = copy_all(out, 0, area + to, length);
    uint32_t begin = out ? from : to;
    TEST_CHECK(copied == (int)length && changed_outside(begin, begin + length) == 0,
               "copying %u bytes %s %d bytes further on: only those change", (unsigned)length,
               out ? "from" : "to", (int)(to - from));
}

static void check_itself(void)
{
    static const int shifts[] = {0, 1, -1, 4, -4, 100, -100, PAGE / 2};

    for (unsigned i = 0; i < sizeof shifts / sizeof *shifts; i++) {
        check_own_memory(200, (uint32_t)(200 + shifts[i]), PAGE + 50, 0);
        check_own_memory(200, (uint32_t)(200 + shifts[i]), PAGE + 50, IRIS_COPY_OUT);
    }
    fill();
    take(both(area, sizeof area), both(area, 1));
    TEST_EQUAL(copy_all(0, 0, area, sizeof area), sizeof area, "a buffer copied onto itself");
    TEST_EQUAL(changed_outside(0, 0), 0, "stays what it was");
}

static void check_code(void)
{
    uint8_t bytes[16], *code = (uint8_t *)check_code;

    take(both(code, 16), both(area, 16));
    TEST_EQUAL(copy_all(0, 0, bytes, 16), 16, "code as a buffer can be read");
    TEST_EQUAL(copy_all(IRIS_COPY_OUT, 0, bytes, 16), -EFAULT, "not written");
    TEST_EQUAL(copy_all(IRIS_COPY_OUT | IRIS_COPY_PROBE, 0, NULL, 16), -EFAULT,
               "which a probe knows");
    TEST_EQUAL(copy_all(1, 0, code, 16), -EFAULT, "nor is the server's own code written");
    TEST_CHECK(memcmp(bytes, code, 16) == 0, "it is as it was");
    take(both(iris_utcb(), 64), both((void *)IRIS_VDSO_BASE, 64));
    TEST_EQUAL(copy_all(IRIS_COPY_OUT, 0, bytes, 16), -EFAULT, "the server's UTCB is no buffer");
    TEST_EQUAL(copy_all(IRIS_COPY_OUT | 1, 0, bytes, 16), -EFAULT, "the vDSO is none");
    int copied = copy_all(0, 0, iris_utcb(), 16);
    TEST_CHECK(copied == -EFAULT, "and gives nothing (%d)", copied);
}

static void check_map(void)
{
    uint32_t page = (uint32_t)area;
    int same = iris_memory_map(0, page, 0, page, 1, IRIS_MAP_WRITE);
    int next_page = iris_memory_map(0, page + PAGE, 0, page, 1, IRIS_MAP_WRITE);
    int code = iris_memory_map(0, (uint32_t)check_map & -PAGE, 0, page, 1, IRIS_MAP_WRITE);

    fill();
    TEST_CHECK(same == -EEXIST || same == -EINVAL, "mapping a page onto itself (%d)", same);
    TEST_EQUAL(next_page, -EEXIST, "onto its neighbour");
    TEST_EQUAL(code, -EEXIST, "onto code");
    TEST_EQUAL(changed_outside(0, 0), 0, "the memory is as it was");
}

void test_overlap(void)
{
    struct iris_message m;

    memset(area, 0, sizeof area);
    stop = 0;
    next[0] = next[1] = both(area, 1);
    if (!TEST_CHECK(rig_make(&rig, 1, 0) && iris_port_bind(rig.port) == 0 &&
                        bare_run(&client, 0, UTCB_FIRST, call, NULL) == 0 &&
                        iris_ipc_wait_until(&m, kit_soon(KIT_PATIENCE)) == 0,
                    "a client in the server's own space"))
        return;
    check_two_buffers();
    check_itself();
    check_code();
    check_map();
    stop = 1;
    m = (struct iris_message){.tag = IRIS_TAG(0, 0) | IRIS_TAG_DEADLINE};
    iris_utcb()->deadline = IRIS_DEADLINE_POLL;
    iris_ipc_reply_and_wait(&m);
    TEST_CHECK(kit_wait_state(0, UTCB_FIRST, IRIS_THREAD_DEAD), "the client ends");
    bare_end(&client);
    iris_port_bind(0);
    rig_free(&rig);
}
