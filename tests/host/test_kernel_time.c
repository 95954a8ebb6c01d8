/* SPDX-License-Identifier: MIT */
/* Timers against a table. The tree that orders them has a test of its own. */
#include "../../kernel/time.c"
#include "../../kernel/tree.c"

#include "kernel_test.h"

#define THREADS 600
#define STEPS 30000

void *host_current_page;
uint64_t host_cycles;

static struct thread *threads[THREADS];
static struct {
    bool armed;
    uint64_t deadline;
} model[THREADS];
static uint64_t now;
static unsigned expired;
struct cpu cpu;

uint64_t arch_now(void) { return now; }
uint64_t arch_ns_to_cycles(uint64_t ns) { return ns * 2; }

/* Every third timer is the one of the thread's budget. */
static bool is_budget(int i) { return i % 3 == 0; }

static struct timer *timer_of(int i)
{
    return is_budget(i) ? &threads[i]->budget.timer : &threads[i]->timer;
}

static bool model_earlier(int a, int b)
{
    return model[a].deadline != model[b].deadline ? model[a].deadline < model[b].deadline
                                                  : timer_of(a) < timer_of(b);
}

static int model_first(void)
{
    int best = -1;

    for (int i = 0; i < THREADS; i++)
        if (model[i].armed && (best < 0 || model_earlier(i, best)))
            best = i;
    return best;
}

/* time_expire must end the waits in order, and none before its time. */
void ipc_timeout(struct thread *thread)
{
    int first_due = model_first();

    CHECK(first_due >= 0 && thread == threads[first_due] && !is_budget(first_due));
    CHECK(model[first_due].deadline <= now);
    CHECK(!thread->timer.armed);
    model[first_due].armed = false;
    expired++;
}

void sched_replenish(struct budget *budget)
{
    int first_due = model_first();

    CHECK(first_due >= 0 && budget == &threads[first_due]->budget && is_budget(first_due));
    CHECK(model[first_due].deadline <= now && !budget->timer.armed);
    model[first_due].armed = false;
    expired++;
}

static unsigned tree_size(const struct tree_node *node)
{
    if (!node)
        return 0;
    CHECK(container_of(node, struct timer, node)->armed);
    return 1 + tree_size(node->left) + tree_size(node->right);
}

static void compare(void)
{
    unsigned armed = 0;
    int earliest = model_first();

    for (int i = 0; i < THREADS; i++) {
        armed += model[i].armed;
        CHECK(timer_of(i)->armed == model[i].armed);
        CHECK(!model[i].armed || timer_of(i)->node.order == model[i].deadline);
    }
    CHECK_EQUAL(tree_size(timers), armed);
    uint64_t next = time_next();
    if (earliest < 0)
        CHECK(next == ~0ull);
    else
        CHECK_EQUAL(next,
                    model[earliest].deadline > now ? (model[earliest].deadline - now) * 2 : 0);
}

static void arm(int i, uint64_t deadline)
{
    cpu.attention = 0;
    if (is_budget(i))
        time_insert(timer_of(i), deadline);
    else
        time_arm(threads[i], deadline);
    CHECK_EQUAL(cpu.attention, CPU_TIMER);
    model[i].armed = true;
    model[i].deadline = deadline;
}

static void disarm(int i)
{
    time_cancel(timer_of(i)); /* harmless for one that is not armed */
    model[i].armed = false;
}

static void expire(void)
{
    unsigned due = 0, before = expired;

    for (int i = 0; i < THREADS; i++)
        due += model[i].armed && model[i].deadline <= now;
    time_expire();
    CHECK_EQUAL(expired - before, min(due, (unsigned)EXPIRE_STEP));
}

static uint64_t some_deadline(void)
{
    switch (test_below(8)) {
    case 0:
        return 0;
    case 1:
        return IRIS_DEADLINE_NONE - 1 - test_below(3);
    case 2:
        return (uint64_t)test_random() << 32 | test_random();
    case 3:
        return now + test_below(4); /* many equal ones */
    default:
        return now + test_below(100000);
    }
}

static void random_steps(void)
{
    for (; test_step < STEPS; test_step++) {
        int i = (int)test_below(THREADS);
        if (test_chance(8)) {
            now += test_below(2000);
            expire();
        } else if (!model[i].armed) {
            uint64_t deadline = some_deadline();
            if (deadline != IRIS_DEADLINE_NONE)
                arm(i, deadline);
        } else if (test_chance(2)) {
            disarm(i);
        }
        if (test_step % 16 == 0)
            compare();
    }
}

int main(void)
{
    test_begin();
    for (int i = 0; i < THREADS; i++)
        if (posix_memalign((void **)&threads[i], PAGE_SIZE, sizeof(struct thread)))
            TEST_FAIL("the host has no memory");
        else
            memset(threads[i], 0, sizeof(struct thread));
    time_arm(threads[0], IRIS_DEADLINE_NONE);
    CHECK(!threads[0]->timer.armed);
    for (int i = 0; i < THREADS; i++)
        threads[i]->budget.timer.is_budget = true;
    random_steps();
    now = ~0ull;
    for (int i = 0; i < THREADS; i++)
        expire();
    CHECK(!timers);
    now = 0;
    for (int i = 0; i < THREADS; i++)
        free(threads[i]);
    return test_end();
}
