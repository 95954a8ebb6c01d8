/* SPDX-License-Identifier: MIT */
/* Row 8: one space with two ports, told apart by portals and badges; who holds no handle reaches
   nobody, whatever number it guesses. */
#include "t_handles.h"

#define UTCB_SERVER (BARE_UTCB_FIRST + 1)

static struct rig ports[2];
static struct bare servers[2];
static struct twin twin;
static volatile uint32_t guessed, tried;

/* Answers with the number of its port and the badge it saw. */
static void serve(void *argument)
{
    unsigned i = (unsigned)argument;
    struct iris_message m;
    int error = iris_port_bind(ports[i].port);

    if (error == 0)
        error = iris_ipc_wait(&m);
    while (error == 0) {
        m.tag = IRIS_TAG(0, 2);
        m.word[0] = i;
        m.word[1] = m.badge;
        error = iris_ipc_reply_and_wait(&m);
    }
}

static bool answers(uint32_t portal, uint32_t port, uint32_t badge)
{
    struct iris_message m = {.tag = IRIS_TAG(1, 0)};
    return iris_ipc_call(portal, &m) == 0 && m.word[0] == port && m.word[1] == badge;
}

/* In a space that holds nothing at all. */
static void guess(void *unused)
{
    (void)unused;
    for (uint32_t number = 0; number < 4096; number++) {
        struct iris_message m = {.tag = IRIS_TAG(1, 0)};
        tried++;
        guessed += iris_ipc_call(number, &m) != -EBADF || iris_notify(number, 1) != -EBADF;
    }
}

static void check_stranger(void)
{
    guessed = tried = 0;
    if (!TEST_CHECK(twin_make(&twin, true), "a space without a single handle"))
        return;
    struct twin_end end = twin_run(&twin, guess, NULL);
    TEST_CHECK(!end.hung && end.reason == IRIS_EXIT_RETURN && tried == 4096,
               "tries all small numbers");
    TEST_EQUAL(guessed, 0, "and reaches nobody");
    twin_free(&twin);
}

static void check_badges(void)
{
    struct iris_handle_info info = {0};

    TEST_EQUAL(iris_handle_identify(ports[0].client, ports[0].port, &info), 0,
               "who receives at a port");
    TEST_EQUAL(info.badge, 1000, "may know the badges of its portals");
    TEST_EQUAL(iris_handle_identify(ports[0].client, ports[1].port, &info), 0,
               "who receives at "
               "another");
    TEST_CHECK(info.badge == 0 && info.port == kit_object(ports[0].port, NULL),
               "may know the port, but no badge");
}

void test_identity(void)
{
    bool ready = true;

    for (unsigned i = 0; i < 2; i++)
        ready = ready && rig_make(&ports[i], 1000 + i, 0) &&
                bare_run(&servers[i], 0, UTCB_SERVER + i, serve, (void *)i) == 0;
    if (!TEST_CHECK(ready, "two ports of one space, a thread at each"))
        return;
    TEST_CHECK(answers(ports[0].client, 0, 1000), "the first portal leads to the first");
    TEST_CHECK(answers(ports[1].client, 1, 1001), "the second to the second");
    uint32_t second = kit_slot();
    iris_portal_create(ports[0].port, second, 2000, IRIS_RIGHT_CALL, 0);
    TEST_CHECK(answers(second, 0, 2000), "another portal to the first, with another badge");
    TEST_CHECK(answers(ports[0].client, 0, 1000), "does not change the one before");
    check_badges();
    check_stranger();
    iris_handle_discard(second);
    for (unsigned i = 0; i < 2; i++) {
        bare_end(&servers[i]);
        rig_free(&ports[i]);
    }
}
