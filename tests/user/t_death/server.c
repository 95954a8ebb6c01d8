/* SPDX-License-Identifier: MIT */
/* Row 9, attack 14: the server goes before it has received, after, in mid-reply, with the caller
   kept. The caller gets EDEAD every time and never hangs. */
#include "t_death.h"

#include <string.h>

enum { TWIN_PORT = 20, TWIN_KEEP, TWIN_BLOCK };

static struct twin twin;
static struct rig rig;   /* the port that the twin serves */
static struct rig block; /* nobody ever serves this one: calling it is waiting */

static struct {
    struct bare thread;
    struct iris_message m;
    volatile int result;
    volatile uint32_t done, calls, want;
} client;

/* ---- The client: in the own space, so that the twin's death is not its own ---- */

static void call_once(void *unused)
{
    (void)unused;
    client.m = (struct iris_message){.tag = IRIS_TAG(1, 2), .word = {1, 2}};
    client.result = iris_ipc_call(rig.client, &client.m);
    client.done = 1;
}

/* Calls until that fails: the result is why. */
static void call_forever(void *unused)
{
    (void)unused;
    do {
        client.m = (struct iris_message){.tag = IRIS_TAG(1, 2), .word = {1, 2}};
        client.result = iris_ipc_call(rig.client, &client.m);
        client.calls++;
    } while (client.result == 0);
    client.done = 1;
}

/* ---- The server's ways ---- */

static void receive_and_block(void *unused)
{
    struct iris_message m;

    (void)unused;
    iris_port_bind(TWIN_PORT);
    iris_ipc_wait(&m);
    m.tag = IRIS_TAG(1, 0);
    iris_ipc_call(TWIN_BLOCK, &m);
}

static void receive_and_keep(void *unused)
{
    struct iris_message m;

    (void)unused;
    iris_port_bind(TWIN_PORT);
    iris_ipc_wait(&m);
    iris_ipc_keep(TWIN_KEEP);
    m.tag = IRIS_TAG(1, 0);
    iris_ipc_call(TWIN_BLOCK, &m);
}

static void receive_and_spin(void *unused)
{
    struct iris_message m;

    (void)unused;
    iris_port_bind(TWIN_PORT);
    iris_ipc_wait(&m);
    for (;;)
        iris_thread_switch(0);
}

static void receive_and_close_port(void *unused)
{
    struct iris_message m;

    (void)unused;
    iris_port_bind(TWIN_PORT);
    iris_ipc_wait(&m);
    iris_handle_close(TWIN_PORT);
}

static void keep_and_close(void *unused)
{
    struct iris_message m;

    (void)unused;
    iris_port_bind(TWIN_PORT);
    iris_ipc_wait(&m);
    iris_ipc_keep(TWIN_KEEP);
    iris_handle_close(TWIN_KEEP);
}

static void receive_and_exit(void *unused)
{
    struct iris_message m;

    (void)unused;
    iris_port_bind(TWIN_PORT);
    iris_ipc_wait(&m);
}

static void receive_and_crash(void *unused)
{
    struct iris_message m;

    (void)unused;
    iris_port_bind(TWIN_PORT);
    iris_ipc_wait(&m);
    __asm__ volatile("ud2");
}

static void echo(void *unused)
{
    struct iris_message m;

    (void)unused;
    iris_port_bind(TWIN_PORT);
    int error = iris_ipc_wait(&m);
    while (error == 0) {
        m.tag = IRIS_TAG(0, 2);
        error = iris_ipc_reply_and_wait(&m);
    }
}

/* ---- One life ---- */

enum blow { NONE, THREAD, SPACE };

/* A twin that alone can receive at rig.port. */
static bool arrange(void (*server)(void *))
{
    if (!twin_make(&twin, true) || !rig_make(&rig, DEATH_BADGE, 0) || !rig_make(&block, 0, 0))
        return false;
    twin_give(&twin, block.client, TWIN_BLOCK, IRIS_RIGHT_CALL);
    twin_give(&twin, rig.port, TWIN_PORT, IRIS_RIGHT_ALL | IRIS_MOVE);
    return server == NULL || twin_start(&twin, 0, server, NULL) == 0;
}

static bool start_client(void (*function)(void *))
{
    client.done = client.calls = 0;
    client.result = 1;
    return bare_run(&client.thread, 0, DEATH_UTCB, function, NULL) == 0;
}

static void clear(void)
{
    bare_end(&client.thread);
    twin_free(&twin);
    rig_free(&rig);
    rig_free(&block);
}

static void strike(enum blow blow)
{
    if (blow == THREAD)
        iris_object_destroy(twin.threads[0].handle);
    else if (blow == SPACE)
        iris_object_destroy(twin.space);
    else
        twin_wait(&twin); /* it does it to itself; serves its exception */
}

static void kill_once(struct death *death, void (*server)(void *), enum iris_thread_state client_is,
                      enum blow blow)
{
    bool arranged = arrange(server) && start_client(call_once);

    if (blow != NONE)
        arranged = arranged && kit_wait_state(0, DEATH_UTCB, client_is);
    strike(blow);
    bool woke = kit_wait_word(&client.done, 1);
    death_note(death, arranged && woke && client.result == -EDEAD, client.result);
    clear();
}

static void kill_often(const char *name, unsigned rounds, void (*server)(void *),
                       enum iris_thread_state client_is, enum blow blow)
{
    struct death death = {.name = name};

    for (unsigned i = 0; i < rounds; i++)
        kill_once(&death, server, client_is, blow);
    death_report(&death);
}

void test_server_dies(unsigned rounds)
{
    kill_often("space destroyed before it receives", rounds, NULL, IRIS_THREAD_QUEUED, SPACE);
    kill_often("space destroyed while it serves", rounds, receive_and_block, IRIS_THREAD_CALLING,
               SPACE);
    kill_often("thread destroyed while it serves", rounds, receive_and_block, IRIS_THREAD_CALLING,
               THREAD);
    kill_often("thread destroyed while it runs", rounds, receive_and_spin, IRIS_THREAD_CALLING,
               THREAD);
    kill_often("space destroyed while it runs", rounds, receive_and_spin, IRIS_THREAD_CALLING,
               SPACE);
    kill_often("space destroyed with the caller kept", rounds, receive_and_keep, IRIS_THREAD_KEPT,
               SPACE);
    kill_often("the REPLY handle closed", rounds, keep_and_close, IRIS_THREAD_KEPT, NONE);
    kill_often("the port closed by its server", rounds, receive_and_close_port, IRIS_THREAD_CALLING,
               NONE);
    kill_often("thread exits without an answer", rounds, receive_and_exit, IRIS_THREAD_CALLING,
               NONE);
    kill_often("thread crashes", rounds, receive_and_crash, IRIS_THREAD_CALLING, NONE);
}

/* ---- At any moment ---- */

/* The client calls at a lower priority: so this thread's timer interrupts it, or the server it
   calls, after any instruction of theirs. */
static bool start_below(void)
{
    client.done = client.calls = 0;
    client.result = 1;
    return bare_create(&client.thread, 0, DEATH_UTCB) == 0 &&
           iris_thread_schedule(client.thread.handle, kit_priority() - 1, 0, 0, 0, 0) == 0 &&
           bare_start(&client.thread, call_forever, NULL) == 0;
}

static void let_them_run(uint32_t nanoseconds)
{
    struct iris_message m;

    iris_port_bind(block.port);
    iris_ipc_wait_until(&m, iris_clock_monotonic() + nanoseconds);
    iris_port_bind(0);
}

static void kill_at_random(struct death *death, uint32_t *random, uint32_t *calls)
{
    enum blow blow = kit_random(random) & 1 ? THREAD : SPACE;
    uint32_t nanoseconds = kit_random(random) % 2000000;
    bool arranged = arrange(echo) && start_below();

    let_them_run(nanoseconds);
    strike(blow);
    if (blow == THREAD) /* who calls next would wait for the next server */
        iris_object_destroy(rig.own);
    iris_thread_schedule(client.thread.handle, kit_priority(), 0, 0, 0, 0);
    bool woke = kit_wait_word(&client.done, 1);
    *calls += client.calls;
    death_note(death, arranged && woke && client.result == -EDEAD, client.result);
    clear();
}

void test_server_random(unsigned rounds)
{
    struct death death = {.name = "server destroyed at a random moment"};
    uint32_t random = 20261120, calls = 0;

    for (unsigned i = 0; i < rounds; i++)
        kill_at_random(&death, &random, &calls);
    kit_audit("after that");
    TEST_CHECK(calls > rounds, "%u calls were made in between", (unsigned)calls);
    death_report(&death);
}
