/* SPDX-License-Identifier: MIT */
/* A chain cut in the middle: client -> twin -> server. The client gets EDEAD at once; the server
   goes on, and its answer reaches nobody. */
#include "t_death.h"

enum { TWIN_PORT = 20, TWIN_PORTAL };

static struct twin twin;
static struct rig upper, lower; /* served by the twin, served by the main thread */
static struct bare client;
static volatile int result;
static volatile uint32_t done;

static void call(void *unused)
{
    struct iris_message m = {.tag = IRIS_TAG(1, 1), .word = {1}};

    (void)unused;
    result = iris_ipc_call(upper.client, &m);
    done = 1;
}

static void pass_on(void *unused)
{
    struct iris_message m;

    (void)unused;
    iris_port_bind(TWIN_PORT);
    iris_ipc_wait(&m);
    m.tag = IRIS_TAG(1, 1);
    iris_ipc_call(TWIN_PORTAL, &m);
    m.tag = IRIS_TAG(0, 0);
    iris_ipc_reply_and_wait(&m);
}

static bool arrange(void)
{
    done = 0;
    result = 1;
    if (!twin_make(&twin, true) || !rig_make(&upper, 1, 0) || !rig_make(&lower, 2, 0))
        return false;
    twin_give(&twin, upper.port, TWIN_PORT, IRIS_RIGHT_ALL | IRIS_MOVE);
    twin_give(&twin, lower.client, TWIN_PORTAL, IRIS_RIGHT_CALL);
    iris_port_bind(lower.port);
    return twin_start(&twin, 0, pass_on, NULL) == 0 &&
           bare_run(&client, 0, DEATH_UTCB, call, NULL) == 0;
}

static bool cut_once(bool space)
{
    struct iris_message m = {0};
    bool right = arrange() && iris_ipc_wait_until(&m, kit_soon(KIT_PATIENCE)) == 0;

    iris_object_destroy(space ? twin.space : twin.threads[0].handle);
    right = right && kit_wait_word(&done, 1) && result == -EDEAD;
    m.tag = IRIS_TAG(0, 1) | IRIS_TAG_DEADLINE;
    iris_utcb()->deadline = IRIS_DEADLINE_POLL;
    right = right && iris_ipc_reply_and_wait(&m) == -ETIMEDOUT;
    iris_port_bind(0);
    bare_end(&client);
    twin_free(&twin);
    rig_free(&upper);
    rig_free(&lower);
    return right;
}

void test_middle_dies(unsigned rounds)
{
    struct death death = {.name = "the middle of a chain destroyed"};

    for (unsigned i = 0; i < rounds; i++)
        death_note(&death, cut_once(i & 1), (int)i);
    death_report(&death);
}
