/* SPDX-License-Identifier: MIT */
/*
 * Process groups and sessions are numbers that processes share. Only the portals by which a
 * terminal signals a group are objects; they go with the group's last member.
 */
#include "proc.h"

#include <stdlib.h>

struct group_handle {
    struct group_handle *next;
    uint32_t group, portal;
};

static struct group_handle *handles;

bool group_exists(uint32_t group, uint32_t session)
{
    for (const struct process *p = processes; p != NULL; p = p->next)
        if (p->group == group && (session == 0 || p->session == session))
            return true;
    return false;
}

/* Every change of membership goes through here. */
static void move(struct process *process, uint32_t group)
{
    uint32_t old = process->group;

    process->group = group;
    if (old != group)
        group_left(old);
}

int group_join(struct process *process, uint32_t group)
{
    if (group == 0)
        group = process->pid;
    if (group != process->pid && !group_exists(group, process->session))
        return -EPERM;
    move(process, group);
    return 0;
}

int group_set(struct process *caller, uint32_t pid, uint32_t group)
{
    struct process *process = pid == 0 ? caller : process_find(pid);

    if (process == NULL || (process != caller && process->parent != caller->pid))
        return -ENOENT;
    if (process->session != caller->session || process->session == process->pid)
        return -EPERM;
    return group_join(process, group);
}

int session_begin(struct process *process)
{
    if (group_exists(process->pid, 0))
        return -EPERM;
    process->session = process->pid;
    move(process, process->pid);
    return 0;
}

bool group_is_orphaned(uint32_t group)
{
    for (const struct process *p = processes; p != NULL; p = p->next) {
        const struct process *parent = p->group == group ? process_find(p->parent) : NULL;
        if (parent != NULL && parent->group != group && parent->session == p->session)
            return false;
    }
    return true;
}

int group_portal(const struct process *caller, uint32_t group, uint32_t *slot)
{
    if (!group_exists(group, caller->session))
        return -EPERM;
    for (const struct group_handle *h = handles; h != NULL; h = h->next)
        if (h->group == group) {
            *slot = h->portal;
            return 0;
        }
    struct group_handle *handle = malloc(sizeof *handle);
    if (handle == NULL)
        return -ENOMEM;
    int status = process_portal(BADGE_GROUP | group, slot);
    if (status < 0) {
        free(handle);
        return status;
    }
    *handle = (struct group_handle){.next = handles, .group = group, .portal = *slot};
    handles = handle;
    return 0;
}

void group_left(uint32_t group)
{
    if (group_exists(group, 0))
        return;
    for (struct group_handle **place = &handles; *place != NULL; place = &(*place)->next) {
        struct group_handle *handle = *place;
        if (handle->group != group)
            continue;
        *place = handle->next;
        process_portal_drop(&handle->portal);
        free(handle);
        return;
    }
}
