/* SPDX-License-Identifier: MIT */
/* Row 18: calls and replies never enter the scheduler. The kernel counts its entries. */
#include <iris/names.h>

#include "kernel_debug.h"
#include "names.h"
#include "t_budget.h"

#define UTCB_SERVER UTCB_FIRST
enum { TWIN_PORT = 20 };

static struct rig rig;
static struct bare server;
static struct twin twin;
static uint32_t debug;

static void serve(void *port)
{
    struct iris_message m;
    int error = iris_port_bind((uint32_t)port);

    if (error == 0)
        error = iris_ipc_wait(&m);
    while (error == 0) {
        m.tag = IRIS_TAG(0, iris_tag_words(m.tag));
        error = iris_ipc_reply_and_wait(&m);
    }
}

static struct kernel_statistics statistics(void)
{
    struct kernel_statistics s = {0};

    kernel_debug_statistics(debug, &s);
    return s;
}

/* What was printed is out: the console's driver needs the processor no more. */
static void wait_quiet(void)
{
    uint64_t end = kit_soon(KIT_PATIENCE);
    uint32_t before, after = statistics().interrupts;

    do {
        before = after;
        burn(2 * MS);
        iris_thread_switch(0);
        after = statistics().interrupts;
    } while (before != after && iris_clock_monotonic() < end);
}

/* The least of some tries: an interrupt may come between. */
static uint32_t dispatches(unsigned calls, unsigned words, uint32_t *slow, unsigned *wrong)
{
    uint32_t least = ~0u;

    wait_quiet();
    for (unsigned attempt = 0; attempt < 5; attempt++) {
        struct kernel_statistics before = statistics();
        for (unsigned i = 0; i < calls; i++) {
            struct iris_message m;
            message_fill(&m, 1, words, i);
            *wrong += iris_ipc_call(rig.client, &m) < 0 || message_wrong(&m, words, i, 0);
        }
        struct kernel_statistics after = statistics();
        uint32_t count = after.dispatches - before.dispatches;
        least = count < least ? count : least;
        *slow = after.slow_calls - before.slow_calls;
    }
    return least;
}

static void check(unsigned calls, const char *where)
{
    static const unsigned words[] = {0, 3, 4, 64};
    uint32_t slow = 0;
    unsigned wrong = 0;

    for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
        uint32_t count = dispatches(calls, words[i], &slow, &wrong);
        TEST_CHECK(count <= calls / 50 + 2,
                   "%u calls of %u words into %s: the scheduler was entered %u times", calls,
                   words[i], where, (unsigned)count);
    }
    TEST_EQUAL(wrong, 0, "all answered rightly");
    test_metric("slow_calls", slow, "calls", "of=%u", calls);
}

void test_counter(unsigned calls)
{
    if (!TEST_CHECK(names_lookup(IRIS_SLOT_NAMES, IRIS_NAME_DEBUG, &debug) == 0 &&
                        rig_make(&rig, 1, 0) &&
                        bare_run(&server, 0, UTCB_SERVER, serve, (void *)rig.port) == 0 &&
                        kit_wait_state(0, UTCB_SERVER, IRIS_THREAD_WAITING),
                    "the kernel's counters, and a server"))
        return;
    check(calls, "the own space");
    bare_end(&server);
    bool ready = twin_make(&twin, true) &&
                 twin_give(&twin, rig.port, TWIN_PORT, IRIS_RIGHT_RECEIVE) == 0 &&
                 twin_start(&twin, 0, serve, (void *)TWIN_PORT) == 0 &&
                 kit_wait_state(twin.space, 0, IRIS_THREAD_WAITING);
    if (TEST_CHECK(ready, "the same server in another space"))
        check(calls, "another");
    twin_free(&twin);
    rig_free(&rig);
    iris_handle_discard(debug);
}
