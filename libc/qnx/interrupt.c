/* SPDX-License-Identifier: MIT */
/*
 * Interrupts as events. Who has a line is in the program's environment (IRIS_IRQ: root says there
 * which handles a server has). The kernel masks a line when it fires and notifies the layer's port;
 * it is acknowledged when nobody here masks the line any more. So masking costs no call: an
 * interrupt that comes while the line is masked here is kept, and told when it no longer is.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <iris/calls.h>
#include <iris/object.h>

#include "../sigevent.h"
#include "../threads.h"
#include "qnx.h"

#define LINES 16
#define FLAGS                                                                                      \
    (_NTO_INTR_FLAGS_END | _NTO_INTR_FLAGS_PROCESS | _NTO_INTR_FLAGS_TRK_MSK |                     \
     _NTO_INTR_FLAGS_NO_UNMASK)

struct attachment {
    struct attachment *next; /* of its line, in the order in which they are told */
    int id, intr, tid;       /* tid: ends with that thread; 0: with the process */
    unsigned masks;
    struct sigevent event;
};

static struct line {
    struct attachment *attachments;
    uint32_t irq, portal; /* slots; 0: not bound */
    unsigned masks;       /* of nobody in particular (id -1) */
    bool pending;         /* the kernel waits to be acknowledged */
    bool kept;            /* and nobody has been told yet */
} lines[LINES];

static struct table ids;
static struct iris_mutex lock;
static pthread_key_t thread_end; /* its destructor detaches what is the thread's */
static bool has_key;

/* No handler runs on a thread that has the lock: it may be one that unmasks the interrupt. */
static void lock_all(void) { thread_lock(&lock); }

static void unlock_all(void) { thread_unlock(&lock); }

/* ---- The line ---- */

/* The slot of its handle. -EPERM: this process was not given it. */
static int handle_of(int intr)
{
    const char *text = getenv("IRIS_IRQ");
    struct iris_handle_info info;

    if (intr < 0 || intr >= LINES)
        return -EINVAL;
    while (text != NULL && *text != '\0') {
        char *end;
        long line = strtol(text, &end, 10);
        long slot = *end == ':' ? strtol(end + 1, &end, 10) : 0;
        if (slot > 0 && line == intr && iris_handle_identify((uint32_t)slot, 0, &info) == 0 &&
            info.type == IRIS_TYPE_IRQ)
            return (int)slot;
        text = *end == ' ' ? end + 1 : NULL;
    }
    return -EPERM;
}

static unsigned masks_of(const struct line *line)
{
    unsigned masks = line->masks;

    for (const struct attachment *a = line->attachments; a != NULL; a = a->next)
        masks += a->masks;
    return masks;
}

/* Each that is told has the line masked. */
static void tell(struct line *line)
{
    line->kept = false;
    for (struct attachment *a = line->attachments; a != NULL; a = a->next) {
        a->masks++;
        qnx_event_deliver(&a->event, a->tid);
    }
}

/* The number of masks has changed. What is left of them. */
static unsigned settle(struct line *line)
{
    unsigned masks = masks_of(line);

    if (masks == 0 && line->kept) {
        tell(line);
    } else if (masks == 0 && line->pending) {
        line->pending = false;
        iris_irq_ack(line->irq);
    }
    return masks;
}

/* By the layer's thread. */
void qnx_interrupts_arrived(uint32_t bits)
{
    lock_all();
    for (int intr = 0; intr < LINES; intr++)
        if (bits & 1u << intr && lines[intr].portal != 0) {
            lines[intr].pending = lines[intr].kept = true;
            settle(&lines[intr]);
        }
    unlock_all();
}

/* ---- Attaching ---- */

static int bind(int intr)
{
    struct line *line = &lines[intr];
    int handle = handle_of(intr);

    if (line->portal != 0 || handle < 0)
        return handle < 0 ? handle : 0;
    int portal = qnx_service_bell(1u << intr);
    if (portal < 0)
        return portal;
    int status = iris_irq_bind((uint32_t)handle, (uint32_t)portal, 1u << intr);
    if (status < 0)
        qnx_portal_end((uint32_t)portal);
    line->irq = (uint32_t)handle;
    line->portal = status < 0 ? 0 : (uint32_t)portal;
    return status;
}

/* What has come is acknowledged first: after that, nobody could. */
static void unbind(struct line *line)
{
    if (line->pending)
        iris_irq_ack(line->irq);
    qnx_portal_end(line->portal);
    line->portal = 0;
    line->pending = line->kept = false;
}

static void detach(struct attachment *attachment)
{
    struct line *line = &lines[attachment->intr];
    struct attachment **place = &line->attachments;

    while (*place != attachment)
        place = &(*place)->next;
    *place = attachment->next;
    qnx_table_remove(&ids, attachment->id);
    free(attachment);
    if (line->attachments == NULL)
        unbind(line);
    else
        settle(line);
}

static void detach_of_thread(void *number)
{
    lock_all();
    for (int intr = 0; intr < LINES; intr++)
        for (struct attachment *next, *a = lines[intr].attachments; a != NULL; a = next) {
            next = a->next;
            if (a->tid == (int)(intptr_t)number)
                detach(a);
        }
    unlock_all();
}

static int end_with_thread(int tid)
{
    if (!has_key && pthread_key_create(&thread_end, detach_of_thread) != 0)
        return -EAGAIN;
    has_key = true;
    return pthread_setspecific(thread_end, (void *)(intptr_t)tid) == 0 ? 0 : -EAGAIN;
}

/* With the lock held. */
static int attach(const struct attachment *wanted, bool last)
{
    struct attachment **place = &lines[wanted->intr].attachments;
    int status = wanted->tid != 0 ? end_with_thread(wanted->tid) : 0;
    struct attachment *attachment = status == 0 ? malloc(sizeof *attachment) : NULL;

    if (attachment == NULL)
        return -EAGAIN;
    *attachment = *wanted;
    attachment->id = qnx_table_add(&ids, attachment, 1);
    status = attachment->id < 0 ? -EAGAIN : bind(wanted->intr);
    if (status < 0) {
        qnx_table_remove(&ids, attachment->id);
        free(attachment);
        return status == -EBUSY || status == -ENOMEM ? -EAGAIN : status;
    }
    while (last && *place != NULL)
        place = &(*place)->next;
    attachment->next = *place;
    *place = attachment;
    return attachment->id;
}

static int check(int intr, const struct sigevent *event, unsigned flags)
{
    int status = handle_of(intr);

    if (status < 0)
        return status;
    if (flags & ~FLAGS || (event->sigev_notify == SIGEV_INTR && flags & _NTO_INTR_FLAGS_PROCESS))
        return -EINVAL;
    status = event->sigev_notify == SIGEV_THREAD ? -ENOTSUP : event_check(event);
    return status < 0 ? status : qnx_service_start();
}

QNX_CALL(int, InterruptAttachEvent, (int intr, const struct sigevent *event, unsigned flags), intr,
         event, flags)
{
    int status = check(intr, event, flags);

    if (status < 0)
        return status;
    const struct attachment wanted = {
        .intr = intr,
        .tid = flags & _NTO_INTR_FLAGS_PROCESS ? 0 : thread_number(),
        .masks = flags & _NTO_INTR_FLAGS_NO_UNMASK ? 1 : 0,
        .event = *event,
    };
    lock_all();
    status = attach(&wanted, flags & _NTO_INTR_FLAGS_END);
    unlock_all();
    return status;
}

QNX_CALL_STATUS(InterruptDetach, (int id), id)
{
    lock_all();
    struct attachment *attachment = qnx_table_find(&ids, id);
    if (attachment != NULL)
        detach(attachment);
    unlock_all();
    return attachment != NULL ? EOK : EINVAL;
}

/* ---- Masking ---- */

/* With the lock held: where an id's masks are counted. */
static unsigned *counter(int intr, int id)
{
    struct attachment *attachment = qnx_table_find(&ids, id);

    if (id == -1)
        return &lines[intr].masks;
    return attachment != NULL && attachment->intr == intr ? &attachment->masks : NULL;
}

QNX_CALL(int, InterruptMask, (int intr, int id), intr, id)
{
    int status = handle_of(intr);

    if (status < 0)
        return status;
    lock_all();
    unsigned *masks = counter(intr, id);
    if (masks == NULL)
        status = -ESRCH;
    else if (masks_of(&lines[intr]) == INT32_MAX)
        status = -EAGAIN;
    else
        ++*masks;
    if (masks != NULL && status >= 0)
        status = (int)masks_of(&lines[intr]);
    unlock_all();
    return status;
}

/* Without an id, the masks of whoever was told count too. */
static unsigned *any_counter(int intr)
{
    struct attachment *a = lines[intr].attachments;

    if (lines[intr].masks != 0)
        return &lines[intr].masks;
    while (a != NULL && a->masks == 0)
        a = a->next;
    return a != NULL ? &a->masks : &lines[intr].masks;
}

QNX_CALL(int, InterruptUnmask, (int intr, int id), intr, id)
{
    int status = handle_of(intr);

    if (status < 0)
        return status;
    lock_all();
    unsigned *masks = id == -1 ? any_counter(intr) : counter(intr, id);
    status = -ESRCH;
    if (masks != NULL && *masks == 0) {
        status = (int)masks_of(&lines[intr]); /* it was not masked: nothing to undo */
    } else if (masks != NULL) {
        --*masks;
        status = (int)settle(&lines[intr]);
    }
    unlock_all();
    return status;
}

/* ---- Waiting ---- */

/* One that came before is not waited for; several are one. */
QNX_CALL_STATUS(InterruptWait, (int flags, const uint64_t *timeout), flags, timeout)
{
    uint64_t deadline = qnx_timeout_take(_NTO_TIMEOUT_INTR);
    struct thread *self = thread_self();
    int error = self == NULL ? -ENOMEM : flags != 0 || timeout != NULL ? -EINVAL : 0;

    if (error == 0)
        thread_forget_handlers();
    while (error == 0) {
        if (__atomic_exchange_n(&self->interrupts, 0, __ATOMIC_ACQUIRE) != 0)
            return EOK;
        error = thread_was_signalled() ? -EINTR : thread_sleep(&self->interrupts, 0, deadline);
    }
    if (error == -EINTR)
        thread_cancel_point();
    return -error;
}
