/* SPDX-License-Identifier: MIT */
/* Row 32: the faults of a child space are served here, page by page; what is refused becomes an
   exception, and in the end kills the thread alone. */
#include "t_memory.h"

static struct twin twin;
static uint8_t data[8 * PAGE] __attribute__((aligned(PAGE)));
static volatile uint32_t sum;

static void read_all(void *unused)
{
    (void)unused;
    uint32_t total = 0;
    for (unsigned i = 0; i < sizeof data; i += PAGE)
        total += ((volatile uint8_t *)data)[i];
    sum = total;
}

static void write_all(void *unused)
{
    (void)unused;
    for (unsigned i = 0; i < sizeof data; i += PAGE)
        ((volatile uint8_t *)data)[i] = (uint8_t)(i / PAGE + 100);
}

static void read_at(void *address) { sum = *(volatile uint32_t *)address; }
static void write_at(void *address) { *(volatile uint32_t *)address = 1; }
static void jump_to(void *address) { ((void (*)(void))address)(); }

static bool killed_by_page(void (*function)(void *), uint32_t address, uint32_t bits)
{
    struct twin_end end = twin_run(&twin, function, (void *)address);
    return !end.hung && end.reason == IRIS_EXIT_FAULT && end.code == 14 && end.exceptions == 1 &&
           end.last.vector == 14 && end.last.address == address &&
           (end.last.error & ~1u) == (bits | IRIS_FAULT_USER);
}

static void check_served(void)
{
    for (unsigned i = 0; i < 8; i++)
        data[i * PAGE] = (uint8_t)(i + 1);
    unsigned before = twin.served;
    struct twin_end end = twin_run(&twin, read_all, NULL);
    TEST_CHECK(!end.hung && end.reason == IRIS_EXIT_RETURN && sum == 36, "it reads eight pages");
    TEST_CHECK(twin.served - before >= 8, "each of them was asked for (%u faults)",
               twin.served - before);
    before = twin.served;
    end = twin_run(&twin, read_all, NULL);
    TEST_CHECK(!end.hung && twin.served == before, "once: the second time none is");
    iris_memory_unmap(0, (uint32_t)data, 8, 0);
    end = twin_run(&twin, write_all, NULL);
    TEST_CHECK(!end.hung && twin.served == before + 8, "taken away, each is asked for again");
    bool right = true;
    for (unsigned i = 0; i < 8; i++)
        right = right && data[i * PAGE] == i + 100;
    TEST_CHECK(right, "and what it writes is seen here");
}

static void check_refused(void)
{
    TEST_CHECK(killed_by_page(read_at, 0, 0), "reading page 0");
    TEST_CHECK(killed_by_page(write_at, 0, IRIS_FAULT_WRITE), "writing it");
    TEST_CHECK(killed_by_page(read_at, FAR, 0), "reading what its pager refuses");
    TEST_CHECK(killed_by_page(read_at, IRIS_USER_TOP, 0), "reading the kernel");
    TEST_CHECK(killed_by_page(write_at, IRIS_USER_TOP, IRIS_FAULT_WRITE), "writing the kernel");
    TEST_CHECK(killed_by_page(read_at, 0xfffffffc, 0), "reading its last word");
    TEST_CHECK(killed_by_page(jump_to, IRIS_USER_TOP + 0x100000, 0), "jumping into it");
    TEST_CHECK(killed_by_page(jump_to, FAR, 0), "jumping to nowhere");
    TEST_CHECK(killed_by_page(write_at, (uint32_t)read_at, IRIS_FAULT_WRITE), "writing code");
    TEST_CHECK(killed_by_page(write_at, IRIS_DATA_PAGE, IRIS_FAULT_WRITE), "writing the data page");
    TEST_CHECK(killed_by_page(write_at, IRIS_VDSO_BASE, IRIS_FAULT_WRITE), "writing the vDSO");
    TEST_CHECK(killed_by_page(read_at, IRIS_UTCB_BASE + 100 * PAGE, 0),
               "reading a UTCB that does not exist");
    struct twin_end end = twin_run(&twin, read_all, NULL);
    TEST_CHECK(!end.hung && end.reason == IRIS_EXIT_RETURN, "the space itself goes on");
}

/* Row 34: nobody handles it: the thread ends, its space stays, the exit is told. */
static void check_no_handler(void)
{
    struct iris_message m = {0};
    static struct bare bare;
    struct rig exits;
    uint32_t space = kit_slot();

    rig_make(&exits, 55, 0);
    TEST_EQUAL(iris_space_create(space, 16, kit_priority(), 0, 0, exits.client), 0,
               "a space without pager and handler");
    TEST_EQUAL(bare_run(&bare, space, 0, read_at, NULL), 0, "a thread in it");
    iris_port_bind(exits.port);
    TEST_EQUAL(iris_ipc_wait_until(&m, kit_soon(KIT_PATIENCE)), 0, "ends at its first instruction");
    TEST_CHECK(iris_tag_label(m.tag) == IRIS_EVENT_EXIT && m.badge == 55 &&
                   m.word[1] == IRIS_EXIT_FAULT && m.word[2] == 14,
               "by a page fault, and that is told");
    TEST_EQUAL(kit_space(space).threads, 0, "it is gone, its space is there");
    iris_port_bind(0);
    bare_end(&bare);
    iris_object_destroy(space);
    iris_handle_discard(space);
    rig_free(&exits);
}

/* The pager's port dies while a fault waits at it: the thread is not left hanging. */
static void check_pager_dies(void)
{
    struct iris_message m = {0};
    static struct bare bare;
    struct rig pager, exits;
    uint32_t space = kit_slot();

    rig_make(&pager, 1, 0);
    rig_make(&exits, 56, 0);
    iris_space_create(space, 16, kit_priority(), pager.client, 0, exits.client);
    TEST_CHECK(bare_run(&bare, space, 0, read_at, NULL) == 0 &&
                   kit_wait_state(space, 0, IRIS_THREAD_QUEUED),
               "a fault waits for its pager");
    TEST_EQUAL(iris_object_destroy(pager.port), 0, "which goes away");
    iris_port_bind(exits.port);
    TEST_EQUAL(iris_ipc_wait_until(&m, kit_soon(KIT_PATIENCE)), 0, "the thread ends");
    TEST_CHECK(m.word[1] == IRIS_EXIT_FAULT && m.word[2] == 14, "by its page fault");
    iris_port_bind(0);
    bare_end(&bare);
    iris_object_destroy(space);
    iris_handle_discard(space);
    rig_free(&pager);
    rig_free(&exits);
}

/* The exit portal is revoked while an exit event waits; then the space goes. */
static void check_exit_portal_dies(void)
{
    struct iris_message m = {0};
    static struct bare bare;
    struct rig exits;
    uint32_t space = kit_slot();

    rig_make(&exits, 57, 0);
    iris_space_create(space, 16, kit_priority(), 0, 0, exits.client);
    TEST_CHECK(bare_run(&bare, space, 0, read_at, NULL) == 0 &&
                   kit_wait_state(space, 0, IRIS_THREAD_DEAD),
               "a thread has ended and its exit event waits");
    TEST_EQUAL(iris_object_destroy(exits.own), 0, "the exit portal is revoked");
    kit_audit("with the event still waiting");
    TEST_EQUAL(iris_object_destroy(space), 0, "the space is destroyed");
    kit_audit("with the port still there");
    iris_port_bind(exits.port);
    TEST_EQUAL(iris_ipc_wait_until(&m, IRIS_DEADLINE_POLL), -ETIMEDOUT, "nothing is left to tell");
    iris_port_bind(0);
    bare_end(&bare);
    iris_handle_discard(space);
    rig_free(&exits);
}

void test_pager(void)
{
    if (!TEST_CHECK(twin_make(&twin, false), "a space whose pager is this program"))
        return;
    check_served();
    check_refused();
    twin_free(&twin);
    check_no_handler();
    check_pager_dies();
    check_exit_portal_dies();
}
