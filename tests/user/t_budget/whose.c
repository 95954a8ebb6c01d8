/* SPDX-License-Identifier: MIT */
/*
 * "Whose budget?": a server with a current caller runs on the budget that came with it, in every
 * other case on its own. The server tells what it sees of itself at that moment, then works, and
 * the kernel's accounts say who paid. Rows 39 and 41 are two of the cases.
 */
#include "t_budget.h"

#include <string.h>

enum { SERVER = UTCB_FIRST, CLIENT };
enum { TWIN_PORT = 20, TWIN_PORTAL };
enum { BIT_RECEIVED = 1, BIT_DONE = 2 };
enum { LABEL_WORK = 1, LABEL_KEEP, LABEL_ORPHAN, LABEL_HOLD };
#define WORK (2 * MS)
#define TRIES 20

static struct rig news, rig, upper;
static struct bare server, client;
static struct twin twin;
static uint32_t keep_slot;
static struct iris_thread_info seen; /* the server, of itself */
static volatile uint32_t done, release;
static volatile int result;

/* ---- The server ---- */

static void see_and_work(void)
{
    seen = look(0, SERVER);
    burn(WORK);
}

/* Until its caller is gone, however. */
static void outlive_caller(void)
{
    uint64_t end = kit_soon(KIT_PATIENCE);

    iris_notify(news.client, BIT_RECEIVED);
    while (look(0, SERVER).caller && iris_clock_monotonic() < end)
        iris_thread_switch(0);
}

static bool serve_one(struct iris_message *m)
{
    uint32_t label = m->tag & IRIS_TAG_KERNEL ? LABEL_WORK : iris_tag_label(m->tag);

    if (label == LABEL_KEEP)
        iris_ipc_keep(keep_slot);
    if (label == LABEL_ORPHAN)
        outlive_caller();
    if (label == LABEL_HOLD) {
        iris_notify(news.client, BIT_RECEIVED);
        kit_wait_word(&release, 1);
    }
    see_and_work();
    bool answer = seen.caller != 0;
    if (!answer)
        iris_notify(news.client, BIT_DONE);
    *m = (struct iris_message){.tag = IRIS_TAG(0, 1), .word = {label}};
    if (label == LABEL_KEEP)
        iris_ipc_reply(keep_slot, m);
    return answer;
}

static void serve(void *unused)
{
    struct iris_message m;

    (void)unused;
    int error = iris_port_bind(rig.port);
    if (error == 0)
        error = iris_ipc_wait(&m);
    while (error == 0)
        error = serve_one(&m) ? iris_ipc_reply_and_wait(&m) : iris_ipc_wait(&m);
}

static bool begin(void)
{
    keep_slot = kit_slot();
    return rig_make(&news, 1, 3) && rig_make(&rig, 2, 1) && iris_port_bind(news.port) == 0 &&
           bare_run(&server, 0, SERVER, serve, NULL) == 0 &&
           kit_wait_state(0, SERVER, IRIS_THREAD_WAITING);
}

/* Several bits may arrive at once: the others are kept. */
static bool hears(uint32_t bit)
{
    static uint32_t heard;
    struct iris_message m;

    while (!(heard & bit)) {
        if (iris_ipc_wait_until(&m, kit_soon(KIT_PATIENCE)) < 0)
            return false;
        heard |= m.word[0];
    }
    heard &= ~bit;
    return true;
}

/* ---- The time: the caller's, or the server's own ---- */

enum way { BY_CALL, BY_SEND, BY_KEEP, BY_EVENT };

static bool once(enum way way)
{
    struct iris_message m = {.tag = IRIS_TAG(way == BY_KEEP ? LABEL_KEEP : LABEL_WORK, 0)};

    switch (way) {
    case BY_SEND:
        return iris_ipc_send(rig.client, &m) == 0 && hears(BIT_DONE);
    case BY_EVENT:
        return iris_notify(rig.client, 1) == 0 && hears(BIT_DONE);
    case BY_KEEP:
        return iris_ipc_call(rig.client, &m) == 0 && hears(BIT_DONE);
    default:
        return iris_ipc_call(rig.client, &m) == 0;
    }
}

/* Some tries, because interrupts and a busy host add to whoever runs. A wrong account would be
   wrong each time. */
static void check_way(enum way way, const char *name)
{
    uint32_t slot = iris_utcb()->slot, main_id = look(0, slot).id;
    uint32_t server_id = look(0, SERVER).id, payer = way == BY_CALL ? main_id : server_id;
    bool right = false, seen_right = true, ran = true;

    for (unsigned i = 0; i < TRIES && !right && ran; i++) {
        uint64_t own = used(0, slot), theirs = used(0, SERVER);
        ran = once(way);
        own = used(0, slot) - own;
        theirs = used(0, SERVER) - theirs;
        seen_right = seen_right && seen.budget == payer && !seen.caller == (way != BY_CALL);
        if (way == BY_CALL)
            right = own >= WORK * 3 / 4 && theirs < WORK / 4;
        else
            right = theirs >= WORK * 3 / 4 && own < WORK / 4;
    }
    TEST_CHECK(ran, "%s: the server works", name);
    TEST_CHECK(seen_right, "on the budget of thread %u (%u)", (unsigned)seen.budget,
               (unsigned)payer);
    TEST_CHECK(right, "which alone is charged");
}

/* ---- Callers that go while they are served ---- */

static void call(void *portal)
{
    struct iris_message m = {.tag = IRIS_TAG(LABEL_ORPHAN, 0)};

    result = iris_ipc_call((uint32_t)portal, &m);
    done = 1;
}

static void call_timed(void *unused)
{
    struct iris_message m = {.tag = IRIS_TAG(LABEL_ORPHAN, 0) | IRIS_TAG_DEADLINE};

    (void)unused;
    iris_utcb()->deadline = iris_clock_monotonic() + 5 * MS;
    result = iris_ipc_call(rig.client, &m);
    done = 1;
}

static void check_home(const char *name)
{
    bool finished = hears(BIT_DONE);
    TEST_CHECK(finished && seen.caller == 0 && seen.budget == seen.id && seen.id,
               "%s: the server goes on at home", name);
    TEST_CHECK(kit_wait_state(0, SERVER, IRIS_THREAD_WAITING), "and waits again");
}

/* On a loaded host a few milliseconds may pass before the call is made: then again, with more. */
static void check_cancelled(void)
{
    bool received = false;

    for (unsigned i = 0; i < TRIES && !received; i++) {
        done = 0;
        bare_run(&client, 0, CLIENT, call_timed, NULL);
        kit_wait_word(&done, 1);
        received = result == -ECANCELED;
        bare_end(&client);
    }
    TEST_CHECK(received, "a call is cancelled by its deadline");
    TEST_CHECK(hears(BIT_RECEIVED), "after it was received");
    check_home("cancelled");
}

static void check_destroyed(void)
{
    done = 0;
    bare_run(&client, 0, CLIENT, call, (void *)rig.client);
    TEST_CHECK(hears(BIT_RECEIVED), "a call is received");
    kit_audit("with a call being served");
    bare_end(&client);
    check_home("caller destroyed");
}

static void pass_on(void *unused)
{
    struct iris_message m;

    (void)unused;
    iris_port_bind(TWIN_PORT);
    iris_ipc_wait(&m);
    m.tag = IRIS_TAG(LABEL_ORPHAN, 0);
    iris_ipc_call(TWIN_PORTAL, &m);
}

/* Row 39. */
static void check_cut(bool space)
{
    done = 0;
    result = 1;
    bool ready = twin_make(&twin, true) && rig_make(&upper, 1, 0) &&
                 twin_give(&twin, upper.port, TWIN_PORT, IRIS_RIGHT_ALL | IRIS_MOVE) == 0 &&
                 twin_give(&twin, rig.client, TWIN_PORTAL, IRIS_RIGHT_CALL) == 0 &&
                 twin_start(&twin, 0, pass_on, NULL) == 0 &&
                 bare_run(&client, 0, CLIENT, call, (void *)upper.client) == 0;
    TEST_CHECK(ready && hears(BIT_RECEIVED), "a call through another space is received");
    uint32_t budget = look(0, SERVER).budget;
    TEST_CHECK(budget == look(0, CLIENT).id && budget, "on the budget of the first caller");
    iris_object_destroy(space ? twin.space : twin.threads[0].handle);
    check_home(space ? "the space in the middle destroyed" : "the thread in the middle destroyed");
    TEST_CHECK(kit_wait_word(&done, 1) && result == -EDEAD, "the first caller gets EDEAD");
    bare_end(&client);
    twin_free(&twin);
    rig_free(&upper);
}

/* ---- Row 41 ---- */

static void call_held(void *portal)
{
    struct iris_message m = {.tag = IRIS_TAG(LABEL_HOLD, 0)};

    result = iris_ipc_call((uint32_t)portal, &m);
    if (result == 0 && m.word[0] != LABEL_HOLD)
        result = -EIO;
    done = 1;
}

static void check_revoked(void)
{
    struct iris_message m = {.tag = IRIS_TAG(LABEL_WORK, 0)};
    uint32_t portal = kit_slot(), copy = kit_slot(), mute = kit_slot();
    const uint32_t rights = IRIS_RIGHT_CALL | IRIS_RIGHT_NOTIFY | IRIS_RIGHT_COPY;

    done = release = 0;
    iris_portal_create(rig.port, portal, 77, rights, 1);
    iris_handle_copy(portal, 0, copy, rights);
    iris_handle_copy(portal, 0, mute, IRIS_RIGHT_NOTIFY);
    TEST_EQUAL(iris_ipc_call(mute, &m), -EPERM, "a portal without the right CALL");
    TEST_EQUAL(iris_object_destroy(copy), -EPERM, "a client cannot revoke it");
    bare_run(&client, 0, CLIENT, call_held, (void *)copy);
    TEST_CHECK(hears(BIT_RECEIVED), "a call through a portal is received");
    TEST_EQUAL(iris_object_destroy(portal), 0, "that is revoked now");
    m.tag = IRIS_TAG(LABEL_WORK, 0);
    TEST_EQUAL(iris_ipc_call(copy, &m), -EDEAD, "later calls fail");
    m.tag = IRIS_TAG(LABEL_WORK, 0);
    TEST_EQUAL(iris_ipc_send(copy, &m), -EDEAD, "and sends");
    TEST_EQUAL(iris_notify(copy, 1), -EDEAD, "and notifications");
    TEST_EQUAL(done, 0, "the received one is still served");
    release = 1;
    TEST_CHECK(kit_wait_word(&done, 1) && result == 0, "and is answered");
    TEST_CHECK(seen.caller && seen.budget == seen.caller, "on its caller's budget to the end");
    m.tag = IRIS_TAG(LABEL_WORK, 0);
    TEST_EQUAL(iris_ipc_call(rig.client, &m), 0, "the port's other portals work");
    bare_end(&client);
    iris_handle_discard(portal);
    iris_handle_discard(copy);
    iris_handle_discard(mute);
}

void test_whose(void)
{
    if (!TEST_CHECK(begin(), "a server that tells whose budget it runs on"))
        return;
    check_way(BY_CALL, "a call");
    check_way(BY_SEND, "a send");
    check_way(BY_KEEP, "a call that is kept");
    check_way(BY_EVENT, "a notification");
    check_cancelled();
    check_destroyed();
    check_cut(false);
    check_cut(true);
    check_revoked();
    kit_audit("in the end");
    iris_port_bind(0);
    bare_end(&server);
    rig_free(&rig);
    rig_free(&news);
    iris_handle_discard(keep_slot);
}
