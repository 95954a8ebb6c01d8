/* SPDX-License-Identifier: MIT */
/* Beginning: a program of the boot archive, or one whose caller brings its contents, becomes a
   process that stands still, is given its files, and goes off. */
#include "proc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h" /* generated from servers/mem/memory.idl */
#include "service.h"
#include "stub.h"
#include "tar.h"

/* What a process may spend, as shares of what there is; more of it in a large machine. */
#define KERNEL_PAGES_SHARE(pages) ((pages) < 8192 ? 27u : 20u)
#define KERNEL_PAGES_LEAST 24u
#define MEMORY_SHARE 4u

/* What a caller has brought: arguments and environment, or a part of a program. */
static char block_bytes[LAUNCH_ARGUMENTS_MAX];
_Static_assert(PROCESS_CONTROL_LOAD_BYTES <= sizeof block_bytes, "a part that is loaded");
_Static_assert(PROCESS_HEAD_BYTES <= sizeof block_bytes, "the beginning of a program");
static uint32_t kernel_pages, quota_pages;

void spawn_start(void)
{
    struct memory_summary memory = {.total_pages = 0};
    struct iris_space_info own = {.pages_limit = 0};

    iris_buffer_touch(block_bytes, sizeof block_bytes, true);
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
    if (block.length > sizeof block_bytes)
        return -E2BIG;
    int count = iris_buffer_read(block, 0, block_bytes, block.length);
    if (count < 0)
        return count;
    return (uint32_t)count == block.length ? 0 : -EINVAL;
}

/* ---- Making ---- */

/* The portals that are the process's own, and what every process has. */
static int give_services(const struct process *process)
{
    const uint32_t rights = IRIS_RIGHT_CALL | IRIS_RIGHT_NOTIFY | IRIS_RIGHT_COPY;
    const struct launch *l = &process->launch;
    int status = launch_give(l, process->self, IRIS_SLOT_PROCESS, rights);

    if (status == 0)
        status = launch_give(l, IRIS_SLOT_NAMES, IRIS_SLOT_NAMES, rights);
    if (status == 0)
        status = launch_give(l, IRIS_SLOT_LOG, IRIS_SLOT_LOG, rights);
    return status;
}

static void remember_main_thread(struct process *process)
{
    struct iris_handle_info info;

    if (iris_handle_identify(process->launch.thread, 0, &info) >= 0)
        process->main_thread = info.object;
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

/* `program`: the fields of the file. */
static int build(struct process *process, const struct launch *program)
{
    int status = make_portals(process);

    if (status < 0)
        return status;
    process->launch = (struct launch){.file = program->file,
                                      .file_size = program->file_size,
                                      .archive_offset = program->archive_offset,
                                      .head = program->head,
                                      .control = SERVER_SLOT_CONTROL,
                                      .watch = process->watch,
                                      .priority = ARCHIVE_PROGRAMS_PRIORITY,
                                      .ceiling = PROCESS_CEILING,
                                      .kernel_pages = kernel_pages,
                                      .quota_pages = quota_pages,
                                      .pid = process->pid};
    status = launch_create(&process->launch);
    process->launch.head = NULL; /* the next caller's bytes come there */
    if (status < 0)
        return status;
    remember_main_thread(process);
    return give_services(process);
}

/* Who is not root's has the parent's group and session. */
static void inherit(struct process *process, const struct process *parent)
{
    process->group = parent->adopted ? process->pid : parent->group;
    process->session = parent->adopted ? process->pid : parent->session;
}

static int make(const struct process *parent, const char *name, const struct launch *program,
                struct process **child)
{
    struct process *process = process_new(parent->pid, name);

    if (process == NULL)
        return -ENOMEM;
    inherit(process, parent);
    int status = build(process, program);
    if (status < 0)
        process_free(process);
    else
        *child = process;
    return status < 0 ? status : 0;
}

int spawn(const struct process *parent, const char *path, struct process **child)
{
    struct tar_file file;

    path += strspn(path, "/");
    if (!tar_find(&archive, path, &file))
        return -ENOENT;
    const struct launch program = {
        .file = archive.data + file.offset, .file_size = file.size, .archive_offset = file.offset};
    return make(parent, last_component(path), &program, child);
}

/* ---- From any other file ---- */

int spawn_loaded(const struct process *parent, const char *name, uint32_t size,
                 struct iris_buffer_ref head, struct process **child)
{
    uint32_t most = size < PROCESS_HEAD_BYTES ? size : PROCESS_HEAD_BYTES;

    if (head.length != most)
        return -EINVAL;
    int status = read_block(head);
    if (status < 0)
        return status;
    const struct elf_head beginning = {block_bytes, most, size};
    const struct launch program = {.head = &beginning};
    return make(parent, name, &program, child);
}

int spawn_load(struct process *child, struct iris_buffer_ref data, uint32_t *offset, uint32_t *left)
{
    if (child->started || child->ended)
        return -EBUSY;
    if (child->launch.file != NULL) /* all of it is in the archive */
        return -EINVAL;
    int status = read_block(data);
    if (status == 0)
        status = launch_load(&child->launch, block_bytes, data.length);
    if (status == 0)
        launch_wanted(&child->launch, offset, left);
    return status;
}

/* ---- Files ---- */

static uint32_t slot_of(const struct process *child, uint32_t descriptor)
{
    uint32_t others = 0;

    if (descriptor <= IRIS_SLOT_STDERR - IRIS_SLOT_STDIN)
        return IRIS_SLOT_STDIN + descriptor;
    for (uint32_t i = 0; i < child->files_count; i++)
        others += child->files[i].slot >= IRIS_SLOT_FREE;
    return IRIS_SLOT_FREE + others;
}

static int add_file(struct process *child, uint32_t descriptor, uint32_t slot)
{
    size_t size = (child->files_count + 1) * sizeof *child->files;
    struct iris_file_slot *larger = realloc(child->files, size);

    if (larger == NULL)
        return -ENOMEM;
    child->files = larger;
    child->files[child->files_count++] = (struct iris_file_slot){descriptor, slot};
    return 0;
}

int spawn_give(struct process *child, uint32_t descriptor, uint32_t file)
{
    const uint32_t rights = IRIS_RIGHT_CALL | IRIS_RIGHT_NOTIFY | IRIS_RIGHT_COPY;

    if (child->started || child->ended)
        return -EBUSY;
    if (descriptor > PROCESS_CONTROL_DESCRIPTOR_MAX)
        return -EINVAL;
    if (child->files_count == PROCESS_CONTROL_FILES_MAX)
        return -EMFILE;
    for (uint32_t i = 0; i < child->files_count; i++)
        if (child->files[i].descriptor == descriptor)
            return -EEXIST;
    uint32_t slot = slot_of(child, descriptor);
    int status = launch_give(&child->launch, file, slot, rights);
    return status == 0 ? add_file(child, descriptor, slot) : status;
}

/* ---- Starting ---- */

static int take_terms(struct process *child, const struct start_terms *terms)
{
    int status = 0;

    if (terms->flags & PROCESS_CONTROL_START_PRIORITY) {
        if (terms->priority > PROCESS_CEILING)
            return -EINVAL;
        status = iris_thread_schedule(child->launch.thread, terms->priority, 0, 0, 0, 0);
    }
    if (status >= 0 && terms->flags & PROCESS_CONTROL_START_SESSION)
        status = session_begin(child);
    else if (status >= 0 && terms->flags & PROCESS_CONTROL_START_GROUP)
        status = group_join(child, terms->group);
    child->ignored = terms->ignored;
    return status < 0 ? status : 0;
}

static int send_off(struct process *child, uint32_t argc, uint32_t envc, uint32_t size,
                    const struct start_terms *terms)
{
    struct launch *l = &child->launch;

    l->path = child->name;
    l->strings = block_bytes;
    l->strings_size = size;
    l->argc = argc;
    l->envc = envc;
    l->files = child->files;
    l->files_count = child->files_count;
    l->tells_files = true;
    l->blocked = terms->blocked;
    l->ignored = terms->ignored;
    l->tells_umask = terms->flags & PROCESS_CONTROL_START_UMASK;
    l->umask = terms->flags >> PROCESS_CONTROL_START_UMASK_SHIFT & 0777;
    int status = launch_start(l);
    l->path = l->strings = NULL;
    return status;
}

/* Does it lack a part of its program? */
static bool is_incomplete(const struct process *child)
{
    uint32_t offset, left;

    launch_wanted(&child->launch, &offset, &left);
    return child->launch.file == NULL && left != 0;
}

int spawn_begin(struct process *child, uint32_t argc, uint32_t envc, struct iris_buffer_ref block,
                const struct start_terms *terms)
{
    if (child->started || child->ended)
        return -EBUSY;
    if (is_incomplete(child))
        return -ENOEXEC;
    int status = read_block(block);
    if (status == 0)
        status = take_terms(child, terms);
    if (status == 0)
        status = send_off(child, argc, envc, block.length, terms);
    if (status < 0)
        return status;
    child->started = true;
    free(child->files);
    child->files = NULL;
    child->files_count = 0;
    return 0;
}
