/* SPDX-License-Identifier: MIT */
#include "server.h"

#include <iris/calls.h>

#include "stub.h"

/* ---- Requests ---- */

uint32_t iris_request_claim(struct iris_request *rq, uint32_t slot)
{
    for (uint32_t i = 0; i < IRIS_HANDLES_MAX; i++)
        if (slot != 0 && rq->handle[i] == slot)
            rq->claimed |= 1u << i;
    return slot;
}

/* Turns the current caller into a REPLY handle in a fresh slot. */
static int keep_caller(void)
{
    int slot = iris_slot_alloc();
    if (slot < 0)
        return slot;
    int status = iris_ipc_keep((uint32_t)slot);
    if (status < 0) {
        iris_slot_free((uint32_t)slot);
        return status;
    }
    return slot;
}

int iris_request_keep(struct iris_request *rq)
{
    (void)rq; /* the kernel knows who the current caller is */
    return keep_caller();
}

int iris_portal_give(uint32_t portal, uint32_t rights, struct iris_handle_out *out)
{
    int slot = iris_slot_alloc();
    if (slot < 0)
        return slot;
    int status = iris_handle_copy(portal, 0, (uint32_t)slot, rights | IRIS_RIGHT_COPY);
    if (status < 0) {
        iris_slot_free((uint32_t)slot);
        return status;
    }
    *out = (struct iris_handle_out){(uint32_t)slot, rights | IRIS_MOVE};
    return 0;
}

bool iris_request_carries(const struct iris_request *rq, uint32_t least, uint32_t most,
                          uint32_t buffers)
{
    uint32_t tag = rq->message.tag, handles = iris_tag_handles(tag);

    if (handles < least || handles > most || iris_tag_buffers(tag) != buffers)
        return false;
    for (uint32_t i = 0; i < handles; i++)
        if (rq->handle[i] == 0) /* dropped for want of a slot */
            return false;
    return true;
}

int iris_request_fail(struct iris_request *rq, int status)
{
    if (status == IRIS_DEFER)
        return IRIS_DEFER;
    rq->message.tag = IRIS_TAG(status < 0 ? -status : status, 0);
    return 0;
}

/* ---- Answers ---- */

/* The handles of an answer that are to be moved: bit i for utcb->handles[i]. */
static uint32_t moved_handles(uint32_t tag)
{
    const struct iris_utcb *utcb = iris_utcb();
    uint32_t moved = 0;

    for (uint32_t i = 0; i < iris_tag_handles(tag) && i < IRIS_HANDLES_MAX; i++)
        if (utcb->handles[i].rights & IRIS_MOVE)
            moved |= 1u << i;
    return moved;
}

/* After an answer was given or has failed: what was not moved is closed, all slots are free. */
static void discard_moved(uint32_t moved, const uint32_t slot[IRIS_HANDLES_MAX])
{
    for (uint32_t i = 0; i < IRIS_HANDLES_MAX; i++)
        if (moved & 1u << i)
            iris_handle_discard(slot[i]);
}

int iris_reply_send(uint32_t reply, struct iris_message *m)
{
    const struct iris_utcb *utcb = iris_utcb();
    uint32_t moved = moved_handles(m->tag), slot[IRIS_HANDLES_MAX];

    for (uint32_t i = 0; i < IRIS_HANDLES_MAX; i++)
        slot[i] = utcb->handles[i].handle;
    int status = iris_ipc_reply(reply, m);
    discard_moved(moved, slot);
    iris_handle_discard(reply);
    return status;
}

/*
 * An answer that moves handles is given to a kept caller: only so does the server learn at once
 * whether they arrived, and can close them if not.
 */
static void answer_moving(struct iris_message *m)
{
    int reply = keep_caller();
    if (reply >= 0) {
        iris_reply_send((uint32_t)reply, m);
        return;
    }
    uint32_t slot[IRIS_HANDLES_MAX];
    for (uint32_t i = 0; i < IRIS_HANDLES_MAX; i++)
        slot[i] = iris_utcb()->handles[i].handle;
    discard_moved(moved_handles(m->tag), slot);
}

/* ---- The loop ---- */

static const struct iris_service *find(const struct iris_target *target, uint32_t label)
{
    for (uint32_t i = 0; i < target->count; i++)
        if (IRIS_LABEL_GROUP(target->services[i].interface) == label >> 8)
            return &target->services[i];
    return NULL;
}

/* "Do you serve this interface?" */
static int answer_narrow(const struct iris_target *target, struct iris_request *rq)
{
    const struct iris_message *m = &rq->message;
    const struct iris_service *service = find(target, IRIS_LABEL_GROUP(m->word[0]) << 8);
    bool known = m->tag == IRIS_TAG(IRIS_LABEL_NARROW, 1) && service != NULL &&
                 service->interface == m->word[0];

    return iris_request_fail(rq, known ? 0 : -EINVAL);
}

static int dispatch(const struct iris_server *server, struct iris_request *rq)
{
    uint32_t label = iris_tag_label(rq->message.tag);
    struct iris_target target = {server->services, server->count, server->context};

    if (server->locate) {
        int status = server->locate(server->context, rq->message.badge, &target);
        if (status < 0)
            return iris_request_fail(rq, status);
    }
    if (label == IRIS_LABEL_NARROW)
        return answer_narrow(&target, rq);
    const struct iris_service *service = find(&target, label);
    if (service == NULL)
        return iris_request_fail(rq, -EINVAL);
    return service->dispatch(service->operations, target.context, rq);
}

/* An event of the kernel needs no answer; a fault does. */
static bool serve_kernel(const struct iris_server *server, struct iris_request *rq)
{
    unsigned label = iris_tag_label(rq->message.tag);
    bool fault = label == IRIS_FAULT_PAGE || label == IRIS_FAULT_EXCEPTION;
    int status = server->event ? server->event(server->context, rq) : -ENOSYS;

    return fault && iris_request_fail(rq, status) != IRIS_DEFER;
}

static void take_handles(struct iris_request *rq)
{
    const struct iris_utcb *utcb = iris_utcb();

    rq->claimed = 0;
    for (uint32_t i = 0; i < IRIS_HANDLES_MAX; i++) {
        bool came = i < iris_tag_handles(rq->message.tag) && utcb->received & 1u << i;
        rq->handle[i] = came ? utcb->receive_slots[i] : 0;
    }
}

/* Closes what nobody claimed and sees to it that all receive slots are empty again. */
static void settle_handles(struct iris_request *rq)
{
    struct iris_utcb *utcb = iris_utcb();

    for (uint32_t i = 0; i < IRIS_HANDLES_MAX; i++) {
        bool claimed = rq->claimed & 1u << i;
        if (rq->handle[i] != 0 && !claimed)
            iris_handle_close(rq->handle[i]);
        if (claimed || utcb->receive_slots[i] == 0) {
            int slot = iris_slot_alloc();
            utcb->receive_slots[i] = slot > 0 ? (uint32_t)slot : 0;
        }
    }
}

bool iris_server_serve(const struct iris_server *server, struct iris_request *rq)
{
    if (rq->message.tag & IRIS_TAG_KERNEL)
        return serve_kernel(server, rq);
    bool handles = iris_tag_handles(rq->message.tag) != 0;
    if (handles)
        take_handles(rq);
    else
        memset(rq->handle, 0, sizeof rq->handle), rq->claimed = 0;
    bool answer = dispatch(server, rq) != IRIS_DEFER;
    if (handles)
        settle_handles(rq);
    if (answer && iris_tag_handles(rq->message.tag) != 0 && moved_handles(rq->message.tag)) {
        answer_moving(&rq->message);
        return false;
    }
    return answer;
}

int iris_server_begin(const struct iris_server *server)
{
    struct iris_request nothing = {.claimed = 0};

    for (uint32_t i = 0; i < server->count; i++)
        for (uint32_t k = 0; k < i; k++)
            if (IRIS_LABEL_GROUP(server->services[i].interface ^ server->services[k].interface) ==
                0)
                return -EINVAL; /* IRIS_ASSERT_TOGETHER would have said so earlier */
    settle_handles(&nothing);
    return iris_port_bind(server->port);
}

/* Answers if it should, and waits for the next message, or for the deadline. */
static int next(const struct iris_server *server, struct iris_message *m, bool answer)
{
    if (!answer)
        *m = (struct iris_message){.tag = IRIS_TAG_NO_REPLY};
    if (server->deadline != NULL) {
        iris_utcb()->deadline = server->deadline(server->context);
        m->tag |= IRIS_TAG_DEADLINE;
    }
    return iris_ipc_reply_and_wait(m);
}

int iris_server_run(const struct iris_server *server)
{
    struct iris_request rq;
    bool answer = false;
    int status = iris_server_begin(server);

    while (status == 0) {
        status = next(server, &rq.message, answer);
        answer = status == 0 && iris_server_serve(server, &rq);
        if (status == -ETIMEDOUT && server->late != NULL) {
            server->late(server->context);
            status = 0;
        }
    }
    return status;
}
