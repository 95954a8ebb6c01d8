/* SPDX-License-Identifier: MIT */
/*
 * Row 52, under icount: what a guaranteed share is worth over a second of 100 periods, with a hog
 * beside it and without; with work of its own, and with a server that both use.
 */
#include <iris/names.h>

#include "names.h"
#include "scheduling.h"
#include "t_sched.h"

enum { MEMBER = BARE_UTCB_FIRST, HOG, SERVER };
#define SECOND (1000 * MS)
#define SHARE 3u /* of 10 ms */

static struct rig rig;
static struct bare member, hog, server;
static volatile uint32_t units[2];

static void unit(void)
{
    for (volatile unsigned i = 0; i < 2000; i++)
        ;
}

static void serve(void *unused)
{
    struct iris_message m;

    (void)unused;
    int error = iris_port_bind(rig.port);
    if (error == 0)
        error = iris_ipc_wait(&m);
    while (error == 0) {
        unit();
        m.tag = IRIS_TAG(0, 0);
        error = iris_ipc_reply_and_wait(&m);
    }
}

static void work(void *count)
{
    for (;;) {
        unit();
        ++*(volatile uint32_t *)count;
    }
}

static void call(void *count)
{
    for (;;) {
        struct iris_message m = {.tag = IRIS_TAG(1, 0)};
        iris_ipc_call(rig.client, &m);
        ++*(volatile uint32_t *)count;
    }
}

struct measure {
    uint64_t used;
    uint32_t units, hogs;
};

/* A second from the beginning of a period. */
static struct measure measure(void (*function)(void *), const struct terms *hogs)
{
    struct measure m = {0};
    struct terms share = {HIGH, SHARE, 10, NONE, 0};

    units[0] = units[1] = 0;
    if (hogs)
        run_on(&hog, HOG, *hogs, function, (void *)&units[1]);
    sleep_for(7 * MS);
    run_on(&member, MEMBER, share, function, (void *)&units[0]);
    sleep_for(SECOND);
    m.used = look(MEMBER).time;
    m.units = units[0];
    m.hogs = units[1];
    bare_end(&member);
    if (hogs)
        bare_end(&hog);
    return m;
}

static void check(void (*function)(void *), const struct terms *hogs, const char *what)
{
    struct measure alone = measure(function, NULL), beside = measure(function, hogs);
    uint64_t promised = SECOND / 10 * SHARE;
    uint64_t lost = alone.units > beside.units ? alone.units - beside.units : 0;

    TEST_CHECK(alone.used >= promised * 99 / 100 && alone.used <= promised * 101 / 100 + 3 * MS,
               "%s: alone %u us of a second", what, (unsigned)(alone.used / 1000));
    TEST_CHECK(beside.used >= promised * 99 / 100 && beside.used <= promised * 101 / 100 + 3 * MS,
               "beside the hog %u us", (unsigned)(beside.used / 1000));
    TEST_CHECK(beside.hogs > alone.units, "the hog does more: %u", (unsigned)beside.hogs);
    TEST_CHECK(lost * 100 <= alone.units, "%u units of work instead of %u", (unsigned)beside.units,
               (unsigned)alone.units);
    test_metric("share_lost", (uint32_t)lost * 10000u / (alone.units + 1), "1/10000", "server=%u",
                function == call);
}

/* ---- The same by domains of the scheduling server ---- */

static uint32_t sched;

static bool run_in(struct bare *bare, uint32_t utcb_slot, const char *domain, uint32_t number)
{
    return bare_create(bare, 0, utcb_slot) == 0 && sched_join(sched, bare->handle, domain) == 0 &&
           bare_start(bare, call, (void *)&units[number]) == 0;
}

static struct measure measure_domains(enum class class, bool hogs)
{
    struct measure m = {0};

    units[0] = units[1] = 0;
    sched_set(sched, "t-member", class, SHARE * 10);
    bool ready = !hogs || run_in(&hog, HOG, "t-hog", 1);
    sleep_for(7 * MS);
    ready = ready && run_in(&member, MEMBER, "t-member", 0);
    TEST_CHECK(ready, "members of domains");
    sleep_for(SECOND);
    m = (struct measure){look(MEMBER).time, units[0], units[1]};
    bare_end(&member);
    if (hogs)
        bare_end(&hog);
    return m;
}

static void check_domains(void)
{
    if (!TEST_CHECK(names_lookup(IRIS_SLOT_NAMES, IRIS_NAME_SCHED, &sched) == 0 &&
                        sched_set(sched, "t-hog", CLASS_NORMAL, 60) == 0,
                    "the scheduling server"))
        return;
    struct measure alone = measure_domains(CLASS_REAL_TIME, false),
                   limited = measure_domains(CLASS_REAL_TIME, true),
                   normal = measure_domains(CLASS_NORMAL, true);
    uint64_t promised = SECOND / 10 * SHARE;
    TEST_CHECK(limited.used >= promised * 99 / 100 && limited.used <= promised * 101 / 100 + 3 * MS,
               "real-time, with a hog at the same server: %u us of a second",
               (unsigned)(limited.used / 1000));
    TEST_CHECK(limited.units * 100ull >= alone.units * 99ull, "%u units of work instead of %u",
               (unsigned)limited.units, (unsigned)alone.units);
    TEST_CHECK(normal.units * 100ull >= alone.units * 99ull,
               "normal: at least what its share is worth (%u)", (unsigned)normal.units);
    TEST_CHECK(normal.used > promised, "and more: %u us", (unsigned)(normal.used / 1000));
    TEST_CHECK(limited.hogs > limited.units, "the hog has the rest");
    uint32_t lost = limited.units < alone.units ? alone.units - limited.units : 0;
    test_metric("share_lost", lost * 10000u / (alone.units + 1), "1/10000", "server=1");
    TEST_EQUAL(sched_remove(sched, "t-member"), 0, "domains are removed");
    TEST_EQUAL(sched_remove(sched, "t-hog"), 0, "both");
    iris_handle_discard(sched);
}

void test_exact(void)
{
    struct terms spare = {HIGH, SHARE, 10, MIDDLE, 0}, above = {HIGH + 1, 6, 10, MIDDLE, 0},
                 robin = {MIDDLE, 10, 0, NONE, 0};

    if (!TEST_CHECK(rig_make(&rig, 2, 0) && run_on(&server, SERVER, robin, serve, NULL) &&
                        reaches(SERVER, IRIS_THREAD_WAITING),
                    "a server for both"))
        return;
    check(work, &spare, "equal share, own work");
    check(work, &above, "larger share above, own work");
    check(call, &robin, "no share, same server");
    check(call, &spare, "equal share, same server");
    check(call, &above, "larger share above, same server");
    check_domains();
    bare_end(&server);
    rig_free(&rig);
}
