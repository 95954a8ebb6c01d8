/* SPDX-License-Identifier: MIT */
/* Row 37: main -> middle -> bottom, which is another space. All that happens is main's time. */
#include "t_budget.h"

#include <string.h>

#define UTCB_MIDDLE UTCB_FIRST
#define WORK (3 * MS)
#define EXACT 300 /* ns; under icount an instruction is one */

enum { LABEL_PLAIN = 1, LABEL_WORK };
/* Slots of the twin. */
enum { TWIN_PORT = 20, TWIN_OWN, TWIN_PARENT };

static struct twin twin;
static struct rig upper, lower;
static struct bare middle;
static uint32_t main_slot;
static struct iris_thread_info seen[3]; /* main, middle, bottom, while bottom works */

static void pass_on(void *unused)
{
    struct iris_message m;

    (void)unused;
    int error = iris_port_bind(upper.port);
    if (error == 0)
        error = iris_ipc_wait(&m);
    while (error == 0) {
        m.tag = IRIS_TAG(iris_tag_label(m.tag), 0);
        iris_ipc_call(lower.client, &m);
        m.tag = IRIS_TAG(0, 0);
        error = iris_ipc_reply_and_wait(&m);
    }
}

static void work(void *unused)
{
    struct iris_message m;

    (void)unused;
    int error = iris_port_bind(TWIN_PORT);
    if (error == 0)
        error = iris_ipc_wait(&m);
    while (error == 0) {
        if (iris_tag_label(m.tag) == LABEL_WORK) {
            burn(WORK);
            seen[0] = look(TWIN_PARENT, main_slot);
            seen[1] = look(TWIN_PARENT, UTCB_MIDDLE);
            seen[2] = look(TWIN_OWN, 0);
        }
        m.tag = IRIS_TAG(0, 0);
        error = iris_ipc_reply_and_wait(&m);
    }
}

struct measure {
    uint64_t elapsed, own, middle, bottom;
    uint64_t told; /* of own, to the bottom when it had worked */
};

static struct measure measure(uint32_t label)
{
    struct measure before, after;
    struct iris_message m = {.tag = IRIS_TAG(label, 0)};

    before.middle = used(0, UTCB_MIDDLE);
    before.bottom = used(twin.space, 0);
    before.own = used(0, main_slot);
    before.elapsed = iris_clock_monotonic();
    iris_ipc_call(upper.client, &m);
    after.own = used(0, main_slot);
    after.elapsed = iris_clock_monotonic();
    after.middle = used(0, UTCB_MIDDLE);
    after.bottom = used(twin.space, 0);
    return (struct measure){after.elapsed - before.elapsed, after.own - before.own,
                            after.middle - before.middle, after.bottom - before.bottom,
                            seen[0].time - before.own};
}

static void check_links(void)
{
    const struct iris_thread_info *a = &seen[0], *b = &seen[1], *c = &seen[2];

    TEST_CHECK(a->state == IRIS_THREAD_CALLING && a->partner == b->id && a->caller == 0,
               "main awaits the middle's reply");
    TEST_CHECK(b->state == IRIS_THREAD_CALLING && b->partner == c->id && b->caller == a->id,
               "the middle serves main and awaits the bottom's");
    TEST_CHECK(c->state == IRIS_THREAD_READY && c->partner == 0 && c->caller == b->id,
               "the bottom, in another space, serves the middle");
    TEST_CHECK(a->id && a->budget == a->id && b->budget == a->id && c->budget == a->id,
               "all three on main's budget");
    TEST_CHECK(b->partner_space == kit_space(twin.space).id, "the space is told as well");
}

static void check_time(bool exact)
{
    struct measure plain, busy;
    uint64_t difference = ~0ull, most = 0, told = 0;

    for (unsigned i = 0; i < 5; i++) {
        plain = measure(LABEL_PLAIN);
        busy = measure(LABEL_WORK);
        uint64_t elapsed = busy.elapsed - plain.elapsed, charged = busy.own - plain.own;
        uint64_t off = elapsed > charged ? elapsed - charged : charged - elapsed;
        difference = off < difference ? off : difference;
        most = busy.own > most ? busy.own : most;
        told = busy.told > told ? busy.told : told;
        TEST_EQUAL(busy.middle + plain.middle, 0, "the middle's own budget nothing");
        TEST_EQUAL(busy.bottom + plain.bottom, 0, "the bottom's own budget nothing");
    }
    /* Drivers may come in between, at their own expense; not each time. */
    TEST_CHECK(most >= WORK * 9 / 10, "main was charged %u us for %u us", (unsigned)(most / 1000),
               (unsigned)(WORK / 1000));
    TEST_CHECK(told >= WORK * 9 / 10 && told < most, "and the bottom was told so: %u us",
               (unsigned)(told / 1000));
    test_metric("misattributed", difference, "ns", "of=%u", (unsigned)WORK);
    if (exact)
        TEST_CHECK(difference <= EXACT, "the charge is what the clock says, but for %u ns",
                   (unsigned)difference);
}

static bool begin(void)
{
    main_slot = iris_utcb()->slot;
    return twin_make(&twin, true) && rig_make(&upper, 1, 0) && rig_make(&lower, 2, 0) &&
           twin_give(&twin, lower.port, TWIN_PORT, IRIS_RIGHT_RECEIVE) == 0 &&
           twin_give(&twin, twin.space, TWIN_OWN, IRIS_RIGHT_INSPECT) == 0 &&
           twin_give(&twin, IRIS_SLOT_SPACE, TWIN_PARENT, IRIS_RIGHT_INSPECT) == 0 &&
           twin_start(&twin, 0, work, NULL) == 0 &&
           bare_run(&middle, 0, UTCB_MIDDLE, pass_on, NULL) == 0 &&
           kit_wait_state(twin.space, 0, IRIS_THREAD_WAITING) &&
           kit_wait_state(0, UTCB_MIDDLE, IRIS_THREAD_WAITING);
}

void test_chain(bool exact)
{
    if (!TEST_CHECK(begin(), "a server in another space behind one in this"))
        return;
    check_time(exact);
    check_links();
    kit_audit("after calls through both");
    bare_end(&middle);
    twin_free(&twin);
    rig_free(&upper);
    rig_free(&lower);
}

/* ---- For `ps` ---- */

/* The bottom's port is served by nobody: the middle is queued there for ever. */
int hold_chain(void)
{
    struct iris_message m = {.tag = IRIS_TAG(LABEL_PLAIN, 0)};

    if (!rig_make(&upper, 1, 0) || !rig_make(&lower, 2, 0) ||
        bare_run(&middle, 0, UTCB_MIDDLE, pass_on, NULL) < 0)
        return 1;
    return iris_ipc_call(upper.client, &m) < 0;
}
