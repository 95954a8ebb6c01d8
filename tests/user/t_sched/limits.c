/* SPDX-License-Identifier: MIT */
/* A period's quantum is guarantee and limit; and the scheduler's portal hears of its depletion. */
#include "t_sched.h"

enum { HOG = BARE_UTCB_FIRST, RIVAL };

static struct bare hog, rival;
static volatile uint32_t hog_count, rival_count;

/* What both used in about `periods` periods of 10 ms, in percent of the time that passed. */
static void shares(unsigned periods, unsigned *first, unsigned *second)
{
    uint64_t begin = iris_clock_monotonic(), hog_before = look(HOG).time;
    uint64_t rival_before = look(RIVAL).time;

    sleep_for(periods * 10 * MS);
    uint64_t hog_after = look(HOG).time, rival_after = look(RIVAL).time;
    uint32_t elapsed = (uint32_t)((iris_clock_monotonic() - begin) / 1000);
    *first = (unsigned)((uint32_t)((hog_after - hog_before) / 1000) * 100ull / elapsed);
    *second = (unsigned)((uint32_t)((rival_after - rival_before) / 1000) * 100ull / elapsed);
}

static void check_shares(struct terms terms, struct terms rivals, unsigned least, unsigned most,
                         const char *what)
{
    unsigned share, rest;

    if (!TEST_CHECK(run_on(&hog, HOG, terms, spin, (void *)&hog_count) &&
                        run_on(&rival, RIVAL, rivals, spin, (void *)&rival_count),
                    "two that spin: %s", what))
        return;
    sleep_for(10 * MS);
    shares(10, &share, &rest);
    TEST_CHECK(share >= least && share <= most, "%s: %u %% of the time (%u to %u), the other %u %%",
               what, share, least, most, rest);
    TEST_CHECK(rest + share >= 70, "and what it does not get, the other does");
    TEST_CHECK(look(HOG).depletions >= (terms.period != 0 ? 5 : 0), "depletions are counted");
    bare_end(&hog);
    bare_end(&rival);
    kit_audit("after both have ended");
}

/* Nobody counts the turns of one who is alone; but when a competitor comes, it gets what is left of
   this turn, not a whole one. */
#define MEETINGS 5u
static struct rig meeting;
static volatile uint32_t met, longest; /* us */

static void come(void *unused)
{
    struct iris_message m;

    (void)unused;
    iris_port_bind(meeting.port);
    while (iris_ipc_wait(&m) == 0)
        met++;
}

static void work_for(uint64_t ns)
{
    for (uint64_t end = iris_clock_monotonic() + ns; iris_clock_monotonic() < end;)
        continue;
}

static void be_alone(void *unused)
{
    (void)unused;
    for (unsigned i = 0; i < MEETINGS; i++) {
        uint32_t before = met;
        work_for(12 * MS);     /* until no timer is armed for an earlier turn */
        iris_thread_switch(0); /* a new one */
        work_for(8 * MS);
        uint64_t begin = iris_clock_monotonic();
        iris_notify(meeting.client, 1);
        while (met == before)
            continue;
        uint32_t waited = (uint32_t)(iris_clock_monotonic() - begin) / 1000;
        if (waited > longest)
            longest = waited;
    }
}

static void check_competitor(void)
{
    struct terms equal = {HIGH, 10, 0, NONE, 0};

    met = longest = 0;
    if (!TEST_CHECK(rig_make(&meeting, 2, 1) && run_on(&rival, RIVAL, equal, come, NULL) &&
                        reaches(RIVAL, IRIS_THREAD_WAITING) &&
                        run_on(&hog, HOG, equal, be_alone, NULL),
                    "one that is alone for 8 of 10 ms"))
        return;
    sleep_for(MEETINGS * 40 * MS); /* without looking: that would have the time accounted */
    TEST_CHECK(kit_wait_state(0, HOG, IRIS_THREAD_DEAD) && met == MEETINGS,
               "meets another five times");
    TEST_CHECK(longest <= 8000, "who gets the rest of its turn (%u us)", longest);
    bare_end(&hog);
    bare_end(&rival);
    rig_free(&meeting);
}

/* Nobody else wants the time, and yet: the processor idles. */
static void check_alone(void)
{
    unsigned share, rest;
    struct terms limited = {HIGH, 2, 10, NONE, 0};

    if (!TEST_CHECK(run_on(&hog, HOG, limited, spin, (void *)&hog_count), "one that spins alone"))
        return;
    sleep_for(10 * MS);
    shares(10, &share, &rest);
    TEST_CHECK(share >= 14 && share <= 30, "2 of 10 ms are a limit: %u %%", share);
    limited.spare = LOW;
    terms_set(hog.handle, limited);
    sleep_for(10 * MS);
    shares(10, &share, &rest);
    TEST_CHECK(share >= 80, "with a spare priority it goes on: %u %%", share);
    TEST_EQUAL(look(HOG).state, IRIS_THREAD_READY, "all the time ready");
    bare_end(&hog);
}

/* A thread can't get more by stirring the timer: each call with a deadline arms it anew. A server
   that waits is called without the dispatcher; where nobody serves it comes in. */
static void stir(void *portal)
{
    for (;;) {
        struct iris_message m = {.tag = IRIS_TAG(1, 0) | IRIS_TAG_DEADLINE};
        iris_utcb()->deadline = iris_clock_monotonic() + 20 * US;
        iris_ipc_call((uint32_t)portal, &m);
        ++hog_count;
    }
}

static void echo(void *port)
{
    struct iris_message m;

    iris_port_bind((uint32_t)port);
    int error = iris_ipc_wait(&m);
    while (error == 0) {
        m.tag = IRIS_TAG(0, 0);
        error = iris_ipc_reply_and_wait(&m);
    }
}

static void check_stirring(bool served)
{
    struct rig rig;
    unsigned share, rest;
    struct terms limited = {HIGH, 2, 10, NONE, 0}, own = {HIGH, 10, 0, NONE, 0};

    bool ready = rig_make(&rig, 2, 0);
    if (served)
        ready = ready && run_on(&rival, RIVAL, own, echo, (void *)rig.port) &&
                reaches(RIVAL, IRIS_THREAD_WAITING);
    if (!TEST_CHECK(ready && run_on(&hog, HOG, limited, stir, (void *)rig.client),
                    "one that calls %s with deadlines all the time",
                    served ? "a server" : "nobody"))
        return;
    sleep_for(10 * MS);
    uint32_t before = hog_count;
    shares(10, &share, &rest);
    TEST_CHECK(share <= 30 && hog_count > before, "is limited none the less: %u %%", share);
    kit_audit("meanwhile");
    bare_end(&hog);
    if (served)
        bare_end(&rival);
    rig_free(&rig);
}

void test_limits(void)
{
    struct terms robin = {MIDDLE, 1, 0, NONE, 0};

    check_competitor();
    check_alone();
    check_stirring(false);
    check_stirring(true);
    check_shares((struct terms){HIGH, 3, 10, NONE, 0}, robin, 24, 40, "3 of 10 ms");
    check_shares((struct terms){HIGH, 3, 10, LOW, 0}, robin, 24, 40, "3 of 10 ms, spare below");
    check_shares((struct terms){HIGH, 3, 10, MIDDLE, 0}, robin, 65, 92, "3 of 10 ms, turns of 3");
    check_shares((struct terms){LOW, 3, 10, NONE, 0}, (struct terms){HIGH, 5, 10, NONE, 0}, 24, 40,
                 "the lower of two that leave room for each other");
}

/* ---- News ---- */

#define MASK 0x5a0u

/* Until the next event: its bits, 0 if none came. */
static uint32_t bits(uint32_t ms)
{
    struct iris_message m;

    if (iris_ipc_wait_until(&m, kit_soon(ms)) < 0 || iris_tag_label(m.tag) != IRIS_EVENT_NOTIFY)
        return 0;
    return m.word[0];
}

static void check_rounds(struct rig *news, uint32_t portal)
{
    unsigned heard = 0, deaf;
    uint32_t before;

    iris_port_bind(news->port);
    for (unsigned i = 0; i < 5; i++)
        heard += bits(KIT_PATIENCE) == MASK;
    TEST_EQUAL(heard, 5, "five depletions, each told with the bits of the portal's mask");
    iris_port_bind(0);
    before = look(HOG).depletions;
    sleep_for(50 * MS);
    iris_port_bind(news->port);
    deaf = look(HOG).depletions - before;
    TEST_CHECK(deaf >= 2, "%u more while nobody listened", deaf);
    iris_thread_schedule(hog.handle, MIDDLE, 10000, 0, NONE, portal);
    TEST_EQUAL(bits(0), MASK, "are one event");
    TEST_EQUAL(bits(0), 0, "and no second");
    TEST_EQUAL(bits(20), 0, "without a period there is nothing to tell");
    bare_end(&hog);
    TEST_EQUAL(bits(KIT_PATIENCE), MASK, "but the end of the thread");
    iris_port_bind(0);
}

/* The portal goes while the budget refers to it. */
static void check_portal_gone(void)
{
    struct rig news;
    struct terms limited = {MIDDLE, 1, 5, NONE, 0};

    bool ready = rig_make(&news, 7, MASK);
    limited.portal = news.client;
    if (!TEST_CHECK(ready && run_on(&hog, HOG, limited, spin, (void *)&hog_count),
                    "one whose scheduler"))
        return;
    iris_object_destroy(news.own);
    kit_audit("with the scheduler's portal destroyed");
    uint32_t before = look(HOG).depletions;
    sleep_for(30 * MS);
    TEST_CHECK(look(HOG).depletions > before, "has gone is depleted as before");
    bare_end(&hog);
    rig_free(&news);
}

void test_news(void)
{
    struct rig news;
    struct terms limited = {MIDDLE, 1, 5, NONE, 0};
    bool ready = rig_make(&news, 7, MASK);

    limited.portal = news.client;
    if (TEST_CHECK(ready && run_on(&hog, HOG, limited, spin, (void *)&hog_count),
                   "one whose scheduler listens"))
        check_rounds(&news, news.client);
    rig_free(&news);
    check_portal_gone();
}
