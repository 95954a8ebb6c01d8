/* SPDX-License-Identifier: MIT */
/*
 * Random operations, chosen with an eye on what is there, so that most of them do something. The
 * same numbers give the same operations in ipc_script.py (class Generator), line by line, as long
 * as both sides agree about states and tables.
 */
#include "model.h"

#include <string.h>

#define EVERYTHING_A_CLIENT_CAN (IRIS_RIGHT_CALL | IRIS_RIGHT_NOTIFY | IRIS_RIGHT_COPY)

static uint32_t state;

void generate_start(uint32_t seed) { state = seed; }

static uint32_t below(uint32_t n) { return kit_random(&state) % n; }

/* ---- Choosing slots ---- */

static uint8_t pick(unsigned space, unsigned type, unsigned rights)
{
    uint32_t start = below(SLOTS);

    if (below(16) == 0)
        return (uint8_t)below(SLOTS + 2);
    for (unsigned i = 0; i < SLOTS; i++) {
        const struct view *view = &views[space][(start + i) % SLOTS];
        if (view->used && view->type == type && (rights & ~view->rights) == 0)
            return (uint8_t)((start + i) % SLOTS);
    }
    return (uint8_t)start;
}

static uint8_t pick_by_use(unsigned space, bool used)
{
    uint32_t start = below(SLOTS);

    if (below(16) == 0)
        return (uint8_t)below(SLOTS + 2);
    for (unsigned i = 0; i < SLOTS; i++)
        if (views[space][(start + i) % SLOTS].used == used)
            return (uint8_t)((start + i) % SLOTS);
    return (uint8_t)start;
}

static bool has(unsigned space, unsigned type)
{
    for (unsigned i = 0; i < SLOTS; i++)
        if (views[space][i].used && views[space][i].type == type)
            return true;
    return false;
}

static bool is_full(unsigned space)
{
    for (unsigned i = 0; i < SLOTS; i++)
        if (!views[space][i].used)
            return false;
    return true;
}

/* ---- Messages ---- */

static uint8_t word_count(void)
{
    static const uint8_t edges[8] = {0, 3, 4, 16, 63, 64, 65, 70};

    switch (below(4)) {
    case 0:
        return (uint8_t)below(4);
    case 1:
        return (uint8_t)below(17);
    case 2:
        return (uint8_t)below(65);
    default:
        return edges[below(8)];
    }
}

static void fill_wait(struct operation *op, unsigned space)
{
    static const uint8_t deadlines[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 3, 3};

    op->shape |= (uint8_t)(deadlines[below(16)] << 3);
    op->receive = pick_by_use(space, false);
    op->receive |= (uint8_t)((below(4) ? 15 : below(16)) << 4);
}

/* For a copy: mostly a client's portal, or everything. */
static uint8_t copy_rights(unsigned space, uint8_t slot)
{
    bool portal = slot < SLOTS && views[space][slot].type == IRIS_TYPE_PORTAL;

    if (portal && below(4))
        return EVERYTHING_A_CLIENT_CAN;
    return (uint8_t)(below(4) ? 0xff : below(256));
}

static void fill_message(struct operation *op, unsigned space)
{
    unsigned handles = 0, buffers = 0;

    op->words = word_count();
    op->seed = (uint8_t)below(256);
    if (below(4) == 0)
        handles = below(64) ? 1 + below(4) : 5;
    for (unsigned i = 0; i < handles && i < 4; i++) {
        op->value[i] = pick_by_use(space, true);
        op->rights[i] = copy_rights(space, op->value[i]) & 0x7f;
        if (below(3) == 0)
            op->rights[i] |= 0x80;
    }
    if (below(3) == 0)
        buffers = below(64) ? 1 + below(4) : 5;
    op->shape = (uint8_t)(handles | buffers << 5);
    fill_wait(op, space);
}

/* ---- Arguments of each operation ---- */

static void fill_portal(struct operation *op, unsigned space)
{
    op->a = pick(space, IRIS_TYPE_PORT, IRIS_RIGHT_CONTROL);
    op->b = pick_by_use(space, false);
    op->value[0] = (uint8_t)(1 + below(255));
    op->value[1] = EVERYTHING_A_CLIENT_CAN;
    if (below(8) == 0)
        op->value[1] &= (uint8_t)below(256);
    if (below(32) == 0)
        op->value[1] = (uint8_t)below(256);
    op->value[2] = (uint8_t)(below(4) ? 0xff : below(256));
}

static void fill_copy(struct operation *op, unsigned space)
{
    op->a = pick_by_use(space, true);
    op->value[0] = (uint8_t)below(4);
    op->b = pick_by_use(op->value[0] < SPACES ? op->value[0] : space, false);
    op->value[1] = copy_rights(space, op->a);
    op->value[2] = below(4) == 0;
}

static uint8_t pick_victim(unsigned space)
{
    switch (below(6)) {
    case 0:
        return pick(space, IRIS_TYPE_PORT, IRIS_RIGHT_DESTROY);
    case 1:
    case 2:
        return pick(space, IRIS_TYPE_THREAD, IRIS_RIGHT_DESTROY);
    default:
        return pick(space, IRIS_TYPE_PORTAL, IRIS_RIGHT_DESTROY);
    }
}

static void fill_data(struct operation *op, unsigned space)
{
    bool serving = workers[op->worker].info.caller != 0;

    op->a = ARG_ZERO;
    if (below(8) == 0 || !serving)
        op->a = pick(space, IRIS_TYPE_REPLY, 0);
    op->b = (uint8_t)below(16);
    if (below(32) == 0)
        op->b |= 16;
    op->value[0] = (uint8_t)(below(4) ? below(8) : below(20));
    op->value[1] = (uint8_t)(below(4) ? below(9) : below(20));
    op->seed = (uint8_t)below(256);
}

static void fill_call(struct operation *op, unsigned space)
{
    switch (op->code) {
    case OP_CALL:
    case OP_SEND:
        op->a = pick(space, IRIS_TYPE_PORTAL, IRIS_RIGHT_CALL);
        break;
    case OP_REPLY:
        op->a = pick(space, IRIS_TYPE_REPLY, 0);
        break;
    }
    fill_message(op, space);
}

static void fill(struct operation *op, unsigned space)
{
    switch (op->code) {
    case OP_PORT:
    case OP_KEEP:
        op->a = pick_by_use(space, false);
        break;
    case OP_PORTAL:
        fill_portal(op, space);
        break;
    case OP_CLOSE:
        op->a = pick_by_use(space, true);
        break;
    case OP_COPY:
        fill_copy(op, space);
        break;
    case OP_IDENTIFY:
        op->a = pick_by_use(space, true);
        op->b = ARG_ZERO;
        if (below(2) == 0)
            op->b = pick(space, IRIS_TYPE_PORT, IRIS_RIGHT_RECEIVE);
        break;
    case OP_DESTROY:
        op->a = pick_victim(space);
        break;
    case OP_BIND:
        op->a = ARG_ZERO;
        if (below(8))
            op->a = pick(space, IRIS_TYPE_PORT, IRIS_RIGHT_RECEIVE);
        break;
    case OP_NOTIFY:
        op->a = pick(space, IRIS_TYPE_PORTAL, IRIS_RIGHT_NOTIFY);
        op->value[0] = (uint8_t)below(256);
        break;
    case OP_DATA:
        fill_data(op, space);
        break;
    case OP_SCHEDULE:
        op->a = pick(space, IRIS_TYPE_THREAD, IRIS_RIGHT_CONTROL);
        op->value[0] = (uint8_t)(below(8) ? PRIORITY_FIRST + below(6) : 64);
        break;
    case OP_WAIT:
        fill_wait(op, space);
        break;
    case OP_EXIT:
        break;
    default:
        fill_call(op, space);
    }
}

/* ---- Which operation ---- */

/* Few operations on what is not there. */
static uint8_t instead(unsigned space, uint8_t code)
{
    static const struct {
        uint8_t code, needs, other;
    } rules[] = {
        {OP_REPLY, IRIS_TYPE_REPLY, OP_CALL},     {OP_SCHEDULE, IRIS_TYPE_THREAD, OP_NOTIFY},
        {OP_PORTAL, IRIS_TYPE_PORT, OP_PORT},     {OP_CALL, IRIS_TYPE_PORTAL, OP_IDENTIFY},
        {OP_NOTIFY, IRIS_TYPE_PORTAL, OP_PORTAL},
    };

    for (unsigned i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (code == rules[i].code && !has(space, rules[i].needs) && below(8))
            code = rules[i].other;
    return code;
}

static uint8_t choose(const struct worker *worker)
{
    /* By code from OP_PORT to OP_EXIT: unbound, bound, serving a caller. */
    static const uint8_t weights[3][OP_EXIT] = {
        {3, 6, 6, 10, 3, 2, 24, 14, 6, 2, 1, 1, 8, 7, 4, 3, 1},
        {2, 4, 6, 7, 2, 2, 3, 13, 6, 36, 4, 1, 8, 6, 4, 3, 1},
        {1, 3, 5, 6, 2, 2, 3, 12, 4, 5, 28, 12, 8, 5, 16, 2, 1},
    };
    const uint8_t *row = weights[worker->info.caller ? 2 : worker->info.bound_port ? 1 : 0];
    unsigned space = (unsigned)(worker - workers) / 2, total = 0;

    if (!has(space, IRIS_TYPE_PORT) && below(3) == 0)
        return OP_PORT;
    if (!has(space, IRIS_TYPE_PORTAL) && below(3) == 0)
        return OP_PORTAL;
    if (is_full(space) && below(2) == 0)
        return OP_CLOSE;
    for (unsigned i = 0; i < OP_EXIT; i++)
        total += row[i];
    uint32_t chosen = below(total);
    unsigned code = 0;
    for (; chosen >= row[code]; code++)
        chosen -= row[code];
    return instead(space, (uint8_t)(OP_PORT + code));
}

static bool find_idle(uint8_t *worker)
{
    for (unsigned i = 0; i < WORKERS; i++) {
        unsigned w = (*worker + i) % WORKERS;
        if (workers[w].idle) {
            *worker = (uint8_t)w;
            return true;
        }
    }
    return false;
}

void generate(struct operation *op)
{
    memset(op, 0, sizeof *op);
    op->worker = (uint8_t)below(WORKERS);
    if (!workers[op->worker].alive) {
        op->code = OP_SPAWN;
        op->value[0] = (uint8_t)(PRIORITY_FIRST + below(6));
        return;
    }
    if (below(48) == 0) {
        op->code = OP_GIVE;
        op->value[0] = (uint8_t)below(SPACES);
        op->b = (uint8_t)below(SLOTS);
        op->value[1] = (uint8_t)(below(2) ? 0xff : below(256));
        return;
    }
    if ((!workers[op->worker].idle && below(12) == 0) || !find_idle(&op->worker)) {
        op->code = OP_KILL;
        return;
    }
    op->code = choose(&workers[op->worker]);
    fill(op, op->worker / 2);
}
