/* SPDX-License-Identifier: MIT */
/* Making and ending workers and the spaces they live in. */
#include "world.h"

#include <string.h>

#include "twin.h"

#define SPACE_PAGES 40u

struct worker workers[WORKERS];
uint32_t spaces[SPACES];
struct world world;

/* ---- The thread that runs only when nobody else of us can ---- */

static void quiet(void *unused)
{
    struct iris_message m;

    (void)unused;
    if (iris_port_bind(world.quiet_port) < 0)
        return;
    while (iris_ipc_wait(&m) == 0)
        iris_notify(world.quiet_answer, 1);
}

static int start_thread(struct bare *thread, uint32_t space, uint32_t utcb, unsigned priority,
                        void (*function)(void *), void *argument)
{
    memset(&thread->block, 0, sizeof thread->block);
    thread->block.utcb = (struct iris_utcb *)(IRIS_UTCB_BASE + utcb * IRIS_UTCB_SIZE);
    thread->utcb_slot = utcb;
    if (thread->handle == 0)
        thread->handle = kit_slot();
    int error = iris_thread_create(space, thread->handle, utcb, priority);
    return error < 0 ? error : bare_start(thread, function, argument);
}

/* ---- Workers ---- */

int world_spawn(unsigned w, unsigned priority)
{
    struct worker *worker = &workers[w];

    worker->op = (struct operation){.code = OP_NONE};
    worker->out = (struct outcome){0};
    worker->idle = false;
    if (worker->thread.handle)
        iris_handle_close(worker->thread.handle); /* of one that ended by itself */
    int error =
        start_thread(&worker->thread, spaces[w / 2], UTCB_FIRST + w, priority, worker_main, worker);
    worker->alive = error == 0;
    return error;
}

/* The slot of its handle stays reserved, for the next one. */
int world_kill(unsigned w)
{
    struct worker *worker = &workers[w];
    int error = iris_object_destroy(worker->thread.handle);

    iris_handle_close(worker->thread.handle);
    worker->alive = worker->idle = false;
    return error;
}

int world_give(unsigned w, unsigned space, uint32_t slot, uint32_t rights)
{
    return iris_handle_copy(workers[w].thread.handle, spaces[space], slot, rights);
}

static void sweep(unsigned w)
{
    static const struct operation sweep = {.code = OP_SWEEP};
    struct operation op = sweep;

    world_spawn(w, PRIORITY_FIRST);
    control_settle(1u << w);
    op.worker = (uint8_t)w;
    control_step(&op);
    world_kill(w);
}

void world_reset(void)
{
    for (unsigned w = 0; w < WORKERS; w++)
        if (workers[w].alive)
            world_kill(w);
    for (unsigned space = 0; space < SPACES; space++)
        sweep(space * 2);
    for (unsigned w = 0; w < WORKERS; w++) {
        for (unsigned i = 0; i < POOL; i++)
            workers[w].pool[i] = (uint8_t)(w * POOL + i);
        world_spawn(w, PRIORITY_FIRST + w);
    }
    control_settle((1u << WORKERS) - 1);
    observe_reset();
}

/* ---- Spaces ---- */

/* Everything of this program's memory at the same place in another space. */
static bool share_memory(uint32_t space)
{
    for (uint32_t page = twin_memory_begin(); page < twin_memory_end(); page += IRIS_PAGE_SIZE) {
        (void)*(const volatile uint8_t *)page;
        if (iris_memory_map(space, page, 0, page, 1, IRIS_MAP_WRITE) != 1 &&
            iris_memory_map(space, page, 0, page, 1, 0) != 1)
            return false;
    }
    return true;
}

static bool furnish(uint32_t space)
{
    uint32_t self = space ? space : IRIS_SLOT_SPACE;
    bool ok = true;

    for (unsigned w = 0; w < WORKERS; w++)
        ok &= iris_handle_copy(world.portals[w], space, SLOT_CONTROL + w, IRIS_RIGHT_CALL) == 0;
    for (unsigned i = 0; i < SPACES; i++)
        ok &= iris_handle_copy(spaces[i] ? spaces[i] : IRIS_SLOT_SPACE, space, SLOT_SPACE + i,
                               IRIS_RIGHT_CONTROL) == 0;
    for (unsigned i = 0; i < SLOTS; i++)
        ok &= iris_handle_copy(self, space, SLOT_GUARD + i, 0) == 0;
    return ok;
}

static bool make_spaces(void)
{
    for (unsigned i = 1; i < SPACES; i++) {
        spaces[i] = kit_slot();
        if (iris_space_create(spaces[i], SPACE_PAGES, PRIORITY_CEILING, 0, 0, 0) < 0 ||
            !share_memory(spaces[i]))
            return false;
    }
    for (unsigned i = 0; i < SPACES; i++)
        if (!furnish(spaces[i]))
            return false;
    return true;
}

static bool make_control(void)
{
    world.control_port = kit_slot();
    world.quiet_port = kit_slot();
    world.quiet_ask = kit_slot();
    world.quiet_answer = kit_slot();
    if (iris_port_create(world.control_port) < 0 || iris_port_create(world.quiet_port) < 0 ||
        iris_portal_create(world.quiet_port, world.quiet_ask, 0, IRIS_RIGHT_NOTIFY, 1) < 0 ||
        iris_portal_create(world.control_port, world.quiet_answer, 0, IRIS_RIGHT_NOTIFY, 1) < 0)
        return false;
    for (unsigned w = 0; w < WORKERS; w++) {
        world.portals[w] = kit_slot();
        workers[w].reply = kit_slot();
        if (iris_portal_create(world.control_port, world.portals[w], BADGE_WORKER + w,
                               IRIS_RIGHT_CALL, 0) < 0)
            return false;
    }
    return iris_port_bind(world.control_port) == 0;
}

bool world_make(void)
{
    struct iris_handle_info info;

    if (!make_control() || !make_spaces() ||
        start_thread(&world.quiet, 0, UTCB_FIRST + WORKERS, PRIORITY_QUIET, quiet, NULL) < 0)
        return false;
    iris_handle_identify(world.control_port, 0, &info);
    world.control_id = info.object;
    for (unsigned i = 0; i < SPACES; i++)
        world.space_ids[i] = kit_space(spaces[i]).id;
    world_reset();
    return true;
}

void world_free(void)
{
    for (unsigned w = 0; w < WORKERS; w++) {
        bare_end(&workers[w].thread);
        iris_slot_free(workers[w].reply);
        iris_handle_close(SLOT_CONTROL + w);
        iris_handle_discard(world.portals[w]);
    }
    bare_end(&world.quiet);
    for (uint32_t slot = SLOT_SPACE; slot < SLOT_GUARD + SLOTS; slot++)
        iris_handle_close(slot);
    for (unsigned i = 1; i < SPACES; i++) {
        iris_object_destroy(spaces[i]);
        iris_handle_discard(spaces[i]);
    }
    iris_port_bind(0);
    iris_handle_discard(world.quiet_ask);
    iris_handle_discard(world.quiet_answer);
    iris_handle_discard(world.quiet_port);
    iris_handle_discard(world.control_port);
}
