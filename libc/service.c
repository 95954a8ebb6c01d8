/* SPDX-License-Identifier: MIT */
#include "service.h"

#include <errno.h>
#include <stddef.h>

#include <iris/calls.h>
#include <iris/object.h>
#include <iris/sync.h>
#include <iris/vdso.h>

#include "slots.h"
#include "thread.h"

#define WAKE_BIT 0x80000000u /* the earliest deadline is another one now */

/* All of it is guarded by `lock`, which is never held while something of others is called. */
static struct {
    struct iris_mutex lock;
    struct iris_thread thread;
    uint32_t port, wake; /* slots; port 0: not started */
    uint32_t id;         /* of the thread */
    struct service_watch *watches;
    struct service_deadline *deadlines, *passing; /* passing: whose function runs now */
    uint32_t passed;                              /* counts such calls; waited on */
} service;

/* ---- The thread ---- */

static void unlink_deadline(struct service_deadline *deadline)
{
    struct service_deadline **place = &service.deadlines;

    while (*place != deadline)
        place = &(*place)->next;
    *place = deadline->next;
    deadline->armed = false;
}

/* Calls those whose time has come; returns when the next one will. */
static uint64_t pass_deadlines(void)
{
    uint64_t next = IRIS_DEADLINE_NONE;

    iris_mutex_lock(&service.lock);
    while (service.deadlines != NULL && service.deadlines->at <= iris_clock_monotonic()) {
        struct service_deadline *first = service.deadlines;
        unlink_deadline(first);
        service.passing = first;
        iris_mutex_unlock(&service.lock);
        first->passed(first);
        iris_mutex_lock(&service.lock);
        service.passing = NULL;
        __atomic_fetch_add(&service.passed, 1, __ATOMIC_RELEASE);
        iris_word_rouse_all(&service.passed);
    }
    if (service.deadlines != NULL)
        next = service.deadlines->at;
    iris_mutex_unlock(&service.lock);
    return next;
}

static void tell_watches(uint32_t bits)
{
    iris_mutex_lock(&service.lock);
    struct service_watch *watch = service.watches;
    iris_mutex_unlock(&service.lock);
    for (; watch != NULL; watch = watch->next) /* new ones come in front */
        if (watch->bits & bits)
            watch->arrived(watch->bits & bits);
}

static int serve(void *unused)
{
    struct iris_message m;
    int error;

    (void)unused;
    __atomic_store_n(&service.id, iris_thread_id(), __ATOMIC_RELEASE);
    error = iris_port_bind(service.port);
    while (error == 0 || error == -ETIMEDOUT || error == -ECANCELED) {
        error = iris_ipc_wait_until(&m, pass_deadlines());
        if (error == 0 && m.tag & IRIS_TAG_KERNEL && iris_tag_label(m.tag) == IRIS_EVENT_NOTIFY)
            tell_watches(m.word[0] & SERVICE_BITS);
    }
    return error;
}

/* ---- Starting ---- */

/* The highest that a thread of the program can have. */
static int highest_priority(void)
{
    struct iris_space_info info;
    int count = iris_space_inspect(IRIS_SLOT_SPACE, IRIS_INSPECT_SPACE, 0, &info, 1);

    return count == 1 ? (int)info.ceiling : IRIS_THREAD_PRIORITY_SAME;
}

int service_make_port(void)
{
    int slot = iris_slot_alloc();
    int status = slot < 0 ? slot : iris_port_create((uint32_t)slot);

    if (slot > 0 && status < 0)
        iris_slot_free((uint32_t)slot);
    return status < 0 ? status : slot;
}

int service_launch(struct iris_thread *thread, int (*run)(void *))
{
    const struct iris_thread_options options = {.priority = highest_priority()};
    return iris_thread_launch(thread, run, NULL, &options);
}

static int start(void)
{
    int port = service_make_port(), wake = iris_slot_alloc();
    int status = port < 0 ? port : wake;

    if (status >= 0)
        status = iris_portal_create((uint32_t)port, (uint32_t)wake, 0, IRIS_RIGHT_NOTIFY, WAKE_BIT);
    service.port = port < 0 ? 0 : (uint32_t)port;
    service.wake = wake < 0 ? 0 : (uint32_t)wake;
    if (status >= 0)
        status = service_launch(&service.thread, serve);
    if (status < 0) {
        iris_handle_discard(service.wake);
        iris_handle_discard(service.port);
        service.port = 0;
    }
    return status;
}

int service_start(void)
{
    if (__atomic_load_n(&service.id, __ATOMIC_ACQUIRE) != 0)
        return 0;
    iris_mutex_lock(&service.lock);
    int status = service.port == 0 ? start() : 0;
    iris_mutex_unlock(&service.lock);
    return status;
}

uint32_t service_thread(void) { return __atomic_load_n(&service.id, __ATOMIC_ACQUIRE); }

/* ---- Notifications ---- */

int service_watch(struct service_watch *watch)
{
    int status = service_start();

    if (status < 0)
        return status;
    iris_mutex_lock(&service.lock);
    for (const struct service_watch *other = service.watches; other != NULL; other = other->next)
        if (other->bits & watch->bits)
            status = -EBUSY;
    if (status == 0) {
        watch->next = service.watches;
        service.watches = watch;
    }
    iris_mutex_unlock(&service.lock);
    return status;
}

int service_portal(uint32_t bits)
{
    int status = service_start(), slot = status < 0 ? status : iris_slot_alloc();

    if (slot < 0)
        return slot;
    status = iris_portal_create(service.port, (uint32_t)slot, 0,
                                IRIS_RIGHT_NOTIFY | IRIS_RIGHT_COPY, bits & SERVICE_BITS);
    if (status < 0)
        iris_handle_discard((uint32_t)slot);
    return status < 0 ? status : slot;
}

/* ---- Deadlines ---- */

/* True: it is the earliest now. */
static bool insert(struct service_deadline *deadline)
{
    struct service_deadline **place = &service.deadlines;

    while (*place != NULL && (*place)->at <= deadline->at)
        place = &(*place)->next;
    deadline->next = *place;
    deadline->armed = true;
    *place = deadline;
    return place == &service.deadlines;
}

int service_arm(struct service_deadline *deadline, uint64_t at)
{
    int status = service_start();

    if (status < 0)
        return status;
    iris_mutex_lock(&service.lock);
    if (deadline->armed)
        unlink_deadline(deadline);
    deadline->at = at;
    bool earliest = insert(deadline);
    iris_mutex_unlock(&service.lock);
    if (earliest && iris_thread_id() != service_thread())
        iris_notify(service.wake, WAKE_BIT);
    return 0;
}

bool service_disarm(struct service_deadline *deadline)
{
    iris_mutex_lock(&service.lock);
    bool was_armed = deadline->armed;
    if (was_armed)
        unlink_deadline(deadline);
    while (service.passing == deadline && iris_thread_id() != service.id) {
        uint32_t passed = service.passed;
        iris_mutex_unlock(&service.lock);
        iris_word_sleep(&service.passed, passed, IRIS_DEADLINE_NONE);
        iris_mutex_lock(&service.lock);
        if (deadline->armed) { /* its function has armed it again */
            unlink_deadline(deadline);
            was_armed = true;
        }
    }
    iris_mutex_unlock(&service.lock);
    return was_armed;
}
