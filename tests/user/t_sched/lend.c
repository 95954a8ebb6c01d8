/* SPDX-License-Identifier: MIT */
/* thread_switch: one's turn is lent, the borrower's budget stays what it is, the rest comes back.
 */
#include "t_sched.h"

enum { BORROWER = BARE_UTCB_FIRST, SPINNER, SERVER };
#define STEPS 2000u

static struct rig port, service;
static struct bare borrower, spinner, server;
static volatile uint32_t steps, spins;

/* Works a little, then blocks; the event at its port begins the next round. */
static void work_a_little(void *call)
{
    struct iris_message m = {.tag = 0};

    iris_port_bind(port.port);
    for (;;) {
        for (unsigned i = 0; i < STEPS; i++)
            steps++;
        if (call) {
            m.tag = IRIS_TAG(1, 0);
            iris_ipc_call(service.client, &m);
        }
        if (iris_ipc_wait(&m) < 0)
            return;
    }
}

static void serve(void *unused)
{
    struct iris_message m;

    (void)unused;
    int error = iris_port_bind(service.port);
    if (error == 0)
        error = iris_ipc_wait(&m);
    while (error == 0) {
        for (unsigned i = 0; i < STEPS; i++)
            steps++;
        m.tag = IRIS_TAG(0, 0);
        error = iris_ipc_reply_and_wait(&m);
    }
}

/* The spinner above the borrower never lets it run: only what is lent does. */
static bool arrange(struct terms terms, void (*function)(void *), void *argument)
{
    steps = spins = 0;
    return rig_make(&port, 2, 1) && rig_make(&service, 3, 0) &&
           run_on(&server, SERVER, (struct terms){HIGH, 10, 0, NONE, 0}, serve, NULL) &&
           reaches(SERVER, IRIS_THREAD_WAITING) &&
           run_on(&spinner, SPINNER, (struct terms){MIDDLE, 10, 0, NONE, 0}, spin,
                  (void *)&spins) &&
           run_on(&borrower, BORROWER, terms, function, argument);
}

static void clear(void)
{
    bare_end(&borrower);
    bare_end(&spinner);
    bare_end(&server);
    rig_free(&port);
    rig_free(&service);
    kit_audit("after lending");
}

static const struct terms low = {LOW, 10, 0, NONE, 0};

static void check_blocks(bool call)
{
    if (!TEST_CHECK(arrange(low, work_a_little, call ? (void *)1 : NULL),
                    "a borrower that works a little%s", call ? ", calls" : ""))
        return;
    sleep_for(20 * MS);
    TEST_EQUAL(steps, 0, "never runs by itself");
    uint64_t own = look(BORROWER).time, mine = look(iris_utcb()->slot).time;
    uint64_t others = look(SERVER).time;
    uint32_t spun = spins;
    unsigned lent = 0, refused = 0;
    for (; look(BORROWER).state != IRIS_THREAD_WAITING && lent + refused < 1000; lent++)
        refused += iris_thread_switch(borrower.handle) != 0;
    TEST_EQUAL(refused, 0, "lending is never refused");
    uint64_t all = look(iris_utcb()->slot).time - mine;
    test_metric("lent", all / 1000, "us", "turns=%u calls=%u", lent, call);
    TEST_CHECK(lent > 0 && steps == STEPS * (call ? 2 : 1),
               "with lent time it gets on until it blocks (%u)", lent);
    TEST_EQUAL(spins - spun, 0, "which nobody between takes");
    TEST_EQUAL(look(BORROWER).time - own, 0, "the borrower's own budget pays nothing");
    TEST_EQUAL(look(SERVER).time - others, 0, "nor does the server's");
    TEST_CHECK(all > 0 && all < 10 * MS * lent, "the lender does: %u us in %u turns of 10 ms",
               (unsigned)(all / 1000), lent);
    TEST_EQUAL(iris_thread_switch(borrower.handle), -EAGAIN, "nothing is lent to who is blocked");
    iris_notify(port.client, 1);
    TEST_EQUAL(iris_thread_switch(borrower.handle), 0, "but when it is awake again");
    for (unsigned i = 0; i < 100 && steps < STEPS * (call ? 4 : 2); i++)
        iris_thread_switch(borrower.handle);
    TEST_EQUAL(steps, STEPS * (call ? 4 : 2), "it goes on");
    clear();
}

/* A lender with 2 of 10 ms lends all of them: not more, whatever the borrower does. */
static volatile uint32_t rounds;

static void lend_always(void *handle)
{
    for (;; rounds++)
        iris_thread_switch((uint32_t)handle);
}

static void check_turn(void)
{
    if (!TEST_CHECK(arrange(low, spin, (void *)&steps), "a borrower that spins"))
        return;
    uint64_t longest = 0;
    int error = 0;
    /* Somebody may come between and end it early: a driver with a deadline, as the screen's. */
    for (unsigned i = 0; i < 8 && error == 0; i++) {
        iris_thread_switch(0); /* a new turn */
        uint64_t begin = iris_clock_monotonic();
        error = iris_thread_switch(borrower.handle);
        uint64_t elapsed = iris_clock_monotonic() - begin;
        longest = elapsed > longest ? elapsed : longest;
    }
    TEST_EQUAL(error, 0, "the lender returns");
    TEST_CHECK(steps > 0 && longest >= 1 * MS && longest <= 11 * MS,
               "when its turn of 10 ms is over (%u us)", (unsigned)(longest / 1000));
    clear();
}

/* Time lent to a depleted thread: its limit is its budget's, not that of others' time. */
static void check_depleted(void)
{
    struct terms limited = {HIGH, 1, 8000, NONE, 0};

    if (!TEST_CHECK(arrange(limited, spin, (void *)&steps), "a borrower of 1 ms"))
        return;
    sleep_for(20 * MS);
    uint32_t before = steps;
    uint64_t own = look(BORROWER).time;
    sleep_for(20 * MS);
    TEST_CHECK(before > 0 && steps == before, "is depleted");
    iris_thread_switch(0); /* a new turn: of the old one hardly anything may be left */
    TEST_EQUAL(iris_thread_switch(borrower.handle), 0, "a lender's turn is lent to it");
    TEST_CHECK(steps > before, "and it runs");
    TEST_EQUAL(look(BORROWER).time - own, 0, "without being charged");
    before = steps;
    sleep_for(20 * MS);
    TEST_EQUAL(steps, before, "and no longer than that");
    clear();
}

/* Rings of lending end: each turn does. */
static void check_ring(void)
{
    static struct bare second;
    uint32_t before;

    if (!TEST_CHECK(arrange(low, spin, (void *)&steps) && bare_create(&second, 0, SERVER + 1) == 0,
                    "two that lend"))
        return;
    terms_set(second.handle, (struct terms){HIGH, 2, 10, NONE, 0});
    rounds = 0;
    bool ready = bare_start(&second, lend_always, (void *)second.handle) == 0;
    sleep_for(30 * MS);
    TEST_CHECK(ready && rounds > 0, "one lends to itself: %u times", (unsigned)rounds);
    bare_end(&second);
    bare_create(&second, 0, SERVER + 1);
    terms_set(second.handle, (struct terms){HIGH, 2, 10, NONE, 0});
    before = spins;
    ready = bare_start(&second, lend_always, (void *)borrower.handle) == 0;
    sleep_for(50 * MS);
    TEST_CHECK(ready && steps > 0 && spins > before, "one lends its period's share, not more");
    kit_audit("while time is lent");
    bare_end(&second);
    clear();
}

void test_lend(void)
{
    check_blocks(false);
    check_blocks(true);
    check_turn();
    check_depleted();
    check_ring();
}
