/* SPDX-License-Identifier: MIT */
/*
 * The loop of a server, and what a method's implementation can do with the request it serves.
 *
 *     static const struct names_server operations = {.lookup = lookup, ...};
 *     static const struct iris_service services[] = {NAMES_SERVICE(&operations)};
 *     static const struct iris_server server = {.port = PORT, .services = services, .count = 1};
 *     return iris_server_run(&server);
 *
 * An implementation returns 0 (its out parameters are the answer), a negative error number, or
 * IRIS_DEFER when iris_request_keep has kept the caller for an answer later.
 */
#ifndef IRIS_LIB_SERVER_H
#define IRIS_LIB_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include <iris/ipc.h>
#include <iris/object.h>

#include "buffer.h"
#include "slots.h"

#define IRIS_DEFER 1 /* not answered now */

struct iris_request {
    struct iris_message message; /* as received; dispatch makes it the answer */
    /* Handles that came: their slots, 0 where none. Closed when the method returns, except those
       that iris_request_claim has made the server's own. */
    uint32_t handle[IRIS_HANDLES_MAX];
    uint32_t claimed; /* bit i: handle[i] */
};

static inline uint32_t iris_request_badge(const struct iris_request *rq)
{
    return rq->message.badge;
}

/* Keeps the handle in `slot`, one that came with the request, beyond its end. Returns `slot`. */
uint32_t iris_request_claim(struct iris_request *rq, uint32_t slot);

/* Keeps the caller: the slot of a REPLY handle for NAME_METHOD_reply, or a negative error number.
   The implementation then returns IRIS_DEFER; its buffers go on by iris_buffer_kept. */
int iris_request_keep(struct iris_request *rq);

/* A handle to give to the client: rights as in a message; with IRIS_MOVE the server's own is closed
   and its slot free again, whether the client gets it or has died meanwhile. */
struct iris_handle_out {
    uint32_t slot, rights;
};

/*
 * Fills `out` with a fresh copy of one's own portal, to be moved. If the client is dead when the
 * answer comes, the copy is closed, and DISCONNECT follows as after any client's last handle.
 */
int iris_portal_give(uint32_t portal, uint32_t rights, struct iris_handle_out *out);

/* ---- The loop ---- */

typedef int iris_dispatch(const void *operations, void *context, struct iris_request *rq);

/* One interface a portal leads to; made by NAME_SERVICE(&operations). */
struct iris_service {
    uint32_t interface; /* its id */
    iris_dispatch *dispatch;
    const void *operations;
};

/* What a badge stands for. */
struct iris_target {
    const struct iris_service *services;
    uint32_t count;
    void *context; /* given to the implementations */
};

struct iris_server {
    uint32_t port;
    const struct iris_service *services;
    uint32_t count;
    void *context; /* given to all functions below, and to the implementations */
    /* Chooses by badge; `target` holds the above beforehand. 0, or the error to answer. Optional.
     */
    int (*locate)(void *context, uint32_t badge, struct iris_target *target);
    /*
     * Messages of the kernel: label IRIS_EVENT_* or IRIS_FAULT_*, see <iris/ipc.h>. A fault is
     * answered with the result: 0, an error number (either sign), or IRIS_DEFER. Optional.
     */
    int (*event)(void *context, struct iris_request *rq);
    /* When `late` is to be called: asked for before each wait. Both or neither. */
    uint64_t (*deadline)(void *context);
    void (*late)(void *context);
};

/* Binds the thread to the port and serves until the port is dead; returns the error. Several
   threads may run it on one server, if the implementations bear that. */
int iris_server_run(const struct iris_server *server);

/* For loops of one's own: iris_server_begin once a thread; then for each message received
   iris_server_serve, and if it says so, `rq->message` is to be answered. */
int iris_server_begin(const struct iris_server *server);
bool iris_server_serve(const struct iris_server *server, struct iris_request *rq);

/* Answers a kept caller; the slot of `reply` is free afterwards. Handles to be moved are gone. */
int iris_reply_send(uint32_t reply, struct iris_message *m);

/* ---- For generated dispatchers ---- */

/* Whether exactly these came: at least `least` and at most `most` handles, `buffers` buffers. */
bool iris_request_carries(const struct iris_request *rq, uint32_t least, uint32_t most,
                          uint32_t buffers);

/* Makes the message an answer without words: an error number or 0. IRIS_DEFER stays that. */
int iris_request_fail(struct iris_request *rq, int status);

#endif
