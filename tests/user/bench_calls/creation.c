/* SPDX-License-Identifier: MIT */
/* Threads, spaces, ports, portals, handles: what their creation and end cost, and their memory. */
#include "bench.h"

#define SPACE_PAGES 8
#define MANY 64 /* objects whose memory is counted */

static unsigned wrong;

static void note(bool right) { wrong += !right; }

/* ---- A thread: made, started, run, ended, heard of, closed ---- */

static struct iris_thread_block block __attribute__((aligned(IRIS_THREAD_BLOCK_ALIGN)));
static uint8_t stack[BARE_STACK] __attribute__((aligned(16)));

static void nothing(void *unused) { (void)unused; }

/* The event keeps the thread's page until it is received. */
static void exit_heard(void)
{
    struct iris_message m;
    note(iris_ipc_wait(&m) == 0 && iris_tag_label(m.tag) == IRIS_EVENT_EXIT);
}

static void thread_life(uint32_t space, uint32_t slot, uint32_t priority)
{
    struct iris_message m = {
        .tag = IRIS_TAG(IRIS_LABEL_START, 4),
        .word = {(uint32_t)nothing, (uint32_t)(stack + BARE_STACK), (uint32_t)&block},
    };

    note(iris_thread_create(space, slot, 0, priority) == 0);
    iris_utcb()->words[3] = 0;
    note(iris_ipc_call(slot, &m) == 0);
    exit_heard();
    note(iris_handle_close(slot) == 0);
}

static void threads(struct twin *twin)
{
    uint32_t slot = kit_slot(), priority = kit_priority();

    block.utcb = (struct iris_utcb *)IRIS_UTCB_BASE;
    iris_port_bind(twin->port);
    test_metric("thread_create_exit", BENCH_LEAST(, thread_life(twin->space, slot, priority), ),
                "instructions", "spaces=2");
    uint32_t least = BENCH_LEAST(, note(iris_thread_create(twin->space, slot, 0, priority) == 0),
                                 note(iris_object_destroy(slot) == 0);
                                 note(iris_handle_close(slot) == 0); exit_heard());
    test_metric("thread_create", least, "instructions", "%s", "");
    iris_port_bind(0);
    iris_slot_free(slot);
}

static void spaces(void)
{
    uint32_t slot = kit_slot(), priority = kit_priority();
    uint32_t least =
        BENCH_LEAST(, note(iris_space_create(slot, SPACE_PAGES, priority, 0, 0, 0) == 0);
                    note(iris_object_destroy(slot) == 0); note(iris_handle_close(slot) == 0), );

    test_metric("space_create_destroy", least, "instructions", "%s", "");
    iris_slot_free(slot);
}

static void small_things(void)
{
    struct rig rig;
    uint32_t slot = kit_slot();

    rig_make(&rig, 1, 0);
    uint32_t least =
        BENCH_LEAST(, note(iris_port_create(slot) == 0); note(iris_handle_close(slot) == 0), );
    test_metric("port_create_close", least, "instructions", "%s", "");
    least = BENCH_LEAST(, note(iris_portal_create(rig.port, slot, 1, IRIS_RIGHT_CALL, 0) == 0);
                        note(iris_object_destroy(slot) == 0); note(iris_handle_close(slot) == 0), );
    test_metric("portal_create_destroy", least, "instructions", "%s", "");
    least = BENCH_LEAST(, note(iris_handle_copy(rig.client, 0, slot, IRIS_RIGHT_CALL) == 0);
                        note(iris_handle_close(slot) == 0), );
    test_metric("handle_copy_close", least, "instructions", "%s", "");
    iris_slot_free(slot);
    rig_free(&rig);
}

/* ---- Memory: kernel pages, with their share of UTCB pages and handle tables ---- */

static void memory_per_thread(const struct twin *twin)
{
    uint32_t slots[MANY], before = kit_space(twin->space).pages_used, priority = kit_priority();
    unsigned made = 0;

    while (made < MANY / 4) { /* a twin has pages for so many */
        slots[made] = kit_slot();
        if (iris_thread_create(twin->space, slots[made], 8 + made, priority) < 0)
            break;
        made++;
    }
    uint32_t pages = kit_space(twin->space).pages_used - before;
    TEST_EQUAL(made, MANY / 4, "as many threads");
    test_metric("memory_per_thread", (uint64_t)pages * PAGE / made, "bytes", "%s", "");
    for (unsigned i = 0; i < made; i++) {
        iris_object_destroy(slots[i]);
        iris_handle_discard(slots[i]);
    }
}

static void memory_per_space(void)
{
    uint32_t slot = kit_slot();
    struct iris_space_info before = kit_space(0), after;

    note(iris_space_create(slot, SPACE_PAGES, kit_priority(), 0, 0, 0) == 0);
    after = kit_space(0);
    uint32_t pages = after.pages_used - before.pages_used + kit_space(slot).pages_used;
    test_metric("memory_per_space", (uint64_t)pages * PAGE, "bytes", "%s", "");
    iris_object_destroy(slot);
    iris_handle_discard(slot);
}

/* Ports with their handles: whole pages of both, so that nothing is left over. */
static void memory_per_port(void)
{
    enum { PORTS = 31 * 4 }; /* of 128 bytes each, one place of a page is its header's */
    uint32_t slots[PORTS];

    for (unsigned i = 0; i < PORTS; i++)
        slots[i] = kit_slot(); /* brings the table's pages */
    uint32_t before = kit_space(0).pages_used;
    for (unsigned i = 0; i < PORTS; i++)
        note(iris_port_create(slots[i]) == 0);
    uint32_t pages = kit_space(0).pages_used - before;
    test_metric("memory_per_port", (uint64_t)pages * PAGE / PORTS, "bytes", "%s", "");
    for (unsigned i = 0; i < PORTS; i++)
        iris_handle_discard(slots[i]);
}

void bench_creation(void)
{
    static struct twin twin;

    wrong = 0;
    if (!TEST_CHECK(twin_make(&twin, true), "another space"))
        return;
    threads(&twin);
    twin_free(&twin);
    spaces();
    small_things();
    if (TEST_CHECK(twin_make(&twin, false), "another space"))
        memory_per_thread(&twin);
    twin_free(&twin);
    memory_per_space();
    memory_per_port();
    TEST_EQUAL(wrong, 0, "every call did what it should");
}
