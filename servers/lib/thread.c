/* SPDX-License-Identifier: MIT */
#include "thread.h"

#include <reent.h>
#include <string.h>

#include <iris/calls.h>
#include <iris/ipc.h>
#include <iris/object.h>
#include <iris/startup.h>

#include "memory.h"
#include "slots.h"

/*
 * The memory of a thread, from its top down: C library state, thread block (the thread pointer),
 * thread-local storage, stack.
 */
struct top {
    struct iris_thread_block block;
    struct _reent reent;
};
#define STACK_LEAST IRIS_PAGE_SIZE

/* ---- Thread-local storage: what the program's PT_TLS header asks for ---- */

struct elf_header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version, entry, phoff, shoff, flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct program_header {
    uint32_t type, offset, vaddr, paddr, filesz, memsz, flags, align;
};
#define PT_TLS 7

/* The linker's name for the program's ELF header in memory. */
extern const struct elf_header __ehdr_start __attribute__((weak, visibility("hidden")));

static const struct program_header *find_tls(void)
{
    const struct elf_header *elf = &__ehdr_start;

    if (elf == NULL)
        return NULL;
    for (uint32_t i = 0; i < elf->phnum; i++) {
        const struct program_header *header =
            (const void *)((uintptr_t)elf + elf->phoff + i * elf->phentsize);
        if (header->type == PT_TLS)
            return header;
    }
    return NULL;
}

/* ---- Starting ---- */

/* Lays out the top of the memory; returns the thread block, below which the stack begins at
 *stack. NULL if it does not fit. */
static struct iris_thread_block *lay_out(const struct iris_thread *thread, uint32_t *stack)
{
    const struct program_header *tls = find_tls();
    uint32_t align = IRIS_THREAD_BLOCK_ALIGN, room = 0;

    if (tls) {
        align = tls->align > align ? tls->align : align;
        room = IRIS_TLS_ROOM(tls->memsz, tls->align);
    }
    if (thread->memory_size - thread->guard < sizeof(struct top) + align + room + STACK_LEAST)
        return NULL;
    uint32_t end = thread->memory + thread->memory_size;
    struct top *top = (struct top *)((end - sizeof(struct top)) & -align);

    memset(top, 0, sizeof *top);
    if (tls) {
        memset((uint8_t *)top - room, 0, room);
        memcpy((uint8_t *)top - room, (const void *)tls->vaddr, tls->filesz);
    }
    _REENT_INIT_PTR_ZEROED(&top->reent);
    top->block.reent = &top->reent;
    *stack = ((uint32_t)top - room) & -16u;
    return &top->block;
}

static int own_priority(void)
{
    struct iris_thread_info info;
    int count =
        iris_space_inspect(IRIS_SLOT_SPACE, IRIS_INSPECT_THREADS, iris_utcb()->slot, &info, 1);
    if (count < 0)
        return count;
    return count == 1 ? (int)info.priority : -ENOENT;
}

/* Makes the thread with the first UTCB slot that is free; returns that, or an error number. */
static int create(uint32_t slot, int priority)
{
    static uint32_t next_utcb; /* where to look first; only a guess */
    uint32_t first = __atomic_fetch_add(&next_utcb, 1, __ATOMIC_RELAXED);

    for (uint32_t i = 0; i < IRIS_UTCB_SLOTS; i++) {
        uint32_t utcb = (first + i) % IRIS_UTCB_SLOTS;
        int status = iris_thread_create(IRIS_SLOT_SPACE, slot, utcb, (uint32_t)priority);
        if (status != -EEXIST)
            return status < 0 ? status : (int)utcb;
    }
    return -ENOMEM;
}

/* Where the thread begins and, by returning, ends. */
static void run(struct iris_thread *thread)
{
    thread->result = thread->function(thread->argument);
    if (thread->port != 0)
        iris_handle_close(thread->port); /* who waits in iris_thread_join learns it: EDEAD */
}

static int send_start(const struct iris_thread *thread, const struct iris_thread_block *block,
                      uint32_t stack)
{
    struct iris_message m = {
        .tag = IRIS_TAG(IRIS_LABEL_START, 4),
        .word = {(uint32_t)run, stack, (uint32_t)block},
    };

    iris_utcb()->words[3] = (uint32_t)thread;
    return iris_ipc_call(thread->handle, &m);
}

static int reserve(uint32_t *slot)
{
    int status = iris_slot_alloc();

    *slot = status < 0 ? 0 : (uint32_t)status;
    return status < 0 ? status : 0;
}

/* Reserves two slots and makes the port whose death announces the thread's end. */
static int make_port(struct iris_thread *thread)
{
    int status = reserve(&thread->port);
    if (status == 0)
        status = reserve(&thread->portal);
    if (status == 0)
        status = iris_port_create(thread->port);
    return status < 0 ? status
                      : iris_portal_create(thread->port, thread->portal, 0, IRIS_RIGHT_CALL, 0);
}

/* Gives back whatever there is; slots that were never filled are closed in vain. */
static void clear(struct iris_thread *thread)
{
    iris_handle_discard(thread->handle);
    iris_handle_discard(thread->portal);
    iris_handle_discard(thread->port);
    if (thread->memory != 0 && thread->options.memory == 0)
        memory_release(IRIS_SLOT_MEMORY, thread->memory, thread->memory_size);
}

/* Stack and guard. */
static int make_memory(struct iris_thread *thread)
{
    thread->memory = thread->options.memory;
    if (thread->memory != 0)
        return 0;
    int status =
        memory_allocate(IRIS_SLOT_MEMORY, thread->memory_size, MEMORY_WRITE, &thread->memory);
    if (status == 0 && thread->guard != 0)
        status = memory_protect(IRIS_SLOT_MEMORY, thread->memory, thread->guard, MEMORY_NONE);
    return status;
}

/* The pages that this thread is about to write: where there is no memory left for them in the
   kernel, ENOMEM and not a fault is the answer. */
static int make_present(const struct iris_thread *thread)
{
    const struct program_header *tls = find_tls();
    uint32_t size = sizeof(struct top) + (tls ? tls->memsz + 2 * tls->align : 0) + IRIS_PAGE_SIZE;
    uint32_t end = thread->memory + thread->memory_size, done = 0;
    uint32_t at = thread->memory_size > size ? (end - size) & -IRIS_PAGE_SIZE : thread->memory;

    for (; at < end; at += done) {
        int status = memory_present(IRIS_SLOT_MEMORY, at, end - at, MEMORY_WRITE, &done);
        if (status == -ENOSYS)
            return 0; /* another's memory service, which gives pages on touch only */
        if (status < 0 || done == 0)
            return status < 0 ? status : -ENOMEM;
    }
    return 0;
}

static int start(struct iris_thread *thread, int priority)
{
    int status = reserve(&thread->handle);
    if (status == 0 && !thread->options.unannounced)
        status = make_port(thread);
    if (status == 0)
        status = make_memory(thread);
    if (status == 0 && thread->options.memory == 0)
        status = make_present(thread);
    if (status < 0)
        return status;
    uint32_t stack;
    struct iris_thread_block *block = lay_out(thread, &stack);
    if (block == NULL)
        return -EINVAL;
    int utcb = create(thread->handle, priority);
    if (utcb < 0)
        return utcb;
    block->utcb = (struct iris_utcb *)(IRIS_UTCB_BASE + (uint32_t)utcb * IRIS_UTCB_SIZE);
    thread->id = block->utcb->thread;
    status = send_start(thread, block, stack);
    if (status < 0)
        iris_object_destroy(thread->handle);
    return status;
}

/* Whole pages, unless the memory is the starter's. */
static uint32_t size_of(const struct iris_thread_options *options)
{
    uint32_t size = options->stack ? options->stack : IRIS_THREAD_STACK;

    return options->memory != 0 ? size : (size + IRIS_PAGE_SIZE - 1) & -IRIS_PAGE_SIZE;
}

int iris_thread_launch(struct iris_thread *thread, int (*function)(void *argument), void *argument,
                       const struct iris_thread_options *options)
{
    static const struct iris_thread_options defaults = {.priority = IRIS_THREAD_PRIORITY_SAME};
    const struct iris_thread_options *chosen = options ? options : &defaults;
    uint32_t guard = chosen->memory ? 0 : (chosen->guard + IRIS_PAGE_SIZE - 1) & -IRIS_PAGE_SIZE;
    int priority = chosen->priority >= 0 ? chosen->priority : own_priority();

    if (priority < 0)
        return priority;
    *thread = (struct iris_thread){
        .function = function,
        .argument = argument,
        .memory_size = size_of(chosen) + guard,
        .guard = guard,
        .options = *chosen,
    };
    int status = start(thread, priority);
    if (status < 0)
        clear(thread);
    return status;
}

/* ---- Ending ---- */

void iris_thread_discard(struct iris_thread *thread)
{
    iris_object_destroy(thread->handle);
    clear(thread);
}

int iris_thread_join(struct iris_thread *thread, int *result)
{
    struct iris_message m = {.tag = IRIS_TAG(0, 0)};
    int status = iris_ipc_call(thread->portal, &m);

    if (status != -EDEAD)
        return status < 0 ? status : -EIO;
    /* Its result is there, but it may not have left its stack yet. Dead it surely has. */
    if (result)
        *result = thread->result;
    iris_thread_discard(thread);
    return 0;
}
