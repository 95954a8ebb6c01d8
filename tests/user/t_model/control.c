/* SPDX-License-Identifier: MIT */
/*
 * One step: hand an operation to its worker, wait until nobody can go on. An idle worker is a kept
 * caller of the controller's; that nobody can go on is known when the quiet thread, below all
 * workers, comes to run. Nothing here waits for a time.
 */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>

static uint32_t completed;

static void fatal(const char *what, int value)
{
    printf("t_model: %s: %d\n", what, value);
    exit(2);
}

uint32_t control_completed(void) { return completed; }

static void became_idle(unsigned w)
{
    int error = w < WORKERS ? iris_ipc_keep(workers[w].reply) : -EINVAL;

    if (error < 0)
        fatal("a worker cannot be kept", error);
    workers[w].idle = true;
    completed |= 1u << w;
}

static void ask_quiet(void)
{
    int error = iris_notify(world.quiet_ask, 1);

    if (error < 0)
        fatal("notify", error);
}

/* `awaited`: these must become idle, for instance because a deadline of theirs has passed that the
   timer's interrupt has yet to notice. */
void control_settle(uint32_t awaited)
{
    struct iris_message m;

    completed = 0;
    ask_quiet();
    for (;;) {
        int error = iris_ipc_wait(&m);
        if (error < 0)
            fatal("wait", error);
        if (!(m.tag & IRIS_TAG_KERNEL)) {
            became_idle(m.badge - BADGE_WORKER);
            continue;
        }
        if ((completed & awaited) == awaited)
            return;
        ask_quiet();
    }
}

static void release(const struct operation *op)
{
    struct iris_message m = {.tag = 0};
    struct worker *worker = &workers[op->worker];

    worker->op = *op;
    worker->idle = false;
    int error = iris_ipc_reply(worker->reply, &m);
    if (error < 0)
        fatal("an idle worker cannot be told", error);
}

static bool is_message(uint8_t code)
{
    return code == OP_CALL || code == OP_SEND || code == OP_WAIT || code == OP_REPLY_WAIT ||
           code == OP_REPLY;
}

static bool control_operation(const struct operation *op)
{
    struct worker *worker = &workers[op->worker];
    int result = 0;

    if (worker->alive != (op->code != OP_SPAWN))
        return false;
    if (op->code == OP_KILL)
        result = world_kill(op->worker);
    else if (op->code == OP_SPAWN)
        result = world_spawn(op->worker, op->value[0]);
    else
        worker->out.result =
            (uint32_t)world_give(op->worker, op->value[0], SLOT_BASE + op->b, op->value[1]);
    if (result < 0)
        fatal("a worker cannot be made or ended", result);
    control_settle(op->code == OP_SPAWN ? 1u << op->worker : 0);
    return true;
}

bool control_step(const struct operation *op)
{
    bool past = is_message(op->code) && (op->shape >> 3 & 3) == DEADLINE_PAST;

    completed = 0;
    if (op->worker >= WORKERS || op->code >= OP_CODES)
        return false;
    if (op->code >= OP_KILL)
        return control_operation(op);
    if (!workers[op->worker].alive || !workers[op->worker].idle)
        return false;
    release(op);
    control_settle(past ? 1u << op->worker : 0);
    return true;
}
