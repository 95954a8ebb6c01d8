/* SPDX-License-Identifier: MIT */
/* The space, and what we are to the program in it: pager, memory service, process service. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <iris/calls.h>
#include <iris/vdso.h>

#include "checkpoint.h"
#include "memory.h"
#include "process.h"
#include "server.h"

#define PAGE IRIS_PAGE_SIZE
#define ANYWHERE 0x10000000u /* regions whose place we choose begin here */
#define STATUS_FAULT 139     /* as a shell shows it */

enum { BADGE_MEMORY = 1, BADGE_PROCESS, BADGE_HANDLER };

const struct nest_name nest_names[NEST_NAMES] = {
    {"memory", IRIS_SLOT_MEMORY}, {"process", IRIS_SLOT_PROCESS}, {"names", IRIS_SLOT_NAMES},
    {"log", IRIS_SLOT_LOG},       {"stdin", IRIS_SLOT_STDIN},     {"stdout", IRIS_SLOT_STDOUT},
    {"stderr", IRIS_SLOT_STDERR},
};

uint32_t nest_named(const struct nest *nest, unsigned index)
{
    uint32_t slot = nest_names[index].slot;
    return slot == IRIS_SLOT_MEMORY    ? nest->memory
           : slot == IRIS_SLOT_PROCESS ? nest->process
                                       : slot;
}

/* ---- Regions ---- */

static bool is_free(const struct nest *nest, uint32_t address, uint32_t size)
{
    for (unsigned i = 0; i < NEST_REGIONS; i++) {
        const struct nest_region *region = &nest->regions[i];
        if (region->size != 0 && address < region->address + region->size &&
            region->address < address + size)
            return false;
    }
    return true;
}

static uint32_t find_place(const struct nest *nest, uint32_t size)
{
    uint32_t address = ANYWHERE;

    while (address < IRIS_WINDOW - size && !is_free(nest, address, size))
        address += PAGE;
    return address < IRIS_WINDOW - size ? address : 0;
}

static struct nest_region *region_at(struct nest *nest, uint32_t address)
{
    for (unsigned i = 0; i < NEST_REGIONS; i++)
        if (address - nest->regions[i].address < nest->regions[i].size)
            return &nest->regions[i];
    return NULL;
}

int nest_add_region(struct nest *nest, uint32_t address, uint32_t size, bool writable,
                    struct nest_region **added)
{
    struct nest_region *region = nest->regions;

    if (size == 0 || size > IRIS_WINDOW / 2)
        return -EINVAL;
    size = (size + PAGE - 1) & -(uint32_t)PAGE;
    while (region < nest->regions + NEST_REGIONS && region->size != 0)
        region++;
    if (address == 0)
        address = find_place(nest, size);
    if (region == nest->regions + NEST_REGIONS || address == 0)
        return -ENOMEM;
    if (address % PAGE != 0 || address > IRIS_WINDOW - size || !is_free(nest, address, size))
        return -EINVAL;
    uint8_t *touched = calloc(size / PAGE / 8 + 1, 1);
    uint32_t own = 0;
    int error = touched ? memory_allocate(IRIS_SLOT_MEMORY, size, MEMORY_WRITE, &own) : -ENOMEM;
    if (error < 0) {
        free(touched);
        return error;
    }
    *region = (struct nest_region){address, size, own, writable, touched};
    *added = region;
    return 0;
}

static void remove_region(struct nest_region *region)
{
    iris_memory_unmap(0, region->own, region->size / PAGE, 0);
    memory_release(IRIS_SLOT_MEMORY, region->own, region->size);
    free(region->touched);
    *region = (struct nest_region){0};
}

/* ---- Faults ---- */

/* 0, or a positive error number: the fault becomes an exception. */
static int serve_page(struct nest *nest, const struct iris_message *m)
{
    struct nest_region *region = region_at(nest, m->word[0]);

    if (region == NULL || m->word[2] & IRIS_FAULT_PRESENT ||
        (m->word[2] & IRIS_FAULT_WRITE && !region->writable))
        return EFAULT;
    uint32_t page = (m->word[0] - region->address) / PAGE;
    uint32_t own = region->own + page * PAGE;
    (void)*(volatile uint8_t *)own; /* it must be here before it can be mapped on */
    int count = iris_memory_map(nest->space, region->address + page * PAGE, 0, own, 1,
                                region->writable ? IRIS_MAP_WRITE : 0);
    if (count != 1 && count != -EEXIST)
        return EFAULT;
    nest_touch_page(region, page);
    return 0;
}

static int serve_event(void *context, struct iris_request *rq)
{
    struct nest *nest = context;
    const struct iris_message *m = &rq->message;
    struct iris_space_info info;

    switch (iris_tag_label(m->tag)) {
    case IRIS_FAULT_PAGE:
        return serve_page(nest, m);
    case IRIS_FAULT_EXCEPTION:
        fprintf(stderr, "checkpoint: exception %u at 0x%08x\n", (unsigned)m->word[0],
                (unsigned)m->word[2]);
        nest->ended = true;
        nest->status = STATUS_FAULT;
        return EFAULT;
    case IRIS_EVENT_EXIT:
        if (iris_space_inspect(nest->space, IRIS_INSPECT_SPACE, 0, &info, 1) == 1 &&
            info.threads == 0)
            nest->ended = true;
        return 0;
    default:
        return 0;
    }
}

/* ---- The memory service ---- */

static int allocate(void *context, struct iris_request *rq, uint32_t size, uint32_t flags,
                    uint32_t *address)
{
    struct nest_region *region;
    int error = nest_add_region(context, 0, size, flags & MEMORY_WRITE, &region);

    (void)rq;
    if (error == 0)
        *address = region->address;
    return error;
}

static int allocate_at(void *context, struct iris_request *rq, uint32_t address, uint32_t size,
                       uint32_t flags)
{
    struct nest_region *region;

    (void)rq;
    if (address == 0 || address % PAGE != 0 || address >= IRIS_WINDOW || size == 0 ||
        size > IRIS_WINDOW - address)
        return -EINVAL;
    if (!is_free(context, address, (size + PAGE - 1) & -(uint32_t)PAGE))
        return -EEXIST;
    return nest_add_region(context, address, size, flags & MEMORY_WRITE, &region);
}

static int release(void *context, struct iris_request *rq, uint32_t address, uint32_t size)
{
    struct nest_region *region = region_at(context, address);

    (void)rq;
    if (region == NULL || region->address != address ||
        region->size != ((size + PAGE - 1) & -(uint32_t)PAGE))
        return -EINVAL;
    remove_region(region);
    return 0;
}

/* ---- The process service: a process of its own, whose end is told to us ---- */

static int process_ends(void *context, struct iris_request *rq, uint32_t status)
{
    struct nest *nest = context;

    (void)rq;
    nest->ended = true;
    nest->status = status;
    return 0;
}

static int identify(void *context, struct iris_request *rq, uint32_t *pid, uint32_t *parent)
{
    (void)context;
    (void)rq;
    *pid = 1;
    *parent = 0;
    return 0;
}

/* ---- Serving ---- */

static const struct memory_server memory_operations = {
    .allocate = allocate, .allocate_at = allocate_at, .release = release};
static const struct process_server process_operations = {.exit = process_ends,
                                                         .identify_self = identify};
static const struct iris_service services[] = {MEMORY_SERVICE(&memory_operations),
                                               PROCESS_SERVICE(&process_operations)};

static int locate(void *context, uint32_t badge, struct iris_target *target)
{
    (void)context;
    if (badge != BADGE_MEMORY && badge != BADGE_PROCESS)
        return -EBADF;
    target->services = &services[badge == BADGE_PROCESS];
    target->count = 1;
    return 0;
}

void nest_serve(struct nest *nest, uint64_t deadline)
{
    const struct iris_server server = {
        .port = nest->port, .context = nest, .locate = locate, .event = serve_event};
    struct iris_request rq = {0};

    if (iris_server_begin(&server) < 0)
        return;
    rq.message.tag = IRIS_TAG_NO_REPLY;
    while (!nest->ended) {
        iris_utcb()->deadline = deadline;
        rq.message.tag |= IRIS_TAG_DEADLINE;
        if (iris_ipc_reply_and_wait(&rq.message) < 0)
            return;
        if (!iris_server_serve(&server, &rq))
            rq.message = (struct iris_message){.tag = IRIS_TAG_NO_REPLY};
    }
}

/* ---- Making and ending ---- */

static int make_portal(const struct nest *nest, uint32_t badge, uint32_t *slot)
{
    *slot = (uint32_t)iris_slot_alloc();
    return iris_portal_create(nest->port, *slot, badge, IRIS_RIGHT_CALL | IRIS_RIGHT_COPY, 0);
}

int nest_create(struct nest *nest)
{
    struct iris_space_info own;
    int error;

    memset(nest, 0, sizeof *nest);
    nest->port = (uint32_t)iris_slot_alloc();
    nest->space = (uint32_t)iris_slot_alloc();
    if ((error = iris_port_create(nest->port)) < 0 ||
        (error = make_portal(nest, BADGE_MEMORY, &nest->memory)) < 0 ||
        (error = make_portal(nest, BADGE_PROCESS, &nest->process)) < 0 ||
        (error = make_portal(nest, BADGE_HANDLER, &nest->handler)) < 0 ||
        (error = iris_space_inspect(0, IRIS_INSPECT_SPACE, 0, &own, 1)) < 0)
        return error;
    return iris_space_create(nest->space, NEST_KERNEL_PAGES, own.ceiling, nest->memory,
                             nest->handler, nest->handler);
}

void nest_destroy(struct nest *nest)
{
    iris_port_bind(0);
    iris_object_destroy(nest->space);
    for (unsigned i = 0; i < NEST_REGIONS; i++)
        if (nest->regions[i].size != 0)
            remove_region(&nest->regions[i]);
    iris_handle_discard(nest->space);
    iris_handle_discard(nest->memory);
    iris_handle_discard(nest->process);
    iris_handle_discard(nest->handler);
    iris_handle_discard(nest->port);
}
