/* SPDX-License-Identifier: MIT */
/* Beginning: a program of the boot archive becomes a process. */
#include "proc.h"

#include <errno.h>
#include <string.h>

#include "memory.h" /* generated from servers/mem/memory.idl */
#include "service.h"
#include "stub.h"
#include "tar.h"

/* What a process may spend, as shares of what there is; more of it in a large machine. */
#define KERNEL_PAGES_SHARE(pages) ((pages) < 8192 ? 27u : 20u)
#define KERNEL_PAGES_LEAST 24u
#define MEMORY_SHARE 4u

static char strings[LAUNCH_ARGUMENTS_MAX]; /* arguments and environment of who is being spawned */
static uint32_t kernel_pages, quota_pages;

void spawn_start(void)
{
    struct memory_summary memory = {.total_pages = 0};
    struct iris_space_info own = {.pages_limit = 0};

    iris_buffer_touch(strings, sizeof strings, true);
    memory_summary(IRIS_SLOT_MEMORY, &memory);
    iris_space_inspect(IRIS_SLOT_SPACE, IRIS_INSPECT_SPACE, 0, &own, 1);
    quota_pages = memory.total_pages / MEMORY_SHARE;
    kernel_pages = own.pages_limit / KERNEL_PAGES_SHARE(own.pages_limit);
    if (kernel_pages < KERNEL_PAGES_LEAST)
        kernel_pages = KERNEL_PAGES_LEAST;
}

static const char *last_component(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static int read_block(struct iris_buffer_ref block)
{
    if (block.length > sizeof strings)
        return -E2BIG;
    int count = iris_buffer_read(block, 0, strings, block.length);
    if (count < 0)
        return count;
    return (uint32_t)count == block.length ? 0 : -EINVAL;
}

/* The portals that are the process's own, and what every process has. */
static int give_services(struct process *process, const uint32_t files[3])
{
    const uint32_t rights = IRIS_RIGHT_CALL | IRIS_RIGHT_NOTIFY | IRIS_RIGHT_COPY;
    const struct launch *l = &process->launch;
    int status = launch_give(l, process->self, IRIS_SLOT_PROCESS, rights);

    if (status == 0)
        status = launch_give(l, IRIS_SLOT_NAMES, IRIS_SLOT_NAMES, rights);
    if (status == 0)
        status = launch_give(l, IRIS_SLOT_LOG, IRIS_SLOT_LOG, rights);
    for (uint32_t i = 0; i < 3 && status == 0; i++)
        status = launch_give(l, files[i], IRIS_SLOT_STDIN + i, rights);
    return status;
}

static void remember_main_thread(struct process *process)
{
    struct iris_handle_info info;

    if (iris_handle_identify(process->launch.thread, 0, &info) >= 0)
        process->main_thread = info.object;
}

static int build(struct process *process, const struct tar_file *file, const struct spawn *wanted)
{
    process->launch = (struct launch){.file = archive.data + file->offset,
                                      .file_size = file->size,
                                      .archive_offset = file->offset,
                                      .control = SERVER_SLOT_CONTROL,
                                      .watch = process->watch,
                                      .priority = ARCHIVE_PROGRAMS_PRIORITY,
                                      .ceiling = PROCESS_CEILING,
                                      .kernel_pages = kernel_pages,
                                      .quota_pages = quota_pages,
                                      .path = wanted->path,
                                      .strings = strings,
                                      .strings_size = wanted->block.length,
                                      .argc = wanted->argc,
                                      .envc = wanted->envc,
                                      .pid = process->pid};
    int status = launch_create(&process->launch);
    if (status < 0)
        return status;
    remember_main_thread(process);
    status = give_services(process, wanted->files);
    return status == 0 ? launch_start(&process->launch) : status;
}

static int make_portals(struct process *process)
{
    int status = process_portal(process->pid, &process->self);

    if (status == 0)
        status = process_portal(process->pid | BADGE_CONTROL, &process->control);
    if (status == 0)
        status = process_portal(process->pid | BADGE_WATCH, &process->watch);
    return status;
}

int spawn(uint32_t parent, const struct spawn *wanted, struct process **child)
{
    const char *path = wanted->path + strspn(wanted->path, "/");
    struct tar_file file;

    if (!tar_find(&archive, path, &file))
        return -ENOENT;
    int status = read_block(wanted->block);
    if (status < 0)
        return status;
    struct process *process = process_new(parent, last_component(path));
    if (process == NULL)
        return -ENOMEM;
    status = make_portals(process);
    if (status == 0)
        status = build(process, &file, wanted);
    process->launch.path = process->launch.strings = NULL; /* they were the caller's */
    if (status < 0)
        process_free(process);
    else
        *child = process;
    return status < 0 ? status : 0;
}
