/* SPDX-License-Identifier: MIT */
/*
 * Row 17: single-stepping over an IPC. A thread sets TF; its exception portal gets #DB for each
 * instruction and lets it go on. The calls complete, and no partner ever sees the flag.
 */
#include <iris/summary.h>

#include <string.h>

#include "twin.h"

IRIS_SUMMARY("test: single-stepping over calls and replies: [ROUNDS]");

#define TF 0x100u
#define MASK 0x0f0f0f0fu
#define STEPPED_WORDS 5u /* message lengths 0, 16, 32, 48, 64 */
enum { PARTNER = BARE_UTCB_FIRST + 1 };
enum { TWIN_PORTAL = 20, TWIN_PORT };
enum { LABEL_ECHO = 1, LABEL_STOP };

static struct twin twin;
static struct rig rig;
static struct bare partner;
static unsigned rounds;

static void step_begin(void)
{
    __asm__ volatile("pushfl\n\torl $0x100, (%%esp)\n\tpopfl" ::: "memory", "cc");
}

static void step_end(void)
{
    __asm__ volatile("pushfl\n\tandl $~0x100, (%%esp)\n\tpopfl" ::: "memory", "cc");
}

static bool is_stepped(void)
{
    uint32_t flags;

    __asm__ volatile("pushfl\n\tpopl %0" : "=r"(flags));
    return flags & TF;
}

/* ---- What the exception portal sees ---- */

static struct {
    uint32_t traps, in_vdso, outside, unflagged;
} seen;

static bool judge(struct twin *unused, const struct iris_exception *exception)
{
    (void)unused;
    if (exception->vector != 1)
        return false;
    seen.traps++;
    seen.in_vdso += exception->ip >= IRIS_VDSO_BASE && exception->ip < IRIS_DATA_PAGE;
    seen.outside += exception->ip >= IRIS_USER_TOP;
    seen.unflagged += !(exception->flags & TF);
    return true;
}

static void check_seen(unsigned calls, const struct twin_end *end)
{
    TEST_CHECK(!end->hung && end->reason == IRIS_EXIT_RETURN, "it comes to its end");
    TEST_CHECK(seen.traps > calls * 10, "after %u #DB in %u calls", (unsigned)seen.traps, calls);
    TEST_CHECK(seen.in_vdso >= 2 * calls, "%u of them in the vDSO: before and after each call",
               (unsigned)seen.in_vdso);
    TEST_EQUAL(seen.outside, 0, "none in the kernel");
    TEST_CHECK(seen.unflagged >= 1 && seen.unflagged <= calls,
               "the flag stays set until it is cleared (%u without)", (unsigned)seen.unflagged);
}

/* ---- A partner that must not notice ---- */

static struct {
    volatile uint32_t calls, wrong, flagged;
} noted;

static void exchange(uint32_t portal, unsigned i)
{
    struct iris_message m;
    unsigned words = i % STEPPED_WORDS * 16;

    message_fill(&m, LABEL_ECHO, words, i);
    noted.wrong += iris_ipc_call(portal, &m) != 0 || message_wrong(&m, words, i, MASK);
}

static void serve(uint32_t port, bool stepped)
{
    struct iris_message m;
    bool last = false;
    int error = iris_port_bind(port);

    if (error == 0)
        error = iris_ipc_wait(&m);
    if (stepped)
        step_begin();
    while (error == 0 && !last) {
        last = iris_tag_label(m.tag) == LABEL_STOP;
        noted.calls++;
        noted.flagged += is_stepped() != stepped;
        message_answer(&m, MASK);
        if (last) {
            iris_utcb()->deadline = IRIS_DEADLINE_POLL;
            m.tag |= IRIS_TAG_DEADLINE;
        }
        error = iris_ipc_reply_and_wait(&m);
    }
    if (stepped)
        step_end();
}

static void stop(uint32_t portal)
{
    struct iris_message m = {.tag = IRIS_TAG(LABEL_STOP, 0)};
    noted.wrong += iris_ipc_call(portal, &m) != 0;
}

/* ---- The caller is stepped ---- */

static void serve_here(void *unused)
{
    (void)unused;
    serve(rig.port, false);
}

static void call_stepped(void *unused)
{
    (void)unused;
    for (unsigned i = 0; i < rounds; i++) {
        step_begin();
        exchange(TWIN_PORTAL, i);
        noted.flagged += !is_stepped();
        iris_thread_switch(0);
        step_end();
    }
    stop(TWIN_PORTAL);
}

static void check_caller(void)
{
    memset(&seen, 0, sizeof seen);
    memset((void *)&noted, 0, sizeof noted);
    bool ready = bare_run(&partner, 0, PARTNER, serve_here, NULL) == 0 &&
                 kit_wait_state(0, PARTNER, IRIS_THREAD_WAITING);
    if (!TEST_CHECK(ready, "a caller steps itself through %u calls", rounds))
        return;
    struct twin_end end = twin_run(&twin, call_stepped, NULL);
    check_seen(rounds, &end);
    TEST_EQUAL(noted.wrong, 0, "all answers are right");
    TEST_EQUAL(noted.calls, rounds + 1, "the server got each call once");
    TEST_EQUAL(noted.flagged, 0, "and never the flag; the caller kept it");
    bare_end(&partner);
}

/* ---- The server is stepped ---- */

static void serve_stepped(void *unused)
{
    (void)unused;
    serve(TWIN_PORT, true);
}

static void call_here(void *unused)
{
    (void)unused;
    for (unsigned i = 0; i < rounds; i++) {
        exchange(rig.client, i);
        noted.flagged += is_stepped();
    }
    stop(rig.client);
}

static void check_server(void)
{
    memset(&seen, 0, sizeof seen);
    memset((void *)&noted, 0, sizeof noted);
    bool ready = twin_start(&twin, 0, serve_stepped, NULL) == 0 &&
                 kit_wait_state(twin.space, 0, IRIS_THREAD_WAITING) &&
                 bare_run(&partner, 0, PARTNER, call_here, NULL) == 0;
    if (!TEST_CHECK(ready, "a server steps itself through %u replies", rounds))
        return;
    struct twin_end end = twin_wait(&twin);
    TEST_CHECK(kit_wait_state(0, PARTNER, IRIS_THREAD_DEAD), "its client comes to its end");
    check_seen(rounds, &end);
    TEST_EQUAL(noted.wrong, 0, "all answers are right");
    TEST_EQUAL(noted.calls, rounds + 1, "the server got each call once");
    TEST_EQUAL(noted.flagged, 0, "the client never got the flag; the server kept it");
    bare_end(&partner);
    bare_end(&twin.threads[0]);
}

int main(int argc, char *argv[])
{
    rounds = kit_rounds(argc, argv, 20);
    test_begin("t_step");
    bool ready = rig_make(&rig, 1, 0) && twin_make(&twin, true) &&
                 twin_give(&twin, rig.client, TWIN_PORTAL, IRIS_RIGHT_CALL) == 0 &&
                 twin_give(&twin, rig.port, TWIN_PORT, IRIS_RIGHT_RECEIVE) == 0;
    if (TEST_CHECK(ready, "a space whose exceptions come here")) {
        twin.judge = judge;
        check_caller();
        check_server();
        kit_audit("in the end");
        twin_free(&twin);
        rig_free(&rig);
    }
    return test_end();
}
