/* SPDX-License-Identifier: MIT */
/*
 * Row 33: pagers three deep, each in a space of its own, above the memory service. The innermost
 * client's fault makes its pager fault at its own pager, and so on up.
 */
#include "t_pager.h"

#define LEVELS 3u
#define PAGES 24u
#define KERNEL_PAGES 24u
enum { SLOT_PORT = 20, SLOT_CLIENT = 21 }; /* in a pager's own table */
enum { UTCB = BARE_UTCB_FIRST + 70 };

/* Level 0's pager is a thread here, level n's one of level n - 1. */
static struct domain level[LEVELS];
static struct rig rigs[LEVELS], exits;
static struct pager pagers[LEVELS];
static struct bare worker;

static bool make_level(uint32_t n)
{
    if (!rig_make(&rigs[n], 1, 0) ||
        !domain_make(&level[n], KERNEL_PAGES, rigs[n].client, 0, exits.client))
        return false;
    if (n == 0)
        return pager_run(&pagers[0], UTCB, &rigs[0], level[0].space);
    /* The port is the pager's alone: with its space it dies. */
    pagers[n] = (struct pager){.port = SLOT_PORT, .client = SLOT_CLIENT};
    return iris_handle_copy(rigs[n].port, level[n - 1].space, SLOT_PORT,
                            IRIS_RIGHT_RECEIVE | IRIS_MOVE) == 0 &&
           iris_handle_copy(level[n].space, level[n - 1].space, SLOT_CLIENT, IRIS_RIGHT_MAP) == 0 &&
           bare_run(&pagers[n].thread, level[n - 1].space, 0, pager_loop, &pagers[n]) == 0;
}

static void run_worker(void (*function)(void *), void *argument)
{
    sum = 0;
    bare_run(&worker, level[LEVELS - 1].space, 0, function, argument);
}

static void check_chain(const char *when)
{
    uint32_t before[LEVELS];

    for (uint32_t n = 0; n < LEVELS; n++)
        before[n] = pagers[n].served;
    run_worker(touch_all, (void *)PAGES);
    struct ending end = ending_wait(exits.port);
    bare_end(&worker);
    TEST_CHECK(end.came && end.reason == IRIS_EXIT_RETURN, "the innermost ends, %s", when);
    TEST_EQUAL(sum, PAGES * (PAGES + 1) / 2, "having read what is here");
    for (uint32_t n = 0; n < LEVELS; n++)
        TEST_EQUAL(pagers[n].served - before[n], PAGES, "level %u was asked for each page",
                   (unsigned)n);
    unsigned wrong = 0;
    for (uint32_t i = 0; i < PAGES; i++)
        wrong += ((volatile uint32_t *)(FAR + i * PAGE))[1] != i * 3;
    TEST_EQUAL(wrong, 0, "what it wrote is seen here");
}

/* In the middle of it all the middle pager's space goes. */
static void check_cut(void)
{
    iris_memory_unmap(0, FAR, PAGES, 0);
    TEST_EQUAL(iris_object_destroy(level[1].space), 0, "the space of the innermost's pager goes");
    run_worker(touch_far, (void *)0);
    struct ending end = ending_wait(exits.port);
    while (end.came && end.reason == IRIS_EXIT_DESTROYED) /* that pager's own thread */
        end = ending_wait(exits.port);
    bare_end(&worker);
    TEST_CHECK(end.came && end.reason == IRIS_EXIT_FAULT && end.code == 14,
               "the innermost's fault has nobody: it ends by it");
    TEST_EQUAL(kit_space(level[0].space).threads, 1, "the upper one is as before");
}

void test_nested(void)
{
    bool made = rig_make(&exits, 9, 0);

    for (uint32_t n = 0; n < LEVELS; n++)
        made = made && make_level(n);
    if (TEST_CHECK(made, "%u pagers, each in the space of the one before", (unsigned)LEVELS)) {
        check_chain("through three pagers");
        kit_audit("with pages that came three deep");
        struct iris_mapping_info info;
        iris_space_inspect(level[LEVELS - 1].space, IRIS_INSPECT_MAPPINGS, FAR / PAGE, &info, 1);
        uint32_t frame = info.frame;
        iris_space_inspect(0, IRIS_INSPECT_MAPPINGS, FAR / PAGE, &info, 1);
        TEST_CHECK(info.frame == frame && info.derived == 1, "no page was copied");
        TEST_EQUAL(iris_memory_unmap(0, FAR, PAGES, 0), 0, "all is taken away at the top");
        check_chain("once more");
        check_cut();
    }
    for (uint32_t n = LEVELS; n-- > 0;)
        domain_end(&level[n]);
    for (uint32_t n = 0; n < LEVELS; n++) {
        bare_end(&pagers[n].thread);
        rig_free(&rigs[n]);
    }
    rig_free(&exits);
}

/* ---- Each message at its own port ---- */

static struct domain domain;

/* Receives one fault at a port and answers it. */
static bool answer(uint32_t port, uint32_t expected, uint32_t label)
{
    struct iris_message m;

    iris_port_bind(port);
    bool right =
        iris_ipc_wait_until(&m, kit_soon(KIT_PATIENCE)) == 0 && iris_tag_label(m.tag) == expected;
    m = (struct iris_message){.tag = IRIS_TAG(label, 0) | IRIS_TAG_DEADLINE};
    iris_utcb()->deadline = IRIS_DEADLINE_POLL;
    iris_ipc_reply_and_wait(&m);
    iris_port_bind(0);
    return right;
}

static bool silent(uint32_t port)
{
    struct iris_message m;

    iris_port_bind(port);
    bool none = iris_ipc_wait_until(&m, IRIS_DEADLINE_POLL) == -ETIMEDOUT;
    iris_port_bind(0);
    return none;
}

void test_portals(void)
{
    struct rig pager, exception, exit;
    static struct bare thread;

    rig_make(&pager, 1, 0);
    rig_make(&exception, 2, 0);
    rig_make(&exit, 3, 0);
    TEST_CHECK(domain_make(&domain, 24, pager.client, exception.client, exit.client),
               "a space with three handlers at three ports");
    bare_run(&thread, domain.space, 0, touch_outside, NULL);
    TEST_CHECK(kit_wait_state(domain.space, 0, IRIS_THREAD_QUEUED), "a fault waits");
    TEST_CHECK(silent(exception.port) && silent(exit.port), "not at the wrong ports");
    TEST_CHECK(answer(pager.port, IRIS_FAULT_PAGE, 0), "the pager lets it try again");
    TEST_CHECK(answer(pager.port, IRIS_FAULT_PAGE, EFAULT), "then it refuses");
    TEST_CHECK(silent(exit.port), "nothing has ended");
    TEST_CHECK(answer(exception.port, IRIS_FAULT_EXCEPTION, 0),
               "the exception handler lets it try again");
    TEST_CHECK(answer(pager.port, IRIS_FAULT_PAGE, EFAULT), "the pager refuses again");
    TEST_CHECK(answer(exception.port, IRIS_FAULT_EXCEPTION, EFAULT), "and so does the handler");
    struct ending end = ending_wait(exit.port);
    TEST_CHECK(end.came && end.badge == 3 && end.reason == IRIS_EXIT_FAULT && end.code == 14,
               "now it ends, and only the exit port is told");
    TEST_CHECK(silent(pager.port) && silent(exception.port), "the others are not");
    bare_end(&thread);
    domain_end(&domain);
    rig_free(&pager);
    rig_free(&exception);
    rig_free(&exit);
}
