/* SPDX-License-Identifier: MIT */
#include "launch.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include <iris/calls.h>
#include <iris/ipc.h>
#include <iris/layout.h>
#include <iris/object.h>

#include "memory.h" /* generated from servers/mem/memory.idl */
#include "slots.h"

#define STACK_TOP IRIS_PROGRAM_BASE
#define STACK_LOW (STACK_TOP - LAUNCH_STACK_SIZE)
#define STACK_POPULATED (4 * IRIS_PAGE_SIZE) /* of a server's */

/* What a program may do with itself: everything but destroy its space from inside. */
#define OWN_SPACE_RIGHTS                                                                           \
    (IRIS_RIGHT_MAP | IRIS_RIGHT_CONTROL | IRIS_RIGHT_INSPECT | IRIS_RIGHT_COPY)

static int reserve(uint32_t *slot)
{
    int found = iris_slot_alloc();
    *slot = found > 0 ? (uint32_t)found : 0;
    return found < 0 ? found : 0;
}

/* ---- Contents ---- */

void launch_wanted(const struct launch *l, uint32_t *offset, uint32_t *size)
{
    const struct elf_segment *segment = &l->program.segment[l->wanted_segment];

    *offset = *size = 0;
    if (l->wanted_segment == l->program.segments)
        return;
    *offset = segment->file_offset + l->wanted_offset;
    *size = segment->file_size - l->wanted_offset;
}

/* On to the next segment that has something of the file. */
static void skip_loaded(struct launch *l)
{
    while (l->wanted_segment < l->program.segments &&
           l->program.segment[l->wanted_segment].file_size == l->wanted_offset) {
        l->wanted_segment++;
        l->wanted_offset = 0;
    }
}

int launch_load(struct launch *l, const void *data, uint32_t size)
{
    uint32_t offset, most;

    launch_wanted(l, &offset, &most);
    if (size > most)
        return -EINVAL;
    if (size == 0)
        return 0;
    uint32_t address = l->program.segment[l->wanted_segment].address + l->wanted_offset;
    int status = memory_control_client_write(l->control, l->client, address, data, size);
    if (status < 0)
        return status;
    l->wanted_offset += size;
    skip_loaded(l);
    return 0;
}

/* ---- Creation ---- */

static int create_space(struct launch *l)
{
    int status = reserve(&l->space);

    if (status < 0)
        return status;
    status = iris_space_create(l->space, l->kernel_pages, l->ceiling, l->pager, l->watch, l->watch);
    if (status < 0)
        return status;
    return memory_control_client_attach(l->control, l->client, l->space);
}

static int add_stack(const struct launch *l, uint32_t populate)
{
    uint32_t top = populate != 0 ? STACK_TOP - STACK_POPULATED : STACK_TOP;
    int status = memory_control_region_add(l->control, l->client, STACK_LOW, top - STACK_LOW,
                                           MEMORY_WRITE, 0, 0);

    if (status == 0 && populate != 0)
        status = memory_control_region_add(l->control, l->client, top, STACK_POPULATED,
                                           MEMORY_WRITE | populate, 0, 0);
    return status;
}

/* What is not in the archive is zero at first. */
static int add_segment(const struct launch *l, const struct elf_segment *segment, uint32_t populate)
{
    uint32_t flags = (segment->writable ? MEMORY_WRITE : MEMORY_READ_ONLY) | populate;
    uint32_t size = l->head == NULL ? segment->file_size : 0;

    return memory_control_region_add(l->control, l->client, segment->address, segment->size, flags,
                                     size != 0 ? l->archive_offset + segment->file_offset : 0,
                                     size);
}

static int add_regions(struct launch *l)
{
    uint32_t populate = l->populate ? MEMORY_CONTROL_POPULATE : 0;
    int status = add_stack(l, populate);

    for (uint32_t i = 0; i < l->program.segments && status == 0; i++)
        status = add_segment(l, &l->program.segment[i], populate);
    return status;
}

static int create_thread(struct launch *l)
{
    int status = reserve(&l->thread);

    if (status < 0)
        return status;
    status = iris_thread_create(l->space, l->thread, 0, l->priority);
    return status < 0 ? status : 0;
}

static int give_own(struct launch *l)
{
    int status = launch_give(l, l->space, IRIS_SLOT_SPACE, OWN_SPACE_RIGHTS);

    if (status == 0)
        status = launch_give(l, l->thread, IRIS_SLOT_THREAD, IRIS_RIGHT_CONTROL | IRIS_RIGHT_COPY);
    if (status == 0)
        status = launch_give(l, l->pager, IRIS_SLOT_MEMORY, IRIS_RIGHT_CALL | IRIS_RIGHT_COPY);
    return status;
}

static int create_client(struct launch *l)
{
    return memory_control_client_create(l->control, l->quota_pages, &l->client, &l->pager);
}

int launch_create(struct launch *l)
{
    static const struct {
        const char *name;
        int (*run)(struct launch *l);
    } steps[] = {{"its client at mem", create_client},
                 {"its space", create_space},
                 {"its regions", add_regions},
                 {"its thread", create_thread},
                 {"its own handles", give_own}};

    const struct elf_head mapped = {l->file, l->file_size, l->file_size};

    l->problem =
        elf_read(l->head != NULL ? l->head : &mapped, IRIS_PROGRAM_BASE, IRIS_WINDOW, &l->program);
    if (l->problem != NULL)
        return -ENOEXEC;
    if (l->head != NULL)
        skip_loaded(l);
    for (uint32_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        int status = steps[i].run(l);
        if (status < 0) {
            l->problem = steps[i].name;
            return status;
        }
    }
    return 0;
}

int launch_give(const struct launch *l, uint32_t handle, uint32_t slot, uint32_t rights)
{
    int status = iris_handle_copy(handle, l->space, slot, rights);
    return status < 0 ? status : 0;
}

/* ---- Start ---- */

int launch_send_start(uint32_t thread, uint32_t entry, uint32_t stack_pointer,
                      uint32_t thread_pointer)
{
    struct iris_message m = {.tag = IRIS_TAG(IRIS_LABEL_START, 4),
                             .word = {entry, stack_pointer, thread_pointer}};

    iris_utcb()->words[3] = stack_pointer; /* the argument: where the start block is */
    return iris_ipc_call(thread, &m);
}

int launch_start(struct launch *l)
{
    static char image[LAUNCH_ARGUMENTS_MAX + 12288]; /* of the top of the stack */
    struct startup_request request = {
        .strings = l->strings,
        .strings_size = l->strings_size,
        .argc = l->argc,
        .envc = l->envc,
        .path = l->path,
        .cwd = l->cwd,
        .headers = l->program.headers,
        .headers_count = l->program.headers_count,
        .entry = l->program.entry,
        .vdso = IRIS_VDSO_BASE,
        .utcb = IRIS_UTCB_BASE,
        .pid = l->pid,
        .tells_umask = l->tells_umask,
        .umask = l->umask,
        .tells_files = l->tells_files,
        .files = l->files,
        .files_count = l->files_count,
        .blocked = l->blocked,
        .ignored = l->ignored,
        .stack_low = STACK_LOW,
        .tls_size = l->program.tls_size,
        .tls_align = l->program.tls_align,
    };
    struct startup_result result;

    int status = startup_build(image, sizeof image, STACK_TOP, &request, &result);
    if (status == 0)
        status = memory_control_client_write(l->control, l->client, STACK_TOP - result.used,
                                             image + sizeof image - result.used, result.used);
    if (status == 0)
        status = launch_send_start(l->thread, l->program.entry, result.stack_pointer,
                                   result.thread_pointer);
    return status;
}

/* ---- The end ---- */

static void discard(uint32_t *slot)
{
    if (*slot != 0)
        iris_handle_discard(*slot);
    *slot = 0;
}

void launch_destroy(struct launch *l)
{
    if (l->space != 0)
        iris_object_destroy(l->space);
    if (l->client != 0)
        memory_control_client_destroy(l->control, l->client);
    l->client = 0;
    discard(&l->thread);
    discard(&l->space);
    discard(&l->pager);
}
