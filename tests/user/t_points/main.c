/* SPDX-License-Identifier: MIT */
/*
 * Row 42: a thread is stopped at every block and preemption point of the kernel, each time it comes
 * to one; read, destroyed, made anew; what it does has the same result as if left alone. The list
 * of points is the kernel's own; a point that no scenario comes to is a failure.
 */
#include <iris/summary.h>

#include <string.h>

#include <iris/names.h>

#include "kernel_debug.h"
#include "names.h"
#include "t_points.h"

IRIS_SUMMARY("test: threads stopped at every point inside the kernel where they can be: [TIMES]");

#define UTCB_SUBJECT (BARE_UTCB_FIRST + 1)
#define UTCB_HELPER (BARE_UTCB_FIRST + 2)
#define BIT_POINT 1u
#define BIT_DONE 2u

volatile uint32_t outcome;
struct rig rig;
uint32_t subject_port;

static uint32_t debug, priority;
static struct rig news; /* where this thread learns of points and ends */
static struct bare subject, helper;
static struct iris_state state;
static const struct scenario *scenario;

static const char *const names[] = {
#define NAME(name) #name,
    IRIS_POINTS(NAME)
#undef NAME
};

/* ---- Threads ---- */

bool helper_start(void (*function)(void *), bool above)
{
    return bare_create(&helper, 0, UTCB_HELPER) == 0 &&
           iris_thread_schedule(helper.handle, priority - (above ? 1 : 3), 0, 0, 0, 0) == 0 &&
           bare_start(&helper, function, NULL) == 0;
}

void helper_end(void) { bare_end(&helper); }

static void work(void *unused)
{
    (void)unused;
    scenario->work();
    iris_notify(news.client, BIT_DONE);
}

static bool reborn(void)
{
    if (iris_thread_exchange_registers(subject.handle, IRIS_STATE_READ | IRIS_STATE_HALT, &state) <
            0 ||
        iris_object_destroy(subject.handle) < 0)
        return false;
    iris_handle_close(subject.handle);
    memset(subject.block.reserved, 0, sizeof subject.block.reserved);
    if (iris_thread_create(0, subject.handle, UTCB_SUBJECT, priority - 2) < 0)
        return false;
    state.registers.port = subject_port;
    return iris_thread_exchange_registers(subject.handle, IRIS_STATE_WRITE | IRIS_STATE_RESUME,
                                          &state) == 0;
}

/* ---- Runs ---- */

/* 0: it has not come. */
static uint32_t next_news(void)
{
    struct iris_message m;
    return iris_ipc_wait_until(&m, kit_soon(KIT_PATIENCE)) == 0 ? m.word[0] : 0;
}

static void arm(uint32_t what)
{
    if (debug)
        kernel_debug_point(debug, what, news.client);
}

/* One run, disturbed at the nth visit to a point, or not (nth 0). Whether it came there so often;
 *hung: or nowhere. */
static bool run(unsigned point, unsigned nth, bool *hung)
{
    bool reached = false;

    outcome = 0;
    subject_port = 0;
    *hung =
        !rig_make(&rig, 9, 1) || !scenario->prepare() || bare_create(&subject, 0, UTCB_SUBJECT) < 0;
    iris_thread_schedule(subject.handle, priority - 2, 0, 0, 0, 0);
    iris_port_bind(news.port); /* it may have served at another */
    if (nth)
        arm(IRIS_POINT_ARM(point, nth, kit_object(subject.handle, NULL)));
    bare_start(&subject, work, NULL);
    for (uint32_t bits = 0; !*hung && !(bits & BIT_DONE);) {
        bits = next_news();
        *hung = bits == 0;
        if (bits & BIT_POINT) {
            reached = true;
            *hung |= !reborn();
        }
    }
    if (nth)
        arm(0);
    bare_end(&subject);
    scenario->finish();
    rig_free(&rig);
    return reached;
}

/* Every visit to a point, up to `times`. How many there were. */
static unsigned disturb(unsigned point, unsigned times, uint32_t wanted)
{
    unsigned nth = 1, differs = 0;
    bool hung = false;

    for (; nth <= times && run(point, nth, &hung); nth++)
        differs += hung || outcome != wanted;
    TEST_CHECK(differs == 0 && !hung && outcome == wanted,
               "%s stopped at %s, %u times: the same as undisturbed", scenario->name, names[point],
               nth - 1);
    return nth - 1;
}

static void try_scenario(unsigned times, unsigned visits[])
{
    bool hung;

    run(0, 0, &hung); /* what is made once is made */
    uint32_t handles = kit_space(0).handles, pages = kit_space(0).pages_used;
    run(0, 0, &hung);
    uint32_t wanted = outcome;
    run(0, 0, &hung);
    TEST_CHECK(!hung && outcome == wanted && wanted != 0, "%s, undisturbed: %08x", scenario->name,
               (unsigned)wanted);
    for (unsigned point = 0; point < IRIS_POINT_COUNT; point++)
        if (scenario->points & 1u << point)
            visits[point] += disturb(point, times, wanted);
    TEST_CHECK(kit_space(0).handles == handles && kit_space(0).pages_used <= pages + 1,
               "%s leaves nothing behind", scenario->name);
    kit_audit("afterwards");
}

/* A thread that is not the subject, or a point not asked for, is not reported: there is nothing to
   be seen from an unarmed kernel. */
int main(int argc, char *argv[])
{
    unsigned times = kit_rounds(argc, argv, 8), visits[IRIS_POINT_COUNT] = {0};

    test_begin("t_points");
    priority = kit_priority();
    rig_make(&news, 1, BIT_POINT | BIT_DONE);
    iris_port_bind(news.port);
    memset(&state, 0, sizeof state);
    if (TEST_EQUAL(names_lookup(IRIS_SLOT_NAMES, IRIS_NAME_DEBUG, &debug), 0, "kernel/debug") &&
        TEST_EQUAL(kernel_debug_point(debug, 0, news.client), 0, "a debug kernel"))
        for (unsigned i = 0; i < scenarios_count; i++) {
            scenario = &scenarios[i];
            try_scenario(times, visits);
        }
    for (unsigned point = 0; point < IRIS_POINT_COUNT; point++)
        TEST_CHECK(visits[point] > 0, "point %s was come to, %u times", names[point],
                   visits[point]);
    iris_port_bind(0);
    rig_free(&news);
    return test_end();
}
