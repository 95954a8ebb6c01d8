/* SPDX-License-Identifier: MIT */
/* Starting a program in the nest, as the process service starts one. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <iris/calls.h>
#include <iris/ipc.h>
#include <iris/startup_block.h>

#include "checkpoint.h"
#include "elf.h"
#include "launch.h"
#include "slots.h"

#define STACK_TOP IRIS_PROGRAM_BASE
#define OWN_SPACE_RIGHTS                                                                           \
    (IRIS_RIGHT_MAP | IRIS_RIGHT_CONTROL | IRIS_RIGHT_INSPECT | IRIS_RIGHT_COPY)

static uint8_t *read_file(const char *path, uint32_t *size)
{
    int fd = open(path, O_RDONLY);
    struct stat status;
    uint8_t *data = NULL;
    ssize_t count = 1;

    if (fd < 0)
        return NULL;
    if (fstat(fd, &status) == 0 && (data = malloc((size_t)status.st_size)) != NULL) {
        for (*size = 0; *size < (uint32_t)status.st_size && count > 0; *size += (uint32_t)count)
            count = read(fd, data + *size, (size_t)status.st_size - *size);
        if (count <= 0) {
            free(data);
            data = NULL;
        }
    }
    close(fd);
    return data;
}

static bool add_segments(struct nest *nest, const struct elf_program *program, const uint8_t *file)
{
    for (uint32_t i = 0; i < program->segments; i++) {
        const struct elf_segment *segment = &program->segment[i];
        struct nest_region *region;
        if (nest_add_region(nest, segment->address, segment->size, segment->writable, &region) < 0)
            return false;
        memcpy((void *)region->own, file + segment->file_offset, segment->file_size);
        for (uint32_t page = 0; page * IRIS_PAGE_SIZE < segment->file_size; page++)
            nest_touch_page(region, page);
    }
    return true;
}

/* Arguments on the top of its stack. */
static bool add_stack(struct nest *nest, const struct elf_program *program, const char *path,
                      int argc, char *argv[], struct startup_result *result)
{
    static char strings[2048];
    struct nest_region *region;
    uint32_t used = 0;

    if (nest_add_region(nest, STACK_TOP - NEST_STACK, NEST_STACK, true, &region) < 0)
        return false;
    for (int i = 0; i < argc; i++) {
        size_t length = strlen(argv[i]) + 1;
        if (length > sizeof strings - used)
            return false;
        memcpy(strings + used, argv[i], length);
        used += (uint32_t)length;
    }
    struct startup_request request = {
        .strings = strings,
        .strings_size = used,
        .argc = (uint32_t)argc,
        .path = path,
        .headers = program->headers,
        .headers_count = program->headers_count,
        .entry = program->entry,
        .vdso = IRIS_VDSO_BASE,
        .utcb = IRIS_UTCB_BASE,
        .pid = 1,
        .stack_low = region->address,
        .tls_size = program->tls_size,
        .tls_align = program->tls_align,
    };
    uint32_t image = 4 * IRIS_PAGE_SIZE;
    if (startup_build((void *)(region->own + NEST_STACK - image), image, STACK_TOP, &request,
                      result) < 0)
        return false;
    for (uint32_t page = (NEST_STACK - image) / IRIS_PAGE_SIZE; page < NEST_STACK / IRIS_PAGE_SIZE;
         page++)
        nest_touch_page(region, page);
    return true;
}

static uint32_t own_priority(void)
{
    struct iris_thread_info info = {.priority = 1};
    iris_space_inspect(0, IRIS_INSPECT_THREADS, iris_utcb()->slot, &info, 1);
    return info.priority;
}

static bool give_handles(const struct nest *nest, uint32_t thread)
{
    bool given = iris_handle_copy(nest->space, nest->space, IRIS_SLOT_SPACE, OWN_SPACE_RIGHTS) == 0;

    given &= iris_handle_copy(thread, nest->space, IRIS_SLOT_THREAD,
                              IRIS_RIGHT_CONTROL | IRIS_RIGHT_COPY) == 0;
    for (unsigned i = 0; i < NEST_NAMES; i++) /* what we have ourselves */
        iris_handle_copy(nest_named(nest, i), nest->space, nest_names[i].slot,
                         IRIS_RIGHT_CALL | IRIS_RIGHT_COPY | IRIS_RIGHT_NOTIFY);
    return given;
}

const char *nest_load(struct nest *nest, const char *path, int argc, char *argv[])
{
    static struct elf_program program;
    struct startup_result start;
    uint32_t size = 0, thread = (uint32_t)iris_slot_alloc();
    uint8_t *file = read_file(path, &size);

    if (file == NULL)
        return "it cannot be read";
    const char *problem =
        elf_read(&(struct elf_head){file, size, size}, IRIS_PROGRAM_BASE, IRIS_WINDOW, &program);
    if (problem == NULL && (!add_segments(nest, &program, file) ||
                            !add_stack(nest, &program, path, argc, argv, &start)))
        problem = "no memory for it";
    free(file);
    if (problem == NULL && (iris_thread_create(nest->space, thread, 0, own_priority()) < 0 ||
                            !give_handles(nest, thread)))
        problem = "no thread for it";
    if (problem == NULL &&
        launch_send_start(thread, program.entry, start.stack_pointer, start.thread_pointer) < 0)
        problem = "it does not start";
    iris_handle_discard(thread);
    return problem;
}
