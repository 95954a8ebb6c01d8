/* SPDX-License-Identifier: MIT */
#include "budget.h"

#include "arch.h"
#include "thread.h"

void budget_init(struct budget *budget, unsigned priority)
{
    list_init(&budget->node);
    budget->place = BUDGET_IDLE;
    budget->priority = (uint8_t)priority;
    budget_set_quantum(budget, BUDGET_QUANTUM_US);
}

void budget_set_quantum(struct budget *budget, uint32_t microseconds)
{
    budget->quantum_us = microseconds;
    budget->quantum = arch_ns_to_cycles(microseconds * 1000ull);
    budget->left = budget->quantum;
}

struct thread *budget_home(struct budget *budget)
{
    return container_of(budget, struct thread, budget);
}
