/* SPDX-License-Identifier: MIT */
/*
 * A chain of handlers of which each faults while it handles the fault of the one before: when the
 * last one's handler dies, all must end, one by one, without the kernel's stack growing with them.
 */
#include "t_death.h"

#define HANDLERS 30u
#define TWIN_PORT 20u

static struct twin twin;
static struct bare handlers[HANDLERS + 1];

static void fault(void *waits)
{
    struct iris_message m;

    if (waits) {
        iris_port_bind(TWIN_PORT);
        iris_ipc_wait(&m);
    }
    __asm__ volatile("ud2");
}

static bool start(unsigned i, bool waits)
{
    return bare_create(&handlers[i], twin.space, DEATH_UTCB + i) == 0 &&
           bare_start(&handlers[i], fault, waits ? &twin : NULL) == 0;
}

/* All handlers wait at the port where their own faults arrive; the last thread begins. */
static bool arrange(void)
{
    bool right = twin_make(&twin, true) && iris_space_fund(twin.space, HANDLERS + 20) == 0 &&
                 twin_give(&twin, twin.port, TWIN_PORT, IRIS_RIGHT_ALL) == 0;

    for (unsigned i = 0; right && i < HANDLERS; i++)
        right = start(i, true) && kit_wait_state(twin.space, DEATH_UTCB + i, IRIS_THREAD_WAITING);
    return right && start(HANDLERS, false);
}

void test_handlers_fault(void)
{
    unsigned ended = 0;

    if (TEST_CHECK(arrange(), "%u handlers that fault themselves", HANDLERS)) {
        /* Each is received by the next one; the last fault finds nobody and is queued. */
        kit_wait_state(twin.space, DEATH_UTCB + HANDLERS - 1, IRIS_THREAD_QUEUED);
        kit_audit("with a chain of faults");
        TEST_EQUAL(iris_object_destroy(twin.port), 0, "the port of the last one's handler dies");
        for (unsigned i = 0; i <= HANDLERS; i++)
            ended += kit_wait_state(twin.space, DEATH_UTCB + i, IRIS_THREAD_DEAD);
        TEST_EQUAL(ended, HANDLERS + 1, "all of them end");
        kit_audit("after their end");
    }
    for (unsigned i = 0; i <= HANDLERS; i++)
        bare_end(&handlers[i]);
    twin_free(&twin);
}
