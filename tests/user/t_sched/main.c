/* SPDX-License-Identifier: MIT */
/* Time: periods with guarantee and limit, news of depletion, helping past it, lending. */
#include <iris/summary.h>

#include <string.h>

#include "t_sched.h"

IRIS_SUMMARY("test: budgets with a period, lent time: [exact]");

static struct rig bed; /* where main sleeps */

int terms_set(uint32_t thread, struct terms t)
{
    return iris_thread_schedule(thread, t.priority, t.quantum * 1000, t.period * 1000, t.spare,
                                t.portal);
}

bool run_on(struct bare *bare, uint32_t utcb_slot, struct terms terms, void (*function)(void *),
            void *argument)
{
    return bare_create(bare, 0, utcb_slot) == 0 && terms_set(bare->handle, terms) == 0 &&
           bare_start(bare, function, argument) == 0;
}

struct iris_thread_info look(uint32_t utcb_slot)
{
    struct iris_thread_info info;

    iris_thread_switch(0); /* the dispatcher is where time is accounted */
    memset(&info, 0, sizeof info);
    if (iris_space_inspect(0, IRIS_INSPECT_THREADS, utcb_slot, &info, 1) != 1 ||
        info.utcb_slot != utcb_slot)
        memset(&info, 0, sizeof info);
    return info;
}

void sleep_until(uint64_t deadline)
{
    struct iris_message m;

    iris_port_bind(bed.port);
    iris_ipc_wait_until(&m, deadline);
    iris_port_bind(0);
}

void sleep_for(uint64_t ns) { sleep_until(iris_clock_monotonic() + ns); }

bool reaches(uint32_t utcb_slot, enum iris_thread_state state)
{
    uint64_t end = kit_soon(KIT_PATIENCE);
    bool reached;

    while (!(reached = look(utcb_slot).state == state) && iris_clock_monotonic() < end)
        sleep_for(1 * MS);
    return reached;
}

void spin(void *argument)
{
    for (volatile uint32_t *count = argument;;)
        ++*count;
}

int main(int argc, char *argv[])
{
    const char *topic = argc > 1 ? argv[1] : "";

    test_begin("t_sched");
    bool ready =
        rig_make(&bed, 1, 0) && iris_thread_schedule(IRIS_SLOT_THREAD, TOP, 0, 0, 0, 0) == 0;
    if (!TEST_CHECK(ready, "main stands above")) {
        /* nothing else can be shown */
    } else if (strcmp(topic, "exact") == 0) {
        test_exact();
    } else if (strcmp(topic, "lend") == 0) {
        test_lend();
    } else {
        test_limits();
        test_news();
        test_help();
        test_crowd();
        test_lend();
        test_hostile();
        test_domains();
    }
    kit_audit("at the end");
    rig_free(&bed);
    return test_end();
}
