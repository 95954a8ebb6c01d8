/* SPDX-License-Identifier: MIT */
#include "proc.h"

#include <stdlib.h>
#include <string.h>

#include "service.h"

struct process *processes;

struct process *process_next(uint32_t pid)
{
    struct process *process = processes;

    while (process != NULL && process->pid < pid)
        process = process->next;
    return process;
}

struct process *process_find(uint32_t pid)
{
    struct process *process = process_next(pid);
    return process != NULL && process->pid == pid ? process : NULL;
}

static bool session_exists(uint32_t session)
{
    const struct process *process = processes;

    while (process != NULL && process->session != session)
        process = process->next;
    return process != NULL;
}

/* Pids go up and begin again when they are used up, so that a stale one is seldom somebody else's.
 */
static uint32_t unused_pid(void)
{
    static uint32_t last;

    do
        last = last < PID_MAX ? last + 1 : PID_ROOT + 1;
    while (process_find(last) != NULL || group_exists(last, 0) || session_exists(last));
    return last;
}

struct process *process_new(uint32_t parent, const char *name)
{
    struct process *process = calloc(1, sizeof *process), **place = &processes;

    if (process == NULL)
        return NULL;
    process->pid = unused_pid();
    process->parent = parent;
    strncpy(process->name, name, NAME_SIZE - 1);
    while (*place != NULL && (*place)->pid < process->pid)
        place = &(*place)->next;
    process->next = *place;
    *place = process;
    return process;
}

void process_free(struct process *process)
{
    struct process **place = &processes;

    while (*place != process)
        place = &(*place)->next;
    *place = process->next;
    launch_destroy(&process->launch);
    process_portal_drop(&process->self);
    process_portal_drop(&process->watch);
    process_portal_drop(&process->control);
    if (process->subscriber != 0)
        iris_handle_discard(process->subscriber);
    signal_drop(process);
    uint32_t group = process->group, parent = process->parent;
    free(process->files);
    free(process);
    group_left(group);
    wait_release(process_find(parent));
}

int process_portal(uint32_t badge, uint32_t *slot)
{
    int found = iris_slot_alloc();

    if (found < 0)
        return found;
    int status = iris_portal_create(SERVER_SLOT_PORT, (uint32_t)found, badge,
                                    IRIS_RIGHT_CALL | IRIS_RIGHT_COPY, 0);
    if (status < 0)
        iris_slot_free((uint32_t)found);
    else
        *slot = (uint32_t)found;
    return status < 0 ? status : 0;
}

void process_portal_drop(uint32_t *slot)
{
    if (*slot == 0)
        return;
    iris_object_destroy(*slot);
    iris_handle_discard(*slot);
    *slot = 0;
}
