/* SPDX-License-Identifier: MIT */
/*
 * The arithmetic of periods: what a budget is given over many of them, with timers that fire late,
 * idle times, and a counter that wraps meanwhile.
 */
#include "../../kernel/budget.c"

#include "kernel_test.h"

#define STEPS 200000
#define CYCLES_PER_US 3

void *host_current_page;
uint64_t host_cycles;

uint64_t arch_ns_to_cycles(uint64_t ns) { return ns * CYCLES_PER_US / 1000; }

static struct budget budget;
static uint64_t now;

static void renew(void)
{
    memset(&budget, 0, sizeof budget);
    budget_init(&budget, 1);
}

/* Invariants after every step. */
static void check(void)
{
    CHECK(budget.left <= (int64_t)budget.quantum);
    if (!budget.period)
        return;
    CHECK((int64_t)(budget.next - now) > 0);
    CHECK(budget.next - now <= budget.period);
}

static void spend(uint64_t cycles)
{
    now += cycles;
    budget_charge(&budget, now, cycles);
    check();
}

static void pass(uint64_t cycles)
{
    now += cycles;
    budget_charge(&budget, now, 0);
    check();
}

/* Runs as the dispatcher lets it, until `periods` have gone by: no more than the quanta, plus what
   the timer was late once; and, if it always wants to run, no less. */
static void live(uint32_t quantum_us, uint32_t period_us, unsigned periods, bool greedy)
{
    uint64_t late_most = arch_ns_to_cycles(5000), begin = now, spent = 0;

    renew();
    budget_set(&budget, quantum_us, period_us, now);
    uint64_t end = budget.period * periods;
    while (now - begin < end) {
        test_step++;
        if (budget.left <= 0) { /* depleted: its timer fires, a little late */
            now = budget.next + test_below((uint32_t)late_most);
            budget_replenish(&budget, now);
            check();
        } else if (!greedy && test_chance(3)) {
            pass(test_below((uint32_t)budget.period));
        } else {
            uint64_t late = test_chance(2) ? test_below((uint32_t)late_most) : 0;
            uint64_t ran = test_chance(2) ? 1 + test_below((uint32_t)budget.left)
                                          : (uint64_t)budget.left + late;
            spend(ran);
            spent += ran;
        }
    }
    uint64_t given = budget.quantum * ((now - begin) / budget.period + 1);
    if (spent > given + late_most)
        TEST_FAIL("%u of %u us: %llu cycles, at most %llu", quantum_us, period_us,
                  (unsigned long long)spent, (unsigned long long)given);
    if (greedy && spent < budget.quantum * (periods - 1) * 98 / 100)
        TEST_FAIL("%u of %u us: %llu cycles are too few", quantum_us, period_us,
                  (unsigned long long)spent);
}

static void without_period(void)
{
    renew();
    CHECK(!budget_is_limited(&budget));
    spend(budget.quantum * 5);
    CHECK(budget.left == -4 * (int64_t)budget.quantum); /* sched begins a new turn */
    CHECK_EQUAL(budget.used, budget.quantum * 5);
}

/* A new period begins in the midst of a run: what was before is the old one's. */
static void across(void)
{
    renew();
    budget_set(&budget, 1000, 10000, now);
    pass(budget.period - 300);
    spend(500);
    CHECK_EQUAL(budget.left, budget.quantum - 200);
    now = budget.next + 7 * budget.period + 5; /* long idle: periods begin anew */
    pass(0);
    CHECK_EQUAL(budget.left, budget.quantum);
    CHECK(budget.next == now + budget.period);
}

/* A processor that was away for long, as a host may take it: never in debt for long. */
static void debt(void)
{
    renew();
    budget_set(&budget, 1000, 10000, now);
    spend(budget.period - 1);
    CHECK(budget.left < 0);
    now = budget.next;
    budget_replenish(&budget, now);
    CHECK(budget.left >= (int64_t)budget.quantum / 2);
}

int main(void)
{
    static const uint64_t starts[] = {0, ~0ull - 2000000, (1ull << 63) - 2000000, 1ull << 32};

    test_begin();
    for (unsigned i = 0; i < countof(starts); i++) {
        now = starts[i];
        without_period();
        across();
        debt();
        live(100, 100, 300, true);
        live(3000, 10000, 300, true);
        live(3000, 10000, 300, false);
        live(100, 10000000, 3, false);
        live(10000000, 10000000, 20, true);
    }
    while (test_step < STEPS) {
        uint32_t period = 200 + test_below(50000), quantum = 100 + test_below(period - 100);
        now += test_random();
        live(quantum, period, 50, test_chance(2));
    }
    return test_end();
}
