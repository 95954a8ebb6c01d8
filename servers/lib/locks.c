/* SPDX-License-Identifier: MIT */
#include "locks.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include <iris/calls.h>

#include "lock_ranges.h"
#include "slots.h"

#define LOCKERS_MAX 32u
#define LOCKER_BADGE 0x10000u /* of the first; beyond all open files */
#define WAITERS_EACH 8u       /* of a locker, or an open file */
#define RIGHTS (IRIS_RIGHT_CALL | IRIS_RIGHT_COPY)

/* A process that locks. */
struct locker {
    uint32_t portal; /* slot of the server's own handle; 0: the place is free */
    uint32_t space;
    struct lock_ranges ranges;
};

/* A caller that waits for a lock: for a range with a locker, for the whole file without. */
struct lock_waiter {
    struct lock_waiter *next;
    uint32_t reply;
    struct opened *opened;
    struct locker *locker;
    struct lock_range wanted;
};

static struct {
    struct opened_table *table;
    struct locker locker[LOCKERS_MAX];
    struct lock_waiter *waiters; /* first come first */
} locks;

void locks_begin(struct opened_table *table) { locks.table = table; }

/* ---- Who locks ---- */

static struct locker *locker_find(uint32_t badge)
{
    uint32_t place = badge - LOCKER_BADGE;
    return place < LOCKERS_MAX && locks.locker[place].portal != 0 ? &locks.locker[place] : NULL;
}

/* The locker behind a handle that a client shows. */
static struct locker *locker_behind(uint32_t handle)
{
    struct iris_handle_info info;

    if (iris_handle_identify(handle, locks.table->port, &info) < 0 ||
        info.type != IRIS_TYPE_PORTAL || info.port != locks.table->device)
        return NULL;
    return locker_find(info.badge);
}

/* ---- What is in the way ---- */

/* The first lock of another process; NULL: none. */
static const struct lock_range *find_hindrance(const struct locker *self,
                                               const struct lock_range *wanted,
                                               const struct locker **whose)
{
    const struct lock_range *first = NULL;

    for (const struct locker *other = locks.locker; other < locks.locker + LOCKERS_MAX; other++) {
        const struct lock_range *range =
            other->portal != 0 && other != self ? lock_ranges_hinder(&other->ranges, wanted) : NULL;
        if (range != NULL && (first == NULL || range->start < first->start)) {
            first = range;
            *whose = other;
        }
    }
    return first;
}

/* Whether another open file of the node is locked so that this one cannot be. */
static bool whole_is_hindered(const struct opened *opened, bool exclusive)
{
    for (uint32_t i = 0; i < locks.table->most; i++) {
        const struct opened *other = &locks.table->file[i];
        if (other->portal != 0 && other != opened && other->node == opened->node &&
            (other->lock == FILE_LOCK_KIND_EXCLUSIVE ||
             (exclusive && other->lock != FILE_LOCK_KIND_UNLOCKED)))
            return true;
    }
    return false;
}

/* ---- Waiting ---- */

static void waiter_remove(struct lock_waiter **place)
{
    struct lock_waiter *waiter = *place;

    *place = waiter->next;
    free(waiter);
}

/* Forgets those that have died: their REPLY handles name nothing any more. */
static void sweep(void)
{
    struct lock_waiter **place = &locks.waiters;
    struct iris_handle_info info;

    while (*place != NULL) {
        if (iris_handle_identify((*place)->reply, 0, &info) >= 0 && info.type == IRIS_TYPE_REPLY) {
            place = &(*place)->next;
            continue;
        }
        iris_handle_discard((*place)->reply);
        waiter_remove(place);
    }
}

static int waiter_add(struct iris_request *rq, const struct lock_waiter *model)
{
    struct lock_waiter **place = &locks.waiters, *waiter = malloc(sizeof *waiter);
    uint32_t of_same = 0;

    for (; *place != NULL; place = &(*place)->next)
        of_same += model->locker != NULL ? (*place)->locker == model->locker
                                         : (*place)->opened == model->opened;
    int reply = waiter == NULL || of_same >= WAITERS_EACH ? -ENOLCK : iris_request_keep(rq);
    if (reply < 0) {
        free(waiter);
        return reply;
    }
    *waiter = *model;
    waiter->reply = (uint32_t)reply;
    *place = waiter;
    return IRIS_DEFER;
}

/* Gives it what it waits for and says so: true, and it is to be removed. If it died meanwhile
   nothing has changed. */
static bool waiter_serve(struct lock_waiter *waiter)
{
    static struct lock_ranges before;
    const struct locker *whose;

    if (waiter->locker == NULL) {
        if (whole_is_hindered(waiter->opened, waiter->wanted.exclusive))
            return false;
        uint32_t old = waiter->opened->lock;
        waiter->opened->lock =
            waiter->wanted.exclusive ? FILE_LOCK_KIND_EXCLUSIVE : FILE_LOCK_KIND_SHARED;
        if (file_lock_whole_reply(waiter->reply, 0) != 0)
            waiter->opened->lock = old;
        return true;
    }
    if (find_hindrance(waiter->locker, &waiter->wanted, &whose) != NULL)
        return false;
    before = waiter->locker->ranges;
    int status = lock_ranges_set(&waiter->locker->ranges, &waiter->wanted, true);
    if (file_lock_reply(waiter->reply, status) != 0)
        waiter->locker->ranges = before;
    return true;
}

/* Something was unlocked. */
static void serve_waiters(void)
{
    struct lock_waiter **place = &locks.waiters;

    while (*place != NULL) {
        if (waiter_serve(*place))
            waiter_remove(place);
        else
            place = &(*place)->next;
    }
}

/* ---- Deadlock ---- */

/*
 * Whether somebody whom `from`, directly or by others, would wait for waits for `self`. With
 * several threads a process that waits may yet unlock in another one; POSIX lets it be told all the
 * same. What waits at two servers in a circle is not seen.
 */
static bool leads_to(const struct locker *from, const struct lock_range *wanted,
                     const struct locker *self, uint32_t *seen)
{
    for (const struct locker *other = locks.locker; other < locks.locker + LOCKERS_MAX; other++) {
        uint32_t bit = 1u << (other - locks.locker);
        if (other->portal == 0 || other == from || lock_ranges_hinder(&other->ranges, wanted) == 0)
            continue;
        if (other == self)
            return true;
        if (*seen & bit)
            continue;
        *seen |= bit;
        for (const struct lock_waiter *w = locks.waiters; w != NULL; w = w->next)
            if (w->locker == other && leads_to(other, &w->wanted, self, seen))
                return true;
    }
    return false;
}

_Static_assert(LOCKERS_MAX <= 32, "a bit for each");

/* ---- The methods ---- */

static void locker_end(struct locker *locker)
{
    for (struct lock_waiter **place = &locks.waiters; *place != NULL;) {
        if ((*place)->locker != locker) {
            place = &(*place)->next;
            continue;
        }
        file_lock_reply((*place)->reply, -EBADF);
        waiter_remove(place);
    }
    iris_object_destroy(locker->portal);
    iris_handle_discard(locker->portal);
    locker->portal = 0;
    serve_waiters();
}

static int locker_make(struct locker *locker, uint32_t space, struct iris_handle_out *out)
{
    uint32_t badge = LOCKER_BADGE + (uint32_t)(locker - locks.locker);
    int slot = iris_slot_alloc();

    if (slot < 0)
        return -ENOLCK;
    int status = iris_portal_create(locks.table->port, (uint32_t)slot, badge, RIGHTS, 0);
    if (status < 0) {
        iris_slot_free((uint32_t)slot);
        return -ENOLCK;
    }
    *locker = (struct locker){.portal = (uint32_t)slot, .space = space};
    status = iris_portal_give(locker->portal, RIGHTS, out);
    if (status < 0)
        locker_end(locker);
    return status < 0 ? -ENOLCK : 0;
}

int locks_locker(void *context, struct iris_request *rq, uint32_t space,
                 struct iris_handle_out *out)
{
    struct iris_handle_info info;
    struct locker *free_one = NULL;

    (void)context;
    (void)rq;
    if (iris_handle_identify(space, 0, &info) < 0 || info.type != IRIS_TYPE_SPACE)
        return -EINVAL;
    for (uint32_t i = LOCKERS_MAX; i-- > 0;) {
        struct locker *locker = &locks.locker[i];
        if (locker->portal != 0 && locker->space == info.object)
            locker_end(locker);
        if (locker->portal == 0)
            free_one = locker;
    }
    return free_one != NULL ? locker_make(free_one, info.object, out) : -ENOLCK;
}

static int make_range(const struct opened *opened, enum file_lock_kind kind, uint32_t start,
                      uint32_t last, struct lock_range *range)
{
    *range = (struct lock_range){.node = opened->node,
                                 .start = start,
                                 .last = last,
                                 .exclusive = kind == FILE_LOCK_KIND_EXCLUSIVE};
    return start <= last && last <= FILE_MAX_SIZE ? 0 : -EINVAL;
}

/* To lock for reading a file must be open for that, to lock for writing likewise. */
static int may_lock(const struct opened *opened, enum file_lock_kind kind)
{
    return kind == FILE_LOCK_KIND_SHARED      ? opened_may_read(opened)
           : kind == FILE_LOCK_KIND_EXCLUSIVE ? opened_may_write(opened)
                                              : 0;
}

static int set(struct locker *locker, const struct lock_range *wanted, bool locked)
{
    int status = lock_ranges_set(&locker->ranges, wanted, locked);

    if (status == 0)
        serve_waiters(); /* also what became shared is less than it was */
    return status;
}

int locks_lock(void *context, struct iris_request *rq, enum file_lock_kind kind, bool wait,
               uint32_t start, uint32_t last, uint32_t handle)
{
    struct opened *opened = context;
    struct locker *locker = locker_behind(handle);
    const struct locker *whose;
    struct lock_range wanted;
    uint32_t seen = 0;
    int status = make_range(opened, kind, start, last, &wanted);

    if (status == 0)
        status = locker != NULL ? may_lock(opened, kind) : -EBADF;
    if (status < 0)
        return status;
    sweep();
    if (kind == FILE_LOCK_KIND_UNLOCKED)
        return set(locker, &wanted, false);
    if (find_hindrance(locker, &wanted, &whose) == NULL)
        return set(locker, &wanted, true);
    if (!wait)
        return -EAGAIN;
    if (leads_to(locker, &wanted, locker, &seen))
        return -EDEADLK;
    return waiter_add(rq,
                      &(struct lock_waiter){.opened = opened, .locker = locker, .wanted = wanted});
}

int locks_test(void *context, struct iris_request *rq, enum file_lock_kind kind, uint32_t start,
               uint32_t last, struct file_lock *found, uint32_t handle)
{
    const struct locker *self = handle != 0 ? locker_behind(handle) : NULL;
    const struct locker *whose;
    struct lock_range wanted;
    int status = make_range(context, kind, start, last, &wanted);

    (void)rq;
    if (status == 0 && handle != 0 && self == NULL)
        status = -EBADF;
    if (status < 0)
        return status;
    const struct lock_range *range =
        kind != FILE_LOCK_KIND_UNLOCKED ? find_hindrance(self, &wanted, &whose) : NULL;
    *found = (struct file_lock){.kind = FILE_LOCK_KIND_UNLOCKED};
    if (range != NULL)
        *found = (struct file_lock){.kind = range->exclusive ? FILE_LOCK_KIND_EXCLUSIVE
                                                             : FILE_LOCK_KIND_SHARED,
                                    .start = range->start,
                                    .last = range->last,
                                    .space = whose->space};
    return 0;
}

int locks_whole(void *context, struct iris_request *rq, enum file_lock_kind kind, bool wait)
{
    struct opened *opened = context;
    bool exclusive = kind == FILE_LOCK_KIND_EXCLUSIVE;

    if (opened->portal == 0) /* it is everybody's: nobody could be said to have locked it */
        return -EINVAL;
    sweep();
    if (kind == FILE_LOCK_KIND_UNLOCKED || !whole_is_hindered(opened, exclusive)) {
        opened->lock = kind;
        serve_waiters();
        return 0;
    }
    if (!wait)
        return -EAGAIN;
    return waiter_add(rq, &(struct lock_waiter){.opened = opened, .wanted.exclusive = exclusive});
}

/* ---- Ends ---- */

bool locks_event(uint32_t badge)
{
    struct locker *locker = locker_find(badge);

    if (locker != NULL)
        locker_end(locker);
    return locker != NULL;
}

static bool is_open_elsewhere(const struct opened *opened)
{
    for (uint32_t i = 0; i < locks.table->most; i++) {
        const struct opened *other = &locks.table->file[i];
        if (other->portal != 0 && other != opened && other->node == opened->node)
            return true;
    }
    return false;
}

static void forget_node(const void *node)
{
    for (uint32_t i = 0; i < LOCKERS_MAX; i++)
        if (locks.locker[i].portal != 0)
            lock_ranges_forget(&locks.locker[i].ranges, node);
}

void locks_closed(struct opened *opened)
{
    for (struct lock_waiter **place = &locks.waiters; *place != NULL;) {
        if ((*place)->opened != opened) {
            place = &(*place)->next;
            continue;
        }
        file_lock_reply((*place)->reply, -EBADF); /* lock_whole's answer looks the same */
        waiter_remove(place);
    }
    opened->lock = FILE_LOCK_KIND_UNLOCKED;
    if (!is_open_elsewhere(opened))
        forget_node(opened->node);
    serve_waiters();
}
