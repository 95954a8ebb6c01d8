/* SPDX-License-Identifier: MIT */
/* Threads: rows 11, 12, 21 and 22. */
#include <iris/summary.h>

#include <string.h>

#include "twin.h"

IRIS_SUMMARY("test: threads begin by message, end by returning, and leave nothing: [ROUNDS]");

#define UTCB (BARE_UTCB_FIRST + 1)

static struct twin twin;
static struct bare bare, other;

/* ---- Row 21: silent until the message ---- */

static volatile uint32_t ran, argument_seen, stack_seen;

static void run_once(void *argument)
{
    stack_seen = (uint32_t)__builtin_frame_address(0);
    argument_seen = (uint32_t)argument;
    ran++;
}

static int start_with(uint32_t label, unsigned words)
{
    struct iris_message m = {.tag = IRIS_TAG(label, words), .word = {(uint32_t)run_once}};
    return iris_ipc_call(bare.handle, &m);
}

static void check_start(void)
{
    struct iris_thread_info info;

    ran = 0;
    TEST_EQUAL(bare_create(&bare, 0, UTCB), 0, "a new thread");
    for (unsigned i = 0; i < 10; i++)
        iris_thread_switch(0);
    iris_space_inspect(0, IRIS_INSPECT_THREADS, UTCB, &info, 1);
    TEST_CHECK(info.state == IRIS_THREAD_NEW && ran == 0, "is silent");
    TEST_EQUAL(start_with(IRIS_LABEL_START + 1, 4), -EINVAL, "a message that is no START");
    TEST_EQUAL(start_with(IRIS_LABEL_START, 3), -EINVAL, "a START that is too short");
    uint32_t weak = kit_slot();
    iris_handle_copy(bare.handle, 0, weak, IRIS_RIGHT_ALL & ~IRIS_RIGHT_CONTROL);
    struct iris_message m = {.tag = IRIS_TAG(IRIS_LABEL_START, 4)};
    TEST_EQUAL(iris_ipc_call(weak, &m), -EPERM, "a START from who may not");
    iris_handle_discard(weak);
    for (unsigned i = 0; i < 10; i++)
        iris_thread_switch(0);
    TEST_EQUAL(ran, 0, "have not started it");
    TEST_EQUAL(bare_start(&bare, run_once, (void *)0x1234), 0, "the real START");
    TEST_CHECK(kit_wait_word(&ran, 1), "does");
    TEST_EQUAL(argument_seen, 0x1234, "with the argument it brought");
    TEST_CHECK(stack_seen > (uint32_t)bare.stack && stack_seen < (uint32_t)bare.stack + BARE_STACK,
               "on the stack it brought");
    TEST_CHECK(kit_wait_state(0, UTCB, IRIS_THREAD_DEAD), "returning is exiting");
    int again = bare_start(&bare, run_once, NULL);
    TEST_EQUAL(again, -EDEAD, "there is no second START");
    bare_end(&bare);
}

static void wait_forever(void *port)
{
    struct iris_message m;
    iris_port_bind((uint32_t)port);
    iris_ipc_wait(&m);
}

static void check_started_twice(void)
{
    struct rig rig;

    rig_make(&rig, 1, 1);
    TEST_EQUAL(bare_run(&bare, 0, UTCB, wait_forever, (void *)rig.port), 0, "a running thread");
    TEST_EQUAL(bare_start(&bare, run_once, NULL), -EINVAL, "is not started a second time");
    TEST_CHECK(kit_wait_state(0, UTCB, IRIS_THREAD_WAITING), "and goes its way");
    bare_end(&bare);
    rig_free(&rig);
}

/* ---- Ends ---- */

static int return_seven(void *unused)
{
    (void)unused;
    return 7;
}

static void exit_eight(void *unused)
{
    (void)unused;
    iris_thread_exit(8);
}

static void check_exit_events(void)
{
    if (!TEST_CHECK(twin_make(&twin, false), "a space whose exits are told"))
        return;
    struct twin_end end = twin_run(&twin, exit_eight, NULL);
    TEST_CHECK(!end.hung && end.reason == IRIS_EXIT_RETURN && end.code == 8, "thread_exit(8)");
    end = twin_run(&twin, (void (*)(void *))(uint32_t)return_seven, NULL);
    TEST_CHECK(!end.hung && end.reason == IRIS_EXIT_RETURN && end.code == 7, "return 7");
    twin_start(&twin, 1, wait_forever, NULL); /* no such port: it returns at once, or waits */
    iris_object_destroy(twin.threads[1].handle);
    end = twin_wait(&twin);
    TEST_CHECK(!end.hung && (end.reason == IRIS_EXIT_DESTROYED || end.reason == IRIS_EXIT_RETURN),
               "a destroyed thread's end is told too");
    twin_free(&twin);
}

/* ---- Row 12: UTCB slots ---- */

static void check_utcb_slots(void)
{
    uint32_t slot = kit_slot();
    uint32_t page = IRIS_UTCB_BASE + UTCB / 8 * IRIS_PAGE_SIZE;

    TEST_EQUAL(bare_create(&bare, 0, UTCB), 0, "a thread in a slot of its creator's choice");
    TEST_EQUAL(((struct iris_utcb *)(IRIS_UTCB_BASE + UTCB * IRIS_UTCB_SIZE))->slot, UTCB,
               "its UTCB is there");
    TEST_EQUAL(iris_thread_create(0, slot, UTCB, 0), -EEXIST, "a slot that is taken");
    TEST_EQUAL(iris_thread_create(0, slot, iris_utcb()->slot, 0), -EEXIST, "or one's own");
    TEST_EQUAL(iris_thread_create(0, slot, IRIS_UTCB_SLOTS, 0), -EINVAL, "one beyond the window");
    TEST_EQUAL(iris_thread_create(0, slot, 0xffffffff, 0), -EINVAL, "or far beyond");
    TEST_EQUAL(iris_thread_create(0, slot, UTCB + 1, IRIS_PRIORITIES), -EINVAL,
               "a priority that does not exist");
    TEST_EQUAL(iris_thread_create(0, IRIS_SLOT_SPACE, UTCB + 1, 0), -EEXIST,
               "a handle slot that is taken");
    TEST_EQUAL(kit_object(slot, NULL), 0, "none of these made anything");
    TEST_EQUAL(iris_memory_unmap(0, page, 1, IRIS_UNMAP_OWN), -EINVAL, "a UTCB is not unmapped");
    TEST_EQUAL(iris_memory_unmap(0, page - IRIS_PAGE_SIZE * (UTCB / 8 + 1), UTCB / 8 + 2, 0),
               -EINVAL, "not even as part of a range");
    TEST_EQUAL(iris_memory_map(0, page, 0, twin_memory_begin(), 1, 0), -EINVAL, "nor mapped over");
    TEST_EQUAL(iris_memory_map(0, 0x20000000, 0, page, 1, 0), -EFAULT, "nor mapped elsewhere");
    TEST_EQUAL(iris_memory_map(0, 0x20000000, 0, page, 1, IRIS_MAP_GRANT), -EFAULT,
               "nor given away");
    bare_end(&bare);
    TEST_EQUAL(iris_thread_create(0, slot, UTCB, 0), 0, "a slot is free again after its thread");
    iris_object_destroy(slot);
    iris_handle_discard(slot);
}

/* A space may be entered only by who controls it. */
static void check_foreign_space(void)
{
    uint32_t weak = kit_slot(), slot = kit_slot();

    if (!TEST_CHECK(twin_make(&twin, false), "another space"))
        return;
    iris_handle_copy(twin.space, 0, weak, IRIS_RIGHT_ALL & ~IRIS_RIGHT_CONTROL);
    TEST_EQUAL(iris_thread_create(weak, slot, 0, 0), -EPERM, "is not entered without CONTROL");
    TEST_EQUAL(iris_thread_create(twin.space, slot, 0, 0), 0, "with it, it is");
    TEST_EQUAL(iris_thread_create(twin.space, kit_slot(), 1, IRIS_PRIORITIES - 1), -EPERM,
               "but not above its ceiling");
    TEST_EQUAL(iris_thread_schedule(slot, IRIS_PRIORITIES - 1, 0, 0, 0, 0), -EPERM,
               "nor lifted above one's own");
    iris_object_destroy(slot);
    iris_handle_discard(slot);
    iris_handle_discard(weak);
    twin_free(&twin);
}

/* ---- Row 11: thread-local storage ---- */

static __thread volatile uint32_t mine = 100;
static volatile uint32_t utcb_seen[2], pointer_seen[2], mine_seen[2], ids_seen[2];

static uint32_t thread_pointer(void)
{
    uint32_t value;
    __asm__ volatile("movl %%gs:0, %0" : "=r"(value));
    return value;
}

static int look(void *argument)
{
    unsigned i = (unsigned)argument;

    mine += i + 1;
    for (unsigned k = 0; k < 20; k++) {
        iris_thread_switch(0); /* to the other, which has another thread pointer */
        if (k > 0 && pointer_seen[i] != thread_pointer())
            return 1;
        pointer_seen[i] = thread_pointer();
    }
    utcb_seen[i] = (uint32_t)iris_utcb();
    ids_seen[i] = iris_thread_id();
    mine_seen[i] = mine;
    return 0;
}

static void check_thread_local(void)
{
    struct iris_thread threads[2];
    int results[2] = {-1, -1};

    for (unsigned i = 0; i < 2; i++)
        TEST_EQUAL(iris_thread_launch(&threads[i], look, (void *)i, NULL), 0, "thread %u", i);
    for (unsigned i = 0; i < 2; i++)
        iris_thread_join(&threads[i], &results[i]);
    TEST_CHECK(results[0] == 0 && results[1] == 0, "each keeps its thread pointer over switches");
    TEST_CHECK(pointer_seen[0] != pointer_seen[1], "%%gs:0 differs between them");
    TEST_CHECK(utcb_seen[0] != utcb_seen[1], "so do their UTCBs");
    TEST_CHECK(ids_seen[0] != ids_seen[1] && ids_seen[0] != iris_thread_id(), "and their ids");
    TEST_CHECK(mine_seen[0] == 101 && mine_seen[1] == 102 && mine == 100,
               "each has its own __thread variable, with its first value");
}

/* ---- Row 22: nothing is left ---- */

static void nothing(void *unused) { (void)unused; }

static void check_rounds(unsigned rounds)
{
    uint32_t failed = 0, pages = 0, handles = 0;

    for (unsigned i = 0; i < rounds + 2; i++) {
        if (i == 2) { /* what is made once is there now */
            pages = kit_space(0).pages_used;
            handles = kit_space(0).handles;
        }
        failed += bare_run(&bare, 0, UTCB, nothing, NULL) < 0;
        failed += bare_run(&other, 0, UTCB + 1, nothing, NULL) < 0;
        failed += !kit_wait_state(0, UTCB, IRIS_THREAD_DEAD);
        failed += !kit_wait_state(0, UTCB + 1, IRIS_THREAD_DEAD);
        bare_end(&bare);
        bare_end(&other);
    }
    TEST_EQUAL(failed, 0, "%u threads made and ended", 2 * rounds);
    TEST_EQUAL(kit_space(0).pages_used, pages, "kernel pages are what they were");
    TEST_EQUAL(kit_space(0).handles, handles, "and handles");
    TEST_EQUAL(kit_space(0).threads, 1, "one thread is left");
}

/* Threads that are never started, until the account is empty: ENOMEM, and all comes back. */
static void check_exhaustion(void)
{
    static struct bare many[160];
    uint32_t pages = kit_space(0).pages_used;
    unsigned made = 0;
    int error = 0;

    while (made < sizeof many / sizeof *many && error == 0) {
        error = bare_create(&many[made], 0, UTCB + made);
        made += error == 0;
    }
    TEST_EQUAL(error, -ENOMEM, "the account is exhausted after %u threads", made);
    for (unsigned i = 0; i < made; i++)
        bare_end(&many[i]);
    /* Handle tables stay as big as they were once. */
    TEST_CHECK(kit_space(0).pages_used <= pages + 2,
               "all pages but those of the handle table "
               "are back (%u, were %u)",
               (unsigned)kit_space(0).pages_used, (unsigned)pages);
}

int main(int argc, char *argv[])
{
    unsigned rounds = kit_rounds(argc, argv, 200);

    test_begin("t_threads");
    check_start();
    check_started_twice();
    check_exit_events();
    check_utcb_slots();
    check_foreign_space();
    check_thread_local();
    check_rounds(rounds);
    check_exhaustion();
    return test_end();
}
