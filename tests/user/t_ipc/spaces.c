/* SPDX-License-Identifier: MIT */
/* Messages between two spaces, in both directions. */
#include "t_ipc.h"

#include <string.h>

#include "twin.h"

#define MASK 0xffffffffu
#define UTCB_SERVER (BARE_UTCB_FIRST + 1)

/* Slots in the twin. */
enum { TWIN_PORT = 20, TWIN_KEEP, TWIN_PORTAL };

static struct twin twin;
static struct service service;
static volatile uint32_t remote_wrong, remote_calls, remote_rounds;

/* ---- The server in the other space ---- */

static void serve_there(void *unused)
{
    (void)unused;
    service_loop(&service, TWIN_PORT, TWIN_KEEP);
}

static unsigned exchange(uint32_t portal, uint32_t label, unsigned rounds)
{
    unsigned wrong = 0;

    for (unsigned i = 0; i < rounds; i++)
        for (unsigned words = 0; words <= IRIS_WORDS_MAX; words++) {
            struct iris_message m;
            message_fill(&m, label, words, i + words);
            wrong += iris_ipc_call(portal, &m) < 0 || message_wrong(&m, words, i + words, MASK);
        }
    return wrong;
}

static void call_there(unsigned rounds)
{
    memset(&service, 0, sizeof service);
    if (!TEST_CHECK(twin_make(&twin, true) && rig_make(&service.rig, 77, 0),
                    "a space with this program's memory"))
        return;
    TEST_EQUAL(twin_give(&twin, service.rig.port, TWIN_PORT, IRIS_RIGHT_RECEIVE), 0,
               "it gets the right to receive");
    TEST_EQUAL(twin_start(&twin, 0, serve_there, NULL), 0, "and a thread that does");
    TEST_EQUAL(exchange(service.rig.client, LABEL_ECHO, rounds), 0,
               "%u calls of each length into another space", rounds);
    TEST_EQUAL(exchange(service.rig.client, LABEL_KEEP, rounds), 0,
               "the same, kept there and answered by handle");
    TEST_EQUAL(service.wrong, 0, "the server there had no trouble");
    struct iris_message m = {.tag = IRIS_TAG(LABEL_STOP, 0)};
    TEST_EQUAL(iris_ipc_call(service.rig.client, &m), 0, "the server there stops");
    struct twin_end end = twin_wait(&twin);
    TEST_CHECK(!end.hung && end.reason == IRIS_EXIT_RETURN, "and its end is told");
    twin_free(&twin);
    rig_free(&service.rig);
}

/* ---- The client in the other space ---- */

static void call_from_there(void *unused)
{
    (void)unused;
    remote_wrong = exchange(TWIN_PORTAL, LABEL_ECHO, remote_rounds);
    remote_calls = service.served;
}

static void call_here(unsigned rounds)
{
    remote_wrong = ~0u;
    remote_rounds = rounds;
    if (!TEST_CHECK(service_start(&service, 78, UTCB_SERVER) && twin_make(&twin, false),
                    "a server here, and a space that is filled page by page"))
        return;
    twin_give(&twin, service.rig.client, TWIN_PORTAL, IRIS_RIGHT_CALL);
    struct twin_end end = twin_run(&twin, call_from_there, NULL);
    TEST_CHECK(!end.hung && end.reason == IRIS_EXIT_RETURN, "the client there came to its end");
    TEST_EQUAL(remote_wrong, 0, "%u calls of each length out of another space", rounds);
    TEST_EQUAL(remote_calls, rounds * 65, "all of them were served here");
    TEST_EQUAL(service.badge, 78, "under the portal's badge");
    TEST_CHECK(twin.served > 0 && twin.refused == 0, "%u page faults were served", twin.served);
    twin_free(&twin);
    service_stop(&service);
}

void test_spaces(unsigned rounds)
{
    call_there(rounds);
    call_here(rounds);
}
