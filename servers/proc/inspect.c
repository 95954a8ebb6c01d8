/* SPDX-License-Identifier: MIT */
/* Looking at processes: what `ps` shows. */
#include "proc.h"

#include "memory.h" /* generated from servers/mem/memory.idl */
#include "service.h"
#include "stub.h"

#define RECORDS_MAX 32u /* the kernel gives no more at a time */
#define RECORD_SIZE_MAX sizeof(struct iris_thread_info)

static uint8_t records_buffer[RECORDS_MAX * RECORD_SIZE_MAX] __attribute__((aligned(8)));

_Static_assert(sizeof(struct iris_space_info) <= RECORD_SIZE_MAX, "threads' records are largest");
_Static_assert(sizeof(struct iris_handle_info) <= RECORD_SIZE_MAX, "threads' records are largest");
_Static_assert(sizeof(struct iris_mapping_info) <= RECORD_SIZE_MAX, "threads' records are largest");

void inspect_start(void) { iris_buffer_touch(records_buffer, sizeof records_buffer, true); }

static uint32_t space_id(const struct process *process)
{
    struct iris_space_info info;

    if (process->launch.space == 0 ||
        iris_space_inspect(process->launch.space, IRIS_INSPECT_SPACE, 0, &info, 1) != 1)
        return 0;
    return info.id;
}

void inspect_describe(const struct process *process, struct process_info *info)
{
    struct memory_usage usage = {.resident_pages = 0};

    if (process->launch.client != 0)
        memory_control_client_usage(SERVER_SLOT_CONTROL, process->launch.client, &usage);
    *info = (struct process_info){.pid = process->pid,
                                  .parent = process->parent,
                                  .state = process->ended     ? PROCESS_STATE_ZOMBIE
                                           : process->stopped ? PROCESS_STATE_STOPPED
                                                              : PROCESS_STATE_RUNNING,
                                  .status = process->status,
                                  .resident_pages = usage.resident_pages,
                                  .quota_pages = usage.quota_pages,
                                  .space = space_id(process),
                                  .group = process->group,
                                  .session = process->session};
}

/* The size of the kernel's records of a kind, 0: no kind of a space's records. */
static uint32_t record_size(uint32_t what)
{
    switch (what) {
    case IRIS_INSPECT_SPACE:
        return sizeof(struct iris_space_info);
    case IRIS_INSPECT_HANDLES:
        return sizeof(struct iris_handle_info);
    case IRIS_INSPECT_THREADS:
        return sizeof(struct iris_thread_info);
    case IRIS_INSPECT_MAPPINGS:
        return sizeof(struct iris_mapping_info);
    default:
        return 0;
    }
}

int inspect_space(const struct process *process, uint32_t what, uint32_t cursor,
                  struct iris_buffer_ref records, uint32_t *count)
{
    uint32_t size = record_size(what);

    if (size == 0 || process->launch.space == 0)
        return size == 0 ? -EINVAL : -ENOENT;
    uint32_t most = records.length / size;
    int found = iris_space_inspect(process->launch.space, what, cursor, records_buffer,
                                   most < RECORDS_MAX ? most : RECORDS_MAX);
    if (found < 0)
        return found;
    int status = iris_buffer_write(records, 0, records_buffer, (uint32_t)found * size);
    *count = (uint32_t)found;
    return status < 0 ? status : 0;
}
