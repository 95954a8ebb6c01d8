/* SPDX-License-Identifier: MIT */
/* Attack 15: the client goes while it is queued, while it is served, while it is kept. The right to
   reply is void, and DISCONNECT with the portal's badge arrives. The main thread is the server. */
#include "t_death.h"

enum { TWIN_PORTAL = 20 };

static struct twin twin;
static struct rig rig;

static void call(void *unused)
{
    struct iris_message m = {.tag = IRIS_TAG_FULL(1, 1, 0, 1), .word = {5}};

    (void)unused;
    iris_utcb()->buffers[0] = (struct iris_buffer){IRIS_PROGRAM_BASE, 16, IRIS_BUFFER_READ};
    iris_ipc_call(TWIN_PORTAL, &m);
}

enum moment { WHILE_QUEUED, WHILE_SERVED, WHILE_KEPT };

static bool arrange(void)
{
    if (!twin_make(&twin, true) || !rig_make(&rig, DEATH_BADGE, 0))
        return false;
    twin_give(&twin, rig.client, TWIN_PORTAL, IRIS_RIGHT_CALL);
    iris_handle_close(rig.client); /* so the twin's is the last one */
    iris_port_bind(rig.port);
    return twin_start(&twin, 0, call, NULL) == 0 &&
           kit_wait_state(twin.space, 0, IRIS_THREAD_QUEUED);
}

/* The next thing that arrives must be DISCONNECT, and then nothing more. */
static bool disconnect_arrives(struct iris_message *m)
{
    iris_utcb()->deadline = kit_soon(KIT_PATIENCE);
    m->tag |= IRIS_TAG_DEADLINE;
    if (iris_ipc_reply_and_wait(m) < 0)
        return false;
    bool right =
        m->tag == (IRIS_TAG(IRIS_EVENT_DISCONNECT, 3) | IRIS_TAG_KERNEL) && m->badge == DEATH_BADGE;
    return right && iris_ipc_wait_until(m, IRIS_DEADLINE_POLL) == -ETIMEDOUT;
}

static bool is_refused(int error) { return error == -EDEAD || error == -EBADF; }

static bool kill_once(enum moment moment, bool space)
{
    struct iris_message m = {.tag = IRIS_TAG_NO_REPLY};
    uint32_t kept = kit_slot();
    uint8_t bytes[16];
    bool right = arrange();

    if (moment != WHILE_QUEUED)
        right = right && iris_ipc_wait_until(&m, kit_soon(KIT_PATIENCE)) == 0 && m.word[0] == 5;
    if (moment == WHILE_KEPT)
        right = right && iris_ipc_keep(kept) == 0;
    iris_object_destroy(space ? twin.space : twin.threads[0].handle);
    int copied = iris_ipc_copy(moment == WHILE_KEPT ? kept : 0, 0, 0, bytes, 16);
    right = right && (copied == -ENOENT || is_refused(copied));
    if (moment == WHILE_KEPT) {
        m.tag = IRIS_TAG(0, 0);
        right = right && is_refused(iris_ipc_reply(kept, &m));
    }
    if (!space)
        iris_object_destroy(twin.space); /* its handle is the last client */
    m.tag = moment == WHILE_SERVED ? IRIS_TAG(0, 1) : IRIS_TAG_NO_REPLY;
    right = right && disconnect_arrives(&m);
    iris_port_bind(0);
    iris_handle_discard(kept);
    twin_free(&twin);
    rig_free(&rig);
    return right;
}

static void kill_often(const char *name, unsigned rounds, enum moment moment, bool space)
{
    struct death death = {.name = name};

    for (unsigned i = 0; i < rounds; i++)
        death_note(&death, kill_once(moment, space), (int)i);
    death_report(&death);
}

void test_client_dies(unsigned rounds)
{
    kill_often("client's space destroyed while queued", rounds, WHILE_QUEUED, true);
    kill_often("client's thread destroyed while queued", rounds, WHILE_QUEUED, false);
    kill_often("client's space destroyed while served", rounds, WHILE_SERVED, true);
    kill_often("client's thread destroyed while served", rounds, WHILE_SERVED, false);
    kill_often("client's space destroyed while kept", rounds, WHILE_KEPT, true);
    kill_often("client's thread destroyed while kept", rounds, WHILE_KEPT, false);
}
