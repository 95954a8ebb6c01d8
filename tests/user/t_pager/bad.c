/* SPDX-License-Identifier: MIT */
/* Row 47 and attacks 7 and 8: whom a slow, dead, lying or faulting pager harms, and how long. */
#include "t_pager.h"

#define KERNEL_PAGES 24u
enum { UTCB_PAGER = BARE_UTCB_FIRST + 80, UTCB_OTHER, UTCB_SPINNER };

static struct domain domain;
static struct rig rig, exits;
static struct pager pager;
static struct bare client, neighbour;

static bool begin(enum pager_mode mode)
{
    pager.mode = mode;
    return rig_make(&rig, 1, 0) && rig_make(&exits, 2, 0) &&
           domain_make(&domain, KERNEL_PAGES, rig.client, 0, exits.client) &&
           pager_run(&pager, UTCB_PAGER, &rig, domain.space);
}

static void finish(void)
{
    TEST_EQUAL(iris_object_destroy(domain.space), 0, "the client's space can be destroyed");
    iris_handle_discard(domain.space);
    bare_end(&client);
    bare_end(&neighbour);
    bare_end(&pager.thread);
    rig_free(&rig);
    rig_free(&exits);
}

static bool ends_by_fault(void)
{
    struct ending end = ending_wait(exits.port);
    return end.came && end.reason == IRIS_EXIT_FAULT && end.code == 14;
}

/* ---- Slow ---- */

static volatile uint32_t count, stop;

static void count_up(void *unused)
{
    (void)unused;
    while (!stop)
        count++;
}

void test_slow(void)
{
    static struct domain other;
    static struct rig other_rig;
    static struct pager other_pager;

    if (!TEST_CHECK(begin(PAGER_HOLDS), "a pager that does not answer yet"))
        return;
    touched = count = stop = 0;
    bare_run(&client, domain.space, 0, touch_far, (void *)3);
    bare_run(&neighbour, domain.space, 1, count_up, NULL);
    kit_wait_state(domain.space, 0, IRIS_THREAD_CALLING);
    rig_make(&other_rig, 1, 0);
    other_pager.mode = PAGER_SERVES;
    domain_make(&other, KERNEL_PAGES, other_rig.client, 0, exits.client);
    pager_run(&other_pager, UTCB_OTHER, &other_rig, other.space);
    static struct bare quick;
    sum = 0;
    bare_run(&quick, other.space, 0, touch_all, (void *)16);
    struct ending end = ending_wait(exits.port);
    TEST_CHECK(end.came && end.reason == IRIS_EXIT_RETURN && sum == 16 * 17 / 2,
               "another pager's client gets its pages meanwhile");
    uint32_t before = count;
    for (uint64_t until = kit_soon(20); iris_clock_monotonic() < until;)
        iris_thread_switch(0);
    TEST_CHECK(count > before, "a thread of the same space that needs no page goes on");
    TEST_EQUAL(touched, 0, "the client waits");
    pager.go = stop = 1;
    TEST_CHECK(kit_wait_word(&touched, 1) && sum == 4, "answered at last, it has its page");
    bare_end(&quick);
    domain_end(&other);
    bare_end(&other_pager.thread);
    rig_free(&other_rig);
    finish();
}

/* ---- Lying: the page is said to be there, and is not ---- */

static uint64_t thread_time(uint32_t space, uint32_t utcb_slot)
{
    struct iris_thread_info info;
    int found = iris_space_inspect(space, IRIS_INSPECT_THREADS, utcb_slot, &info, 1);
    return found == 1 && info.utcb_slot == utcb_slot ? info.time : 0;
}

static void check_lying(void)
{
    static struct bare spinner;

    if (!TEST_CHECK(begin(PAGER_LIES), "a pager that lies"))
        return;
    count = stop = touched = 0;
    bare_run(&client, domain.space, 0, touch_far, (void *)1);
    bare_run(&spinner, 0, UTCB_SPINNER, count_up, NULL);
    for (uint64_t until = kit_soon(200); iris_clock_monotonic() < until;)
        iris_thread_switch(0);
    uint64_t client_time = thread_time(domain.space, 0), pager_time = thread_time(0, UTCB_PAGER);
    uint64_t spinner_time = thread_time(0, UTCB_SPINNER);
    TEST_CHECK(pager.served > 10 && touched == 0, "its client asks again and again (%u times)",
               (unsigned)pager.served);
    TEST_CHECK(client_time > 4 * pager_time, "on its own time (%u us, the pager %u)",
               (unsigned)(client_time / 1000), (unsigned)(pager_time / 1000));
    TEST_CHECK(spinner_time * 3 > client_time, "others get theirs (%u us)",
               (unsigned)(spinner_time / 1000));
    stop = 1;
    pager.mode = PAGER_SERVES;
    TEST_CHECK(kit_wait_word(&touched, 1), "when the pager tells the truth, it goes on");
    pager.mode = PAGER_LIES;
    bare_end(&client);
    bare_run(&client, domain.space, 0, touch_far, (void *)2);
    kit_wait_state(0, UTCB_SPINNER, IRIS_THREAD_DEAD);
    bare_end(&spinner);
    finish();
}

/* ---- Refusing, dying ---- */

static void check_refusing(void)
{
    if (!TEST_CHECK(begin(PAGER_REFUSES), "a pager that refuses"))
        return;
    bare_run(&client, domain.space, 0, touch_far, (void *)1);
    TEST_CHECK(ends_by_fault(), "its client ends by its fault");
    TEST_EQUAL(pager.served, 1, "having asked once");
    finish();
}

static void check_dying(void)
{
    if (!TEST_CHECK(begin(PAGER_DIES), "a pager that ends in the middle of a fault"))
        return;
    bare_run(&client, domain.space, 0, touch_far, (void *)1);
    TEST_CHECK(ends_by_fault(), "its client ends by its fault");
    finish();
}

/* A page that is in use is revoked, and the pager does not give it again. */
static void check_revoked(void)
{
    if (!TEST_CHECK(begin(PAGER_SERVES), "a pager that serves"))
        return;
    static struct bare user;
    touched = 0;
    bare_run(&client, domain.space, 0, touch_far, (void *)5);
    TEST_CHECK(kit_wait_word(&touched, 1) && sum == 6, "its client has a page");
    (void)ending_wait(exits.port);
    bare_run(&user, domain.space, 1, touch_far, (void *)5);
    TEST_CHECK(kit_wait_word(&touched, 2) && pager.served == 1, "which needs no second fault");
    (void)ending_wait(exits.port);
    bare_end(&user);
    pager.mode = PAGER_REFUSES;
    TEST_EQUAL(iris_memory_unmap(0, FAR + 5 * PAGE, 1, 0), 0, "the page is revoked");
    bare_run(&user, domain.space, 1, touch_far, (void *)5);
    TEST_CHECK(ends_by_fault(), "the next who uses it ends by its fault");
    bare_end(&user);
    finish();
}

/* ---- In need of a pager itself ---- */

enum { SLOT_PORT = 20, SLOT_CLIENT = 21 };

/* The pager is in a space whose pages come from that same port. With a second thread at the port
   the kernel cannot see that they wait for each other. */
static void check_faulting(unsigned threads)
{
    static struct domain inner;
    static struct pager self[2];

    rig_make(&rig, 1, 0);
    rig_make(&exits, 2, 0);
    bool made =
        domain_make(&domain, KERNEL_PAGES, rig.client, 0, exits.client) &&
        domain_make(&inner, KERNEL_PAGES, rig.client, 0, exits.client) &&
        iris_handle_copy(rig.port, domain.space, SLOT_PORT, IRIS_RIGHT_RECEIVE | IRIS_MOVE) == 0 &&
        iris_handle_copy(inner.space, domain.space, SLOT_CLIENT, IRIS_RIGHT_MAP) == 0;
    for (unsigned i = 0; i < threads; i++) {
        self[i] = (struct pager){.port = SLOT_PORT, .client = SLOT_CLIENT, .mode = PAGER_FAULTS};
        made = made && bare_run(&self[i].thread, domain.space, i, pager_loop, &self[i]) == 0 &&
               kit_wait_state(domain.space, i, IRIS_THREAD_WAITING);
    }
    if (!TEST_CHECK(made, "a pager of %u threads that needs a page from itself", threads))
        return;
    bare_run(&client, inner.space, 0, touch_far, (void *)1);
    if (threads == 1) {
        TEST_EQUAL(endings(exits.port, 2, IRIS_EXIT_FAULT, 14), 2,
                   "both it and its client end by their faults");
    } else {
        /* The one that waited longer was asked first; the other one's fault finds nobody. */
        TEST_CHECK(kit_wait_state(domain.space, 1, IRIS_THREAD_QUEUED),
                   "its threads wait for each other");
        kit_audit("while they do");
    }
    uint64_t begin = iris_clock_monotonic();
    TEST_EQUAL(iris_object_destroy(domain.space), 0, "its space is destroyed");
    if (threads > 1)
        TEST_EQUAL(endings(exits.port, 1, IRIS_EXIT_FAULT, 14), 1, "its client ends by its fault");
    TEST_CHECK(iris_clock_monotonic() - begin < 5000000000ull, "soon");
    iris_handle_discard(domain.space);
    domain_end(&inner);
    bare_end(&client);
    for (unsigned i = 0; i < threads; i++)
        bare_end(&self[i].thread);
    rig_free(&rig);
    rig_free(&exits);
}

void test_bad(void)
{
    check_lying();
    check_refusing();
    check_dying();
    check_revoked();
    check_faulting(1);
    check_faulting(2);
}
