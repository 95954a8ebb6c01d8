/* SPDX-License-Identifier: MIT */
/*
 * Attack 20, the confused deputy: a client asks a server to do what it may not do itself. The vault
 * goes by the badge, which the kernel fixed; the deputy acts through the handle that its client
 * sends along, so with the client's authority and not with its own.
 */
#include <string.h>

#include "t_secrets.h"

enum { VAULT = UTCB_FIRST };
enum { BADGE_POOR = 1, BADGE_RICH, BADGE_DEPUTY, BADGE_CLIENT };
enum { TWIN_PORT = 20, TWIN_VAULT, TWIN_SENT };

static struct rig vault, deputy;
static struct bare vault_thread;
static struct twin twin;
static volatile uint32_t vault_calls, last_badge;

/* Whoever is poor may not; what the words say does not count. */
static void guard(void *unused)
{
    struct iris_message m;

    (void)unused;
    int error = iris_port_bind(vault.port);
    if (error == 0)
        error = iris_ipc_wait(&m);
    while (error == 0) {
        vault_calls++;
        last_badge = m.badge;
        m = (struct iris_message){.tag = IRIS_TAG(m.badge == BADGE_POOR ? EPERM : 0, 1),
                                  .word = {m.badge}};
        error = iris_ipc_reply_and_wait(&m);
    }
}

/* Answers {badge of its caller, label of the vault's answer}. */
static void act(void *unused)
{
    struct iris_message m, inner;

    (void)unused;
    iris_utcb()->receive_slots[0] = TWIN_SENT;
    int error = iris_port_bind(TWIN_PORT);
    if (error == 0)
        error = iris_ipc_wait(&m);
    while (error == 0) {
        inner = m;
        inner.tag = IRIS_TAG(1, 3);
        int refused = iris_ipc_call(TWIN_SENT, &inner);
        uint32_t label = refused ? (uint32_t)-refused : iris_tag_label(inner.tag);
        iris_handle_close(TWIN_SENT);
        m = (struct iris_message){.tag = IRIS_TAG(0, 2), .word = {m.badge, label}};
        error = iris_ipc_reply_and_wait(&m);
    }
}

/* Asks the deputy, with a handle or without (0), claiming to be rich. */
static struct iris_message ask(uint32_t handle, uint32_t rights, int *error)
{
    struct iris_message m = {.tag = IRIS_TAG_FULL(1, 3, handle != 0, 0),
                             .word = {BADGE_RICH, BADGE_RICH, BADGE_RICH},
                             .badge = BADGE_RICH};

    iris_utcb()->handles[0] = (struct iris_send_handle){handle, rights};
    *error = iris_ipc_call(deputy.client, &m);
    return m;
}

static void check(uint32_t poor, uint32_t rich)
{
    struct iris_message m = {.tag = IRIS_TAG(1, 3), .word = {BADGE_RICH, BADGE_DEPUTY, BADGE_RICH}};
    int error;

    iris_ipc_call(poor, &m);
    TEST_CHECK(iris_tag_label(m.tag) == EPERM && last_badge == BADGE_POOR,
               "the poor one is refused, whatever its words say");
    m = ask(poor, IRIS_RIGHT_CALL, &error);
    TEST_CHECK(error == 0 && m.word[1] == EPERM && last_badge == BADGE_POOR,
               "and so when it sends the deputy");
    TEST_EQUAL(m.word[0], BADGE_CLIENT, "who knows it by its badge, not by its words");
    m = ask(rich, IRIS_RIGHT_CALL, &error);
    TEST_CHECK(error == 0 && m.word[1] == 0 && last_badge == BADGE_RICH,
               "with a handle of the rich one's it may");
    uint32_t calls = vault_calls;
    m = ask(0, 0, &error);
    TEST_CHECK(error == 0 && m.word[1] == EBADF, "without a handle the deputy has none");
    m = ask(TWIN_VAULT + 4000, IRIS_RIGHT_CALL, &error);
    TEST_EQUAL(error, -EBADF, "a number that the client does not hold is not sent");
    m = ask(poor, IRIS_RIGHT_ALL & ~IRIS_RIGHT_CALL, &error);
    TEST_CHECK(error == 0 && m.word[1] == EPERM, "nor a right that was taken away");
    TEST_EQUAL(vault_calls, calls, "the vault heard of none of these");
}

void test_deputy(void)
{
    const uint32_t rights = IRIS_RIGHT_CALL | IRIS_RIGHT_COPY;
    uint32_t poor = kit_slot(), rich = kit_slot(), own = kit_slot();
    bool ready = rig_make(&vault, BADGE_RICH, 0) && rig_make(&deputy, BADGE_CLIENT, 0) &&
                 iris_portal_create(vault.port, own, BADGE_POOR, rights, 0) == 0 &&
                 iris_handle_copy(own, 0, poor, rights) == 0 &&
                 iris_handle_copy(vault.client, 0, rich, rights) == 0 &&
                 bare_run(&vault_thread, 0, VAULT, guard, NULL) == 0 && twin_make(&twin, true) &&
                 twin_give(&twin, deputy.port, TWIN_PORT, IRIS_RIGHT_RECEIVE) == 0 &&
                 twin_give(&twin, vault.client, TWIN_VAULT, IRIS_RIGHT_CALL) == 0 &&
                 twin_start(&twin, 0, act, NULL) == 0 &&
                 kit_wait_state(twin.space, 0, IRIS_THREAD_WAITING);

    if (TEST_CHECK(ready, "a vault, and a deputy in another space that may use it"))
        check(poor, rich);
    twin_free(&twin);
    bare_end(&vault_thread);
    iris_handle_discard(poor);
    iris_handle_discard(rich);
    iris_object_destroy(own);
    iris_handle_discard(own);
    rig_free(&vault);
    rig_free(&deputy);
}
