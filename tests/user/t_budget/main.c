/* SPDX-License-Identifier: MIT */
/* Budgets: whose time a call takes, wherever it leads. */
#include <iris/summary.h>

#include <string.h>

#include "t_budget.h"

IRIS_SUMMARY("test: budgets that travel with calls: [CALLS|exact|hold]");

void burn(uint64_t ns)
{
    uint64_t end = iris_clock_monotonic() + ns;

    while (iris_clock_monotonic() < end)
        ;
}

struct iris_thread_info look(uint32_t space, uint32_t utcb_slot)
{
    struct iris_thread_info info;

    memset(&info, 0, sizeof info);
    if (iris_space_inspect(space, IRIS_INSPECT_THREADS, utcb_slot, &info, 1) != 1 ||
        info.utcb_slot != utcb_slot)
        memset(&info, 0, sizeof info);
    return info;
}

uint64_t used(uint32_t space, uint32_t utcb_slot) { return look(space, utcb_slot).time; }

/* No matter whether an interrupt comes in between, or never. */
static void test_growth(void)
{
    uint32_t slot = iris_utcb()->slot;
    unsigned stood = 0, ahead = 0;

    for (unsigned i = 0; i < 100; i++) {
        uint64_t begin = iris_clock_monotonic(), before = used(0, slot), after = used(0, slot);
        stood += after <= before;
        ahead += after > before + (iris_clock_monotonic() - begin);
    }
    TEST_EQUAL(stood, 0, "the time used has grown whenever it is read");
    TEST_EQUAL(ahead, 0, "and not by more than passed");
}

int main(int argc, char *argv[])
{
    bool exact = argc > 1 && strcmp(argv[1], "exact") == 0;

    if (argc > 1 && strcmp(argv[1], "hold") == 0)
        return hold_chain();
    test_begin("t_budget");
    test_growth();
    test_chain(exact);
    if (!exact) {
        test_whose();
        test_inversion();
        test_counter(kit_rounds(argc, argv, 1000));
    }
    return test_end();
}
