/* SPDX-License-Identifier: MIT */
/*
 * Starting mem. There is no pager yet, so all its pages are there from the start: neighbouring
 * frames of free memory, which mem will find among its own mappings and never give to anybody.
 */
#include "root.h"

#include <string.h>

#include <iris/startup_block.h>

#include "service.h"

#define WINDOW 0x80000000u /* where root sees the frames while it fills them */
#define STACK_PAGES 8u
#define STACK_TOP IRIS_PROGRAM_BASE
#define PAGE IRIS_PAGE_SIZE

static struct {
    struct elf_program program;
    uint32_t frame, pages; /* all of mem: its segments, then its stack */
    struct startup_result start;
} first;

static uint32_t count_pages(void)
{
    uint32_t pages = STACK_PAGES;

    for (uint32_t i = 0; i < first.program.segments; i++)
        pages += first.program.segment[i].size / PAGE;
    return pages;
}

/* The start of the largest free range. */
static int find_frames(void)
{
    struct iris_memory_range range;
    uint32_t cursor = 0, best = 0;

    while (iris_space_inspect(IRIS_SLOT_MEMORY, IRIS_INSPECT_MEMORY, cursor, &range, 1) == 1) {
        cursor = range.index + 1;
        if (range.kind == IRIS_MEMORY_FREE && range.pages > best) {
            best = range.pages;
            first.frame = range.frame;
        }
    }
    return best > first.pages ? 0 : -ENOMEM;
}

static int map_frames(uint32_t space, uint32_t address, uint32_t frame, uint32_t pages,
                      uint32_t flags)
{
    while (pages > 0) {
        int count = iris_memory_map(space, address, IRIS_SLOT_MEMORY, frame * PAGE, pages, flags);
        if (count <= 0)
            return count < 0 ? count : -ENOMEM;
        address += (uint32_t)count * PAGE;
        frame += (uint32_t)count;
        pages -= (uint32_t)count;
    }
    return 0;
}

/* What mem's stack holds at first: its name as the only argument. */
static int fill_stack(uint8_t *stack)
{
    const struct startup_request request = {
        .strings = "mem",
        .strings_size = 4,
        .argc = 1,
        .path = "bin/mem",
        .headers = first.program.headers,
        .headers_count = first.program.headers_count,
        .entry = first.program.entry,
        .vdso = IRIS_VDSO_BASE,
        .utcb = IRIS_UTCB_BASE,
        .stack_low = STACK_TOP - STACK_PAGES * PAGE,
        .tls_size = first.program.tls_size,
        .tls_align = first.program.tls_align,
    };
    return startup_build(stack, STACK_PAGES * PAGE, STACK_TOP, &request, &first.start);
}

static int fill(const uint8_t *file)
{
    uint8_t *to = (uint8_t *)WINDOW;
    int status = map_frames(0, WINDOW, first.frame, first.pages, IRIS_MAP_WRITE);

    if (status < 0)
        return status;
    memset(to, 0, first.pages * PAGE);
    for (uint32_t i = 0; i < first.program.segments; i++) {
        const struct elf_segment *segment = &first.program.segment[i];
        memcpy(to, file + segment->file_offset, segment->file_size);
        to += segment->size;
    }
    status = fill_stack(to);
    iris_memory_unmap(0, WINDOW, first.pages, IRIS_UNMAP_OWN);
    return status;
}

static int map_into(uint32_t space)
{
    uint32_t frame = first.frame;

    for (uint32_t i = 0; i < first.program.segments; i++) {
        const struct elf_segment *segment = &first.program.segment[i];
        int status = map_frames(space, segment->address, frame, segment->size / PAGE,
                                segment->writable ? IRIS_MAP_WRITE : 0);
        if (status < 0)
            return status;
        frame += segment->size / PAGE;
    }
    return map_frames(space, STACK_TOP - STACK_PAGES * PAGE, frame, STACK_PAGES, IRIS_MAP_WRITE);
}

static int create(struct launch *launch)
{
    const struct server_config *wanted = &config.server[0];

    launch->space = root_slot();
    launch->thread = root_slot();
    int status = iris_space_create(launch->space, server_kernel_pages(0), wanted->priority, 0,
                                   launch->watch, launch->watch);
    if (status >= 0)
        status = map_into(launch->space);
    if (status >= 0)
        status = iris_thread_create(launch->space, launch->thread, 0, wanted->priority);
    return status;
}

/* From here on all memory is mem's. */
static int give(const struct launch *launch)
{
    int status = launch_give(launch, launch->space, IRIS_SLOT_SPACE,
                             IRIS_RIGHT_MAP | IRIS_RIGHT_INSPECT | IRIS_RIGHT_CONTROL);
    if (status == 0)
        status =
            launch_give(launch, IRIS_SLOT_MEMORY, IRIS_SLOT_MEMORY, IRIS_RIGHT_ALL | IRIS_MOVE);
    return status == 0 ? server_give(0) : status;
}

static int start(struct launch *launch)
{
    struct tar_file file;

    if (!tar_find(&archive, "bin/mem", &file)) {
        launch->problem = "its program is missing from the boot archive";
        return -ENOENT;
    }
    const uint8_t *data = archive.data + file.offset;
    const struct elf_head head = {data, file.size, file.size};
    launch->problem = elf_read(&head, IRIS_PROGRAM_BASE, WINDOW, &first.program);
    if (launch->problem != NULL)
        return -EINVAL;
    first.pages = count_pages();
    launch->watch = server_watch(0);
    launch->file = data;
    launch->file_size = file.size;
    int status = find_frames();
    if (status == 0)
        status = fill(data);
    if (status == 0)
        status = create(launch);
    if (status >= 0)
        status = give(launch);
    if (status == 0)
        status = launch_send_start(launch->thread, first.program.entry, first.start.stack_pointer,
                                   first.start.thread_pointer);
    return status == 0 ? server_is_alive(0) : status;
}

bool first_start(void)
{
    int status = start(&servers[0].launch);
    const char *problem = servers[0].launch.problem;

    if (status < 0)
        stage_failed(error_name(status), "server mem", problem != NULL ? ", " : NULL, problem,
                     NULL);
    else
        stage_ok("server mem", NULL);
    return status >= 0;
}
