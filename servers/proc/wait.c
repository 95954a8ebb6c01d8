/* SPDX-License-Identifier: MIT */
/*
 * What a parent learns of its children: ends, stops, continuations. Each is told once, to a thread
 * that waits or to the next that asks.
 */
#include "proc.h"

#include <stdlib.h>
#include <sys/wait.h>

#define STATUS_CONTINUED 0xffffu /* <sys/wait.h> */

static bool is_child(const struct process *p, const struct wanted *wanted)
{
    if (p->parent != wanted->parent || p->adopted)
        return false;
    if (wanted->which == PROCESS_WHICH_ONE)
        return p->pid == wanted->id;
    return wanted->which == PROCESS_WHICH_ALL || p->group == wanted->id;
}

/* Is there anything of it that is asked for and has not been told? */
static bool has_news(const struct process *p, const struct wanted *wanted)
{
    if (p->ended)
        return !(wanted->flags & PROCESS_WAIT_NOT_ENDED);
    if (p->change == STATUS_CONTINUED)
        return wanted->flags & PROCESS_WAIT_CONTINUED;
    return p->change != 0 && wanted->flags & PROCESS_WAIT_STOPPED;
}

static bool has_children(const struct wanted *wanted)
{
    const struct process *p = processes;

    while (p != NULL && !is_child(p, wanted))
        p = p->next;
    return p != NULL;
}

/* Takes the news; true: it was the end. */
static bool take_news(struct process *p, uint32_t *status)
{
    *status = p->ended ? p->status : p->change;
    p->change = 0;
    return p->ended;
}

static bool is_dead(uint32_t reply)
{
    struct iris_handle_info info;
    return iris_handle_identify(reply, 0, &info) < 0 || info.type != IRIS_TYPE_REPLY;
}

static void remove_waiter(struct waiter **place)
{
    struct waiter *waiter = *place;

    *place = waiter->next;
    free(waiter);
}

/* Threads that were interrupted, or ended, no longer wait. */
static void sweep(struct process *parent)
{
    for (struct waiter **place = &parent->waiters; *place != NULL;) {
        if (is_dead((*place)->reply)) {
            iris_handle_discard((*place)->reply);
            remove_waiter(place);
        } else {
            place = &(*place)->next;
        }
    }
}

static int add_waiter(struct iris_request *rq, struct process *caller, const struct wanted *wanted)
{
    struct waiter *waiter = malloc(sizeof *waiter);

    if (waiter == NULL)
        return -ENOMEM;
    int reply = iris_request_keep(rq);
    if (reply < 0) {
        free(waiter);
        return reply;
    }
    *waiter = (struct waiter){.next = caller->waiters, .wanted = *wanted, .reply = (uint32_t)reply};
    caller->waiters = waiter;
    return IRIS_DEFER;
}

int process_await(struct iris_request *rq, struct process *caller, const struct wanted *wanted,
                  uint32_t *pid, uint32_t *status)
{
    for (struct process *p = processes; p != NULL; p = p->next) {
        if (!is_child(p, wanted) || !has_news(p, wanted))
            continue;
        *pid = p->pid;
        *status = p->ended ? p->status : p->change;
        if (!(wanted->flags & PROCESS_WAIT_KEEP) && take_news(p, status))
            process_free(p);
        return 0;
    }
    if (!has_children(wanted))
        return -ENOENT;
    sweep(caller);
    return wanted->flags & PROCESS_WAIT_POLL ? -EAGAIN : add_waiter(rq, caller, wanted);
}

bool wait_tell(struct process *child)
{
    struct process *parent = process_find(child->parent);
    uint32_t status = child->ended ? child->status : child->change;
    struct waiter **place = parent != NULL ? &parent->waiters : NULL;

    while (place != NULL && *place != NULL) {
        struct waiter *waiter = *place;
        if (!is_child(child, &waiter->wanted) || !has_news(child, &waiter->wanted)) {
            place = &waiter->next;
            continue;
        }
        bool keeps = waiter->wanted.flags & PROCESS_WAIT_KEEP;
        bool told = process_wait_reply(waiter->reply, 0, child->pid, status) == 0;
        remove_waiter(place);
        if (told && !keeps) /* else that thread is gone, or only looked: try another */
            return take_news(child, &status);
    }
    return false;
}

void wait_drop(struct process *parent)
{
    while (parent->waiters != NULL) {
        iris_handle_discard(parent->waiters->reply);
        remove_waiter(&parent->waiters);
    }
}

void wait_release(struct process *parent)
{
    struct waiter **place = parent != NULL ? &parent->waiters : NULL;

    while (place != NULL && *place != NULL) {
        struct waiter *waiter = *place;
        if (has_children(&waiter->wanted)) {
            place = &waiter->next;
        } else {
            process_wait_reply(waiter->reply, -ENOENT, 0, 0);
            remove_waiter(place);
        }
    }
}
