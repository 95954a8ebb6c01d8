/* SPDX-License-Identifier: MIT */
/*
 * Ending. The space goes at once; the record stays until the parent has asked for it. Without a
 * parent nobody will, and it goes as well.
 */
#include "proc.h"

#include <stdlib.h>

/* ---- Waiting ---- */

static bool is_awaited(const struct process *child, uint32_t parent, uint32_t pid)
{
    return child->parent == parent && !child->adopted && (pid == 0 || child->pid == pid);
}

/* A child that fits, one that has ended rather than another. */
static struct process *find_child(uint32_t parent, uint32_t pid)
{
    struct process *found = NULL;

    for (struct process *p = processes; p != NULL; p = p->next)
        if (is_awaited(p, parent, pid) && (found == NULL || (p->ended && !found->ended)))
            found = p;
    return found;
}

static int add_waiter(struct iris_request *rq, struct process *caller, uint32_t pid)
{
    struct waiter *waiter = malloc(sizeof *waiter);

    if (waiter == NULL)
        return -ENOMEM;
    int reply = iris_request_keep(rq);
    if (reply < 0) {
        free(waiter);
        return reply;
    }
    *waiter = (struct waiter){.next = caller->waiters, .pid = pid, .reply = (uint32_t)reply};
    caller->waiters = waiter;
    return IRIS_DEFER;
}

int process_await(struct iris_request *rq, struct process *caller, uint32_t pid, uint32_t flags,
                  uint32_t *ended, uint32_t *status)
{
    struct process *child = find_child(caller->pid, pid);

    if (child == NULL)
        return -ENOENT;
    if (!child->ended)
        return flags & PROCESS_WAIT_POLL ? -EAGAIN : add_waiter(rq, caller, pid);
    *ended = child->pid;
    *status = child->status;
    process_free(child);
    return 0;
}

/* Takes out a waiter whom this child's end concerns; NULL: there is none. */
static struct waiter *take_waiter(struct process *parent, uint32_t pid)
{
    for (struct waiter **place = &parent->waiters; *place != NULL; place = &(*place)->next) {
        struct waiter *waiter = *place;
        if (waiter->pid == 0 || waiter->pid == pid) {
            *place = waiter->next;
            return waiter;
        }
    }
    return NULL;
}

/* Tells a waiting thread of the parent; true: somebody now knows, and the record may go. */
static bool tell(struct process *parent, const struct process *child)
{
    struct waiter *waiter;
    bool told = false;

    while (!told && (waiter = take_waiter(parent, child->pid)) != NULL) {
        told = process_wait_reply(waiter->reply, 0, child->pid, child->status) == 0;
        free(waiter); /* if the answer failed, that thread has died: try another */
    }
    return told;
}

/* ---- Ending ---- */

static void drop_waiters(struct process *process)
{
    for (struct waiter *waiter = process->waiters, *next; waiter != NULL; waiter = next) {
        next = waiter->next;
        iris_handle_discard(waiter->reply);
        free(waiter);
    }
    process->waiters = NULL;
}

/* Children go on without a parent; those that have ended already are done with. */
static void leave_children(uint32_t parent)
{
    for (struct process *p = processes, *next; p != NULL; p = next) {
        next = p->next;
        if (p->parent != parent)
            continue;
        p->parent = 0;
        if (p->ended)
            process_free(p);
    }
}

void process_end(struct process *process, uint32_t status)
{
    if (process->ended || process->adopted)
        return;
    process->ended = true;
    process->status = status;
    launch_destroy(&process->launch);
    process_portal_drop(&process->self);
    process_portal_drop(&process->watch);
    drop_waiters(process);
    leave_children(process->pid);
    if (process->subscriber != 0)
        iris_notify(process->subscriber, process->subscriber_bits);
    struct process *parent = process_find(process->parent);
    if (parent == NULL || tell(parent, process))
        process_free(process);
}
