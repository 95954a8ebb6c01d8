/* SPDX-License-Identifier: MIT */
/*
 * What no other test noticed when the kernel was broken on purpose (tests/mutants): deadlines that
 * stay armed, DISCONNECT at the wrong time, whose budget and which priority, registers that leak.
 */
#include <iris/summary.h>

#include <stdio.h>
#include <string.h>

#include "t_mutants.h"

IRIS_SUMMARY("test: gaps that mutants found: TOPIC (deadlines, over, priority ...)");

struct bare threads[THREADS];
struct rig rig;
static uint32_t usual_priority;

bool launch(unsigned i, void (*function)(void *), void *argument)
{
    return launch_at(i, 0, function, argument);
}

void set_priority(uint32_t thread, int offset)
{
    int error = iris_thread_schedule(thread, (uint32_t)((int)usual_priority + offset), 0, 0, 0, 0);
    if (error < 0)
        TEST_EQUAL(error, 0, "priority of a thread");
}

bool launch_at(unsigned i, int offset, void (*function)(void *), void *argument)
{
    if (bare_create(&threads[i], 0, UTCB_FIRST + i) < 0)
        return false;
    set_priority(threads[i].handle, offset);
    return bare_start(&threads[i], function, argument) == 0;
}

void clean_up(void)
{
    for (unsigned i = 0; i < THREADS; i++)
        bare_end(&threads[i]);
    iris_port_bind(0);
    rig_free(&rig);
    set_priority(IRIS_SLOT_THREAD, 0);
}

struct iris_thread_info thread_info(uint32_t utcb_slot)
{
    struct iris_thread_info info;

    memset(&info, 0, sizeof info);
    iris_space_inspect(0, IRIS_INSPECT_THREADS, utcb_slot, &info, 1);
    return info;
}

uint64_t time_of(uint32_t utcb_slot) { return thread_info(utcb_slot).time; }

void spin(uint64_t nanoseconds)
{
    uint64_t end = iris_clock_monotonic() + nanoseconds;
    while (iris_clock_monotonic() < end)
        ;
}

int main(int argc, char *argv[])
{
    static const struct {
        const char *name;
        void (*test)(void);
    } topics[] = {
        {"deadlines", test_deadlines}, {"disconnect", test_disconnect},
        {"messages", test_messages},   {"over", test_over},
        {"memory", test_memory},       {"priority", test_priority},
        {"helping", test_helping},     {"time", test_time},
        {"registers", test_registers},
    };

    usual_priority = kit_priority();
    for (unsigned i = 0; argc == 2 && i < sizeof topics / sizeof *topics; i++)
        if (strcmp(argv[1], topics[i].name) == 0) {
            test_begin("t_mutants");
            topics[i].test();
            return test_end();
        }
    printf("usage: t_mutants TOPIC\n");
    return 2;
}
