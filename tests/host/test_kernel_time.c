/* SPDX-License-Identifier: MIT */
/* Deadlines: the treap against a table, its shape, and that its depth stays small. */
#include "../../kernel/time.c"

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

static unsigned tree_size(const struct timer *timer, unsigned depth, unsigned *deepest)
{
    if (!timer)
        return 0;
    *deepest = max(*deepest, depth);
    CHECK(timer->armed);
    CHECK(!timer->left || (earlier(timer->left, timer) && timer->left->key <= timer->key));
    CHECK(!timer->right || (earlier(timer, timer->right) && timer->right->key <= timer->key));
    return 1 + tree_size(timer->left, depth + 1, deepest) +
           tree_size(timer->right, depth + 1, deepest);
}

static unsigned compare(void)
{
    unsigned armed = 0, deepest = 0;
    int earliest = model_first();

    for (int i = 0; i < THREADS; i++) {
        armed += model[i].armed;
        CHECK(timer_of(i)->armed == model[i].armed);
        CHECK(!model[i].armed || timer_of(i)->deadline == model[i].deadline);
    }
    CHECK_EQUAL(tree_size(timers.root, 1, &deepest), armed);
    uint64_t next = time_next();
    if (earliest < 0)
        CHECK(next == ~0ull);
    else
        CHECK_EQUAL(next,
                    model[earliest].deadline > now ? (model[earliest].deadline - now) * 2 : 0);
    return deepest;
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

/* The worst order for a plain tree: ascending, descending, all equal. */
static void depth_stays_small(void)
{
    for (int order = 0; order < 3; order++) {
        for (int i = 0; i < THREADS; i++)
            disarm(i);
        for (int i = 0; i < THREADS; i++)
            arm(i, 1000000u + (uint64_t)(order == 0 ? i : order == 1 ? THREADS - i : 0));
        unsigned deepest = compare();
        if (deepest > 40) /* expected about 2 ln 600 = 13; 40 happens once in far more than 10^9 */
            TEST_FAIL("order %d: %d deadlines make a tree %u deep", order, THREADS, deepest);
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
    CHECK(!timers.root);
    now = 0;
    depth_stays_small();
    for (int i = 0; i < THREADS; i++)
        free(threads[i]);
    return test_end();
}
