/* SPDX-License-Identifier: MIT */
#include "t_ipc.h"

#include <string.h>

#define MASK 0xffffffffu

static void give(const struct service *service, struct iris_message *m)
{
    memcpy(iris_utcb()->handles, service->give, sizeof service->give);
    m->tag = IRIS_TAG_FULL(0, iris_tag_words(m->tag), service->give_count, 0);
}

/* A send is checked here, for nobody gets an answer: word 0 is its seed. */
static void take(struct service *service, const struct iris_message *m)
{
    unsigned words = iris_tag_words(m->tag);

    if (words > 0 && message_word(m, 0) != (service->sends * 64 + 1) * 2654435761u)
        service->wrong++;
    service->wrong += message_wrong(m, words, service->sends, 0);
    service->sends++;
}

/* True: `m` is an answer. False: nobody waits for one. */
static bool serve(struct service *service, struct iris_message *m, uint32_t keep_slot)
{
    uint32_t label = iris_tag_label(m->tag);

    service->served++;
    service->tag = m->tag;
    service->badge = m->badge;
    service->received = iris_utcb()->received;
    if (label == LABEL_TAKE) {
        take(service, m);
        return false;
    }
    if (label == LABEL_KEEP && iris_ipc_keep(keep_slot) < 0)
        service->wrong++;
    message_answer(m, MASK);
    if (label == LABEL_GIVE)
        give(service, m);
    if (label != LABEL_KEEP)
        return true;
    if (iris_ipc_reply(keep_slot, m) < 0)
        service->wrong++;
    return false;
}

void service_loop(struct service *service, uint32_t port, uint32_t keep_slot)
{
    struct iris_message m;
    int error = iris_port_bind(port);

    if (error == 0)
        error = iris_ipc_wait(&m);
    while (error == 0) {
        bool last = iris_tag_label(m.tag) == LABEL_STOP;
        bool answer = serve(service, &m, keep_slot);
        if (last)
            iris_utcb()->deadline = IRIS_DEADLINE_POLL;
        if (last)
            m.tag |= IRIS_TAG_DEADLINE; /* answers, and waits for nobody */
        error = answer ? iris_ipc_reply_and_wait(&m) : iris_ipc_wait(&m);
        if (last)
            return;
    }
}

static void run(void *argument)
{
    struct service *service = argument;
    service_loop(service, service->rig.port, service->keep_slot);
}

bool service_start(struct service *service, uint32_t badge, uint32_t utcb_slot)
{
    memset(service, 0, sizeof *service);
    service->keep_slot = kit_slot();
    return rig_make(&service->rig, badge, 0xff) &&
           bare_run(&service->thread, 0, utcb_slot, run, service) == 0 &&
           kit_wait_state(0, utcb_slot, IRIS_THREAD_WAITING);
}

void service_stop(struct service *service)
{
    struct iris_message m = {.tag = IRIS_TAG(LABEL_STOP, 0)};

    TEST_EQUAL(iris_ipc_call(service->rig.client, &m), 0, "the server stops");
    TEST_CHECK(kit_wait_state(0, service->thread.utcb_slot, IRIS_THREAD_DEAD), "and is gone");
    bare_end(&service->thread);
    rig_free(&service->rig);
    iris_handle_discard(service->keep_slot);
}
