/* SPDX-License-Identifier: MIT */
/* Attacks 2 and 30: what calls write to comes and goes by another thread's hand, and so does what
   they map from. Each call succeeds or says EFAULT, whatever moment it was. */
#include "t_memory.h"

enum { UTCB = BARE_UTCB_FIRST + 10 };
#define ROUNDS 1000u

static uint8_t data[PAGE] __attribute__((aligned(PAGE)));
static volatile uint32_t stop, changes;

static void come_and_go(void *unused)
{
    (void)unused;
    while (!stop) {
        iris_memory_map(0, FAR, 0, (uint32_t)data, 1, changes % 3 ? IRIS_MAP_WRITE : 0);
        if (changes % 2)
            iris_thread_switch(0);
        iris_memory_unmap(0, (uint32_t)data, 1, changes % 5 ? 0 : IRIS_UNMAP_PROTECT);
        iris_memory_unmap(0, FAR, 1, IRIS_UNMAP_OWN);
        changes++;
        if (changes % 7 == 0)
            iris_thread_switch(0);
    }
}

static int call(uint32_t kind)
{
    switch (kind) {
    case 0:
        return iris_handle_identify(IRIS_SLOT_SPACE, 0, (void *)FAR);
    case 1:
        return iris_space_inspect(0, IRIS_INSPECT_MAPPINGS, 0, (void *)(FAR + 4), 32);
    case 2:
        return iris_space_inspect(0, IRIS_INSPECT_THREADS, 0, (void *)(FAR + PAGE - 64), 4);
    default:
        return iris_memory_map(0, FAR + 2 * PAGE, 0, FAR, 1, 0);
    }
}

void test_race(void)
{
    static struct bare other;
    unsigned fine = 0, faults = 0, wrong = 0;

    data[0] = 1;
    stop = changes = 0;
    bare_run(&other, 0, UTCB, come_and_go, NULL);
    for (uint32_t i = 0; i < ROUNDS || ((fine == 0 || faults == 0) && i < 100 * ROUNDS); i++) {
        int error = call(i % 4);
        fine += error >= 0;
        faults += error == -EFAULT;
        wrong += error < 0 && error != -EFAULT;
        if (i % 4 == 3)
            iris_memory_unmap(0, FAR + 2 * PAGE, 1, IRIS_UNMAP_OWN);
        if (i % 16 == 0)
            iris_thread_switch(0);
    }
    TEST_CHECK(fine > 0 && faults > 0, "calls to memory that comes and goes: %u fine, %u EFAULT",
               fine, faults);
    TEST_EQUAL(wrong, 0, "and nothing else");
    stop = 1;
    TEST_CHECK(kit_wait_state(0, UTCB, IRIS_THREAD_DEAD) && changes > 0, "%u changes",
               (unsigned)changes);
    bare_end(&other);
    kit_audit("after the race");
}
