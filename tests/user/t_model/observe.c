/* SPDX-License-Identifier: MIT */
/*
 * What a step changed, as numbers: results of those who became idle, the state of every worker, all
 * handle tables. Object ids differ from run to run: ports and portals are numbered in the order of
 * their making, threads by worker.
 */
#include "world.h"

#include <string.h>

enum { NUMBER_CONTROL = 14, NUMBER_FIRST = 16, IDS = 4096 };

static struct {
    uint32_t id, number;
} known[IDS];
static uint32_t next_number;

struct view views[SPACES][SLOTS];

static uint32_t number_of(uint32_t id)
{
    if (id == 0)
        return 0;
    if (id == world.control_id)
        return NUMBER_CONTROL;
    return known[id % IDS].id == id ? known[id % IDS].number : 0xff;
}

static void learn(uint32_t id, uint32_t number)
{
    known[id % IDS].id = id;
    known[id % IDS].number = number;
}

void observe_object(uint32_t id) { learn(id, next_number++); }

/* ---- Workers ---- */

static void look_at_thread(const struct iris_thread_info *info)
{
    unsigned w = info->utcb_slot - UTCB_FIRST;

    if (w >= WORKERS || info->state == IRIS_THREAD_DEAD)
        return;
    workers[w].info = *info;
    learn(info->id, w + 1);
}

static void look_at_threads(unsigned space)
{
    struct iris_thread_info info[2];
    uint32_t cursor = UTCB_FIRST + space * 2, end = cursor + 2;

    while (cursor < end) {
        int count =
            iris_space_inspect(spaces[space], IRIS_INSPECT_THREADS, cursor, info, end - cursor);
        if (count <= 0)
            return;
        for (int i = 0; i < count; i++)
            look_at_thread(&info[i]);
        cursor = info[count - 1].utcb_slot + 1;
    }
}

static uint32_t space_number(uint32_t id)
{
    for (unsigned i = 0; i < SPACES; i++)
        if (world.space_ids[i] == id)
            return i + 1;
    return id ? 15 : 0;
}

static void put(struct observation *to, uint32_t word)
{
    if (to->count < OBSERVATION_MAX)
        to->word[to->count++] = word;
}

static void put_state(struct observation *to, const struct iris_thread_info *info)
{
    put(to, info->state | (number_of(info->bound_port) & 0xff) << 4 |
                (number_of(info->port) & 0xff) << 12 | (number_of(info->partner) & 15) << 20 |
                (number_of(info->caller) & 15) << 24 | (number_of(info->budget) & 15) << 28);
    put(to, info->priority | space_number(info->partner_space) << 8 | info->faulting << 16);
}

static void observe_workers(struct observation *to)
{
    for (unsigned w = 0; w < WORKERS; w++)
        workers[w].info.state = IRIS_THREAD_DEAD;
    for (unsigned space = 0; space < SPACES; space++)
        look_at_threads(space);
    for (unsigned w = 0; w < WORKERS; w++) {
        if (workers[w].info.state == IRIS_THREAD_DEAD) {
            workers[w].alive = workers[w].idle = false;
            put(to, IRIS_THREAD_DEAD);
        } else {
            put_state(to, &workers[w].info);
        }
    }
}

/* ---- Results ---- */

/* Made or identified: ids become numbers. */
static void translate(struct worker *worker)
{
    struct outcome *out = &worker->out;
    uint8_t code = worker->op.code;

    if ((code == OP_PORT || code == OP_PORTAL) && out->result == 0)
        observe_object(out->sum);
    if (code == OP_PORT || code == OP_PORTAL || code == OP_IDENTIFY) {
        out->sum = number_of(out->sum);
        out->received = number_of(out->received);
    }
}

static void put_outcome(struct observation *to, unsigned w)
{
    struct worker *worker = &workers[w];

    translate(worker);
    put(to, 0xc0de0000u | w << 8 | worker->op.code);
    put(to, worker->out.result);
    put(to, worker->out.badge);
    put(to, worker->out.sum);
    put(to, worker->out.received);
}

static void put_pools(struct observation *to)
{
    uint32_t sum = SUM_BASIS;

    for (unsigned w = 0; w < WORKERS; w++)
        sum = sum_words(sum, (const uint32_t *)workers[w].pool, POOL / 4);
    put(to, sum);
}

/* ---- Tables ---- */

static void observe_table(struct observation *to, unsigned space)
{
    struct iris_handle_info info[SLOTS];
    uint32_t cursor = SLOT_BASE, words[SLOTS] = {0};

    memset(views[space], 0, sizeof views[space]);
    while (cursor < SLOT_BASE + SLOTS) {
        int count = iris_space_inspect(spaces[space], IRIS_INSPECT_HANDLES, cursor, info, SLOTS);
        if (count <= 0)
            break;
        for (int i = 0; i < count && info[i].slot < SLOT_BASE + SLOTS; i++) {
            uint32_t slot = info[i].slot - SLOT_BASE;
            views[space][slot] =
                (struct view){true, (uint8_t)info[i].type, (uint8_t)info[i].rights};
            words[slot] =
                0x80000000u | info[i].rights | info[i].type << 8 | number_of(info[i].object) << 12;
        }
        cursor = info[count - 1].slot + 1;
    }
    for (unsigned i = 0; i < SLOTS; i++)
        put(to, words[i]);
}

/* ---- All of it ---- */

void observe_reset(void)
{
    static struct observation unused;

    memset(known, 0, sizeof known);
    next_number = NUMBER_FIRST;
    unused.count = 0;
    observe_workers(&unused);
    for (unsigned space = 0; space < SPACES; space++)
        observe_table(&unused, space);
}

void observe_step(const struct operation *op, bool done, struct observation *to)
{
    to->count = 0;
    put(to, done);
    if (!done)
        return;
    for (unsigned w = 0; w < WORKERS; w++)
        if (control_completed() >> w & 1)
            put_outcome(to, w);
    if (op->code == OP_GIVE)
        put(to, workers[op->worker].out.result);
    if (op->code == OP_DATA)
        put_pools(to);
    observe_workers(to);
    for (unsigned space = 0; space < SPACES; space++)
        observe_table(to, space);
}

uint32_t observe_sum(uint32_t sum, const struct observation *observation)
{
    return sum_words(sum, observation->word, observation->count);
}
