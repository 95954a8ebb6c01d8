/* SPDX-License-Identifier: MIT */
/*
 * Zeroing pages while nothing else runs. A thread of the lowest priority calls mem itself for pages
 * and zeroes them; while the pool is full it waits for a notification. So nothing is shared between
 * the two but the pages it works on, and it never looks for work.
 *
 * The batch in work is always mapped, also while nothing is to be done: counts of mappings and
 * pages do not depend on when the machine was idle.
 */
#include "mem.h"

#include <string.h>

#include <iris/ipc.h>
#include <iris/startup.h>

#include "memory_object.h" /* generated from memory_object.idl */
#include "slots.h"

#define PRIORITY 0u
#define UTCB_SLOT 1u
#define WAKE 1u /* notification */

static struct {
    struct iris_thread_block block __attribute__((aligned(IRIS_THREAD_BLOCK_ALIGN)));
    uint8_t stack[2048] __attribute__((aligned(16)));
    uint32_t thread, portal, port, notify; /* slots */
} worker;

static struct {
    uint32_t frame[MEM_IDLE_PAGES]; /* mapped at MEM_IDLE */
    uint32_t count;
    bool zeroed;  /* all of them, though they are not in the pool yet */
    bool waiting; /* the thread was told that there is nothing to do */
} work;

/* ---- The thread ---- */

static void zero_forever(void *unused)
{
    struct iris_message m;
    uint32_t pages = 0;

    (void)unused;
    if (iris_port_bind(worker.port) < 0)
        return;
    while (memory_idle_next(worker.portal, &pages) == 0)
        if (pages > 0)
            memset((void *)MEM_IDLE, 0, pages * PAGE);
        else if (iris_ipc_wait(&m) < 0)
            return;
}

/* ---- The server ---- */

/* Maps pages to be zeroed; false: there are none. */
static bool begin(void)
{
    work.zeroed = false;
    work.count = frames_to_zero(work.frame, MEM_IDLE_PAGES);
    for (uint32_t i = 0; i < work.count; i++)
        if (iris_memory_map(0, MEM_IDLE + i * PAGE, MEM_SLOT_PHYSICAL, work.frame[i] * PAGE, 1,
                            IRIS_MAP_WRITE) != 1) {
            frames_back(work.frame + i, work.count - i, false);
            work.count = i;
        }
    return work.count > 0;
}

void idle_finish(void)
{
    if (!work.zeroed)
        return;
    iris_memory_unmap(0, MEM_IDLE, work.count, IRIS_UNMAP_OWN);
    frames_back(work.frame, work.count, true);
    work.count = 0;
    work.zeroed = false;
}

uint32_t idle_next(void)
{
    work.zeroed = work.count > 0;
    work.waiting = !frames_pool_has_room(MEM_IDLE_PAGES);
    if (!work.waiting) {
        idle_finish();
        work.waiting = !begin();
    }
    return work.waiting ? 0 : work.count;
}

void idle_wake(void)
{
    if (!work.waiting)
        return;
    work.waiting = false;
    iris_notify(worker.notify, WAKE);
}

static int make_slots(void)
{
    uint32_t *const slots[] = {&worker.thread, &worker.portal, &worker.port, &worker.notify};

    for (uint32_t i = 0; i < sizeof slots / sizeof slots[0]; i++) {
        int slot = iris_slot_alloc();
        if (slot < 0)
            return slot;
        *slots[i] = (uint32_t)slot;
    }
    return 0;
}

static int make_objects(void)
{
    int status =
        iris_portal_create(MEM_SLOT_PORT, worker.portal, MEM_BADGE_IDLE, IRIS_RIGHT_CALL, 0);

    if (status >= 0)
        status = iris_port_create(worker.port);
    if (status >= 0)
        status = iris_portal_create(worker.port, worker.notify, 0, IRIS_RIGHT_NOTIFY, WAKE);
    if (status >= 0)
        status = iris_thread_create(IRIS_SLOT_SPACE, worker.thread, UTCB_SLOT, PRIORITY);
    return status;
}

int idle_start(void)
{
    struct iris_message m = {.tag = IRIS_TAG(IRIS_LABEL_START, 4),
                             .word = {(uint32_t)zero_forever,
                                      (uint32_t)(worker.stack + sizeof worker.stack),
                                      (uint32_t)&worker.block}};
    int status = make_slots();

    if (status == 0)
        status = make_objects();
    if (status < 0)
        return status;
    begin();
    memset((void *)MEM_IDLE, 0,
           work.count * PAGE); /* as the thread will find it at its first call */
    worker.block.utcb = (struct iris_utcb *)(IRIS_UTCB_BASE + UTCB_SLOT * IRIS_UTCB_SIZE);
    iris_utcb()->words[3] = 0;
    return iris_ipc_call(worker.thread, &m);
}
