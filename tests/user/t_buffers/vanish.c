/* SPDX-License-Identifier: MIT */
/*
 * Attack 19: pages of the client's buffer go while the server copies, by another thread. The server
 * gets EFAULT or what it copied until then, and goes on; the client touches its buffer and calls
 * again. Every byte that arrives is right.
 */
#include <string.h>

#include "memory.h"
#include "t_buffers.h"

#define PAGES 16u
#define SIZE (PAGES * PAGE)
enum { CLIENT = UTCB_FIRST, VANISHER };

static struct rig rig;
static struct bare client, vanisher;
static uint32_t buffer; /* SIZE bytes from the memory service */
static volatile uint32_t stop, unmapped, touched;
static uint8_t own[SIZE];

/* Word i of the buffer. The memory service gives fresh pages, so absent ones come back as zeroes,
   until the client has written them again. */
static uint32_t word_at(uint32_t i) { return i * 2654435761u | 1; }

static void touch(void)
{
    volatile uint32_t *words = (volatile uint32_t *)buffer;

    for (uint32_t i = 0; i < SIZE / 4; i++)
        words[i] = word_at(i);
    touched++;
}

static void call(void *unused)
{
    (void)unused;
    while (!stop) {
        struct iris_message m = {.tag = IRIS_TAG_FULL(1, 0, 0, 1)};
        touch();
        iris_utcb()->buffers[0] = (struct iris_buffer){buffer, SIZE, IRIS_BUFFER_READ};
        iris_ipc_call(rig.client, &m);
    }
}

static void vanish(void *unused)
{
    uint32_t random = 7;

    (void)unused;
    while (!stop) {
        iris_memory_unmap(0, buffer + kit_random(&random) % PAGES * PAGE, 1, IRIS_UNMAP_OWN);
        unmapped++;
        iris_thread_switch(0);
    }
}

/* Words that are neither the client's nor of a page that it has not written again. */
static unsigned wrong_words(uint32_t bytes)
{
    const uint32_t *words = (const uint32_t *)own;
    unsigned wrong = 0;

    for (uint32_t i = 0; i < bytes / 4; i++)
        wrong += words[i] != word_at(i) && words[i] != 0;
    return wrong;
}

/* Page by page, with the others in between: how far it goes. */
static uint32_t copy_slowly(int *error)
{
    uint32_t done = 0;

    *error = 0;
    while (done < SIZE && !*error) {
        uint32_t bytes = SIZE - done < PAGE ? SIZE - done : PAGE;
        int step = iris_ipc_copy(0, 0, done, own + done, bytes);
        if (step < 0)
            *error = step;
        else
            done += (uint32_t)step;
        iris_thread_switch(0);
    }
    return done;
}

static void race(unsigned rounds)
{
    struct iris_message m = {.tag = IRIS_TAG(0, 0)};
    unsigned whole = 0, faults = 0, others = 0, wrong = 0;

    for (unsigned i = 0; i < rounds; i++) {
        int error;
        uint32_t done = copy_slowly(&error);
        wrong += wrong_words(done);
        whole += done == SIZE;
        faults += error == -EFAULT;
        others += error != 0 && error != -EFAULT;
        m = (struct iris_message){.tag = IRIS_TAG(error ? EFAULT : 0, 0)};
        others += iris_ipc_reply_and_wait(&m) != 0;
    }
    TEST_EQUAL(others, 0, "%u copies while pages vanish: EFAULT or nothing", rounds);
    TEST_CHECK(faults > 0, "%u ended with EFAULT, %u came through", faults, whole);
    TEST_EQUAL(wrong, 0, "every word was the client's");
    TEST_CHECK(unmapped > 0 && touched > rounds / 2, "%u pages were taken, %u times brought back",
               (unsigned)unmapped, (unsigned)touched);
}

/* With certainty: a page goes between the first half of a copy and the second. */
static void check_between(void)
{
    struct iris_message m = {.tag = IRIS_TAG(0, 0)};

    iris_ipc_reply_and_wait(&m);
    TEST_EQUAL(copy_all(0, 0, own, 4 * PAGE), 4 * PAGE, "four pages of a buffer");
    TEST_EQUAL(iris_memory_unmap(0, buffer + 4 * PAGE, 1, IRIS_UNMAP_OWN), 0,
               "the fifth is taken away");
    TEST_EQUAL(copy_all(0, 4 * PAGE, own, PAGE), -EFAULT, "and cannot be copied");
    TEST_EQUAL(copy_all(0, 3 * PAGE, own, 2 * PAGE), PAGE, "a copy ends before it");
    TEST_EQUAL(copy_all(0, 5 * PAGE, own, PAGE), PAGE, "what lies behind is there");
    m = (struct iris_message){.tag = IRIS_TAG(EFAULT, 0)};
    iris_ipc_reply_and_wait(&m);
    TEST_EQUAL(copy_all(0, 0, own, SIZE), SIZE, "the client has touched it and calls again");
    TEST_EQUAL(wrong_words(SIZE), 0, "with all its words");
}

void test_vanish(unsigned rounds)
{
    struct iris_message m;

    stop = unmapped = touched = 0;
    memset(own, 0, sizeof own);
    bool ready = memory_allocate(IRIS_SLOT_MEMORY, SIZE, MEMORY_WRITE, &buffer) == 0 &&
                 rig_make(&rig, 1, 0) && iris_port_bind(rig.port) == 0 &&
                 bare_run(&client, 0, CLIENT, call, NULL) == 0 &&
                 iris_ipc_wait_until(&m, kit_soon(KIT_PATIENCE)) == 0;
    if (!TEST_CHECK(ready, "a client with a buffer of %u pages", PAGES))
        return;
    check_between();
    if (TEST_CHECK(bare_run(&vanisher, 0, VANISHER, vanish, NULL) == 0,
                   "another thread takes pages away"))
        race(rounds);
    stop = 1;
    m = (struct iris_message){.tag = IRIS_TAG(0, 0) | IRIS_TAG_DEADLINE};
    iris_utcb()->deadline = IRIS_DEADLINE_POLL;
    iris_ipc_reply_and_wait(&m);
    TEST_CHECK(kit_wait_state(0, CLIENT, IRIS_THREAD_DEAD) &&
                   kit_wait_state(0, VANISHER, IRIS_THREAD_DEAD),
               "both threads end");
    kit_audit("in the end");
    bare_end(&client);
    bare_end(&vanisher);
    iris_port_bind(0);
    rig_free(&rig);
    memory_release(IRIS_SLOT_MEMORY, buffer, SIZE);
}
