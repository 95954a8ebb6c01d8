/* SPDX-License-Identifier: MIT */
/* Very many threads, as small as they can be: a kernel page, an eighth of a UTCB page, and 256
   bytes of stack. They use no library, so one thread block serves them all. */
#include "scale.h"

#include "twin.h"

#define STACK 256
#define SPACE_PAGES 6100u

static uint8_t stacks[FARM_SPACES * FARM_THREADS][STACK] __attribute__((aligned(PAGE)));
static struct iris_thread_block block __attribute__((aligned(IRIS_THREAD_BLOCK_ALIGN)));
static uint32_t farms[FARM_SPACES]; /* slots */
static unsigned threads;

/* All of this program's memory, writable where it is for us. */
static bool show_all(uint32_t space)
{
    for (uint32_t page = twin_memory_begin(); page < twin_memory_end(); page += PAGE) {
        (void)*(const volatile uint8_t *)page; /* it must be here before it can be mapped on */
        int count = iris_memory_map(space, page, 0, page, 1, IRIS_MAP_WRITE);
        if (count == -EPERM)
            count = iris_memory_map(space, page, 0, page, 1, 0);
        if (count != 1)
            return false;
    }
    return true;
}

bool space_make(uint32_t slot, uint32_t pages)
{
    return iris_space_create(slot, pages, kit_priority(), 0, 0, 0) == 0 && show_all(slot);
}

bool farm_make(void)
{
    bool made = true;

    threads = 0;
    for (unsigned i = 0; i < FARM_SPACES; i++) {
        farms[i] = kit_slot();
        made = made && space_make(farms[i], SPACE_PAGES);
    }
    return made;
}

bool farm_give(uint32_t handle, uint32_t slot, uint32_t rights)
{
    for (unsigned i = 0; i < FARM_SPACES; i++)
        if (iris_handle_copy(handle, farms[i], slot, rights) != 0)
            return false;
    return true;
}

static bool farm_add(uint32_t priority, void (*function)(void *argument), void *argument)
{
    uint32_t slot = kit_slot(), utcb = threads % FARM_THREADS;
    struct iris_message m = {
        .tag = IRIS_TAG(IRIS_LABEL_START, 4),
        .word = {(uint32_t)function, (uint32_t)stacks[threads] + STACK, (uint32_t)&block},
    };

    block.utcb = (struct iris_utcb *)IRIS_UTCB_BASE; /* none of them looks */
    int error = iris_thread_create(farms[threads / FARM_THREADS], slot, utcb, priority);
    iris_utcb()->words[3] = (uint32_t)argument;
    if (error == 0)
        error = iris_ipc_call(slot, &m);
    iris_handle_discard(slot); /* it lives on */
    threads++;
    return error == 0;
}

bool farm_grow(unsigned count, bool below, void (*function)(void *argument), void *argument)
{
    uint32_t priority = kit_priority() - below;
    bool grown = true;

    while (threads < count && grown) {
        grown = farm_add(priority, function, argument);
        iris_thread_switch(0); /* it runs until it waits */
    }
    return grown;
}

void farm_free(void)
{
    for (unsigned i = 0; i < FARM_SPACES; i++) {
        iris_object_destroy(farms[i]);
        iris_handle_discard(farms[i]);
    }
}
