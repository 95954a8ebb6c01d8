/* SPDX-License-Identifier: MIT */
/*
 * Synchronous IPC, complete. The fast path (arch/ia32/fastpath.asm) does the commonest call and
 * reply in few instructions and leaves everything else to this file; both must agree.
 *
 * The story, top to bottom: transferring a message - rendezvous - call - receiving - reply and
 * wait - keep - the operations by name - failing, timing out, dying.
 */
#include "ipc.h"

#include "frame.h"
#include "handle.h"
#include "point.h"
#include "port.h"
#include "sched.h"
#include "space.h"
#include "syscall.h"
#include "time.h"
#include "trace.h"

/* A tenth of the C path would go into calling these. */
#define HOT_INLINE inline __attribute__((always_inline))

/* ---- Results: what a thread finds in its registers ---- */

static void result(struct thread *thread, uint32_t tag, uint32_t badge)
{
    frame_set_tag(&thread->frame, tag);
    frame_set_badge(&thread->frame, badge);
    frame_ipc_return(&thread->frame, thread->hot.user_sp, thread->hot.flags & THREAD_STEPPED);
}

/* No message. */
static void result_empty(struct thread *thread, uint32_t tag)
{
    for (unsigned i = 0; i < 3; i++)
        *frame_word(&thread->frame, i) = 0;
    result(thread, tag, 0);
}

static void result_error(struct thread *thread, unsigned error)
{
    result_empty(thread, IRIS_TAG(error, 0) | IRIS_TAG_ERROR);
}

/* ---- Transferring a message ---- */

static bool tag_is_valid(uint32_t tag)
{
    if ((tag & 0xffff) < IRIS_WORDS_MAX)
        return true; /* words and nothing else */
    return iris_tag_words(tag) <= IRIS_WORDS_MAX && iris_tag_handles(tag) <= IRIS_HANDLES_MAX &&
           iris_tag_buffers(tag) <= IRIS_BUFFERS_MAX && !(tag & IRIS_TAG_ERROR);
}

/* An entry that its holder may pass on. */
static struct entry *handle_to_send(struct thread *from, uint32_t handle)
{
    struct entry *entry = handle_find(from->space, handle);

    if (!entry || entry->type == IRIS_TYPE_NONE || entry->type == IRIS_TYPE_REPLY ||
        !(entry->rights & IRIS_RIGHT_COPY) || entry->object->dying)
        return NULL;
    return entry;
}

/* Before anything happens: can the sender pass on what it names? */
static int handles_check(struct thread *from, uint32_t tag)
{
    for (unsigned i = 0; i < iris_tag_handles(tag); i++) {
        uint32_t handle = from->hot.utcb->handles[i].handle;
        if (!handle_find(from->space, handle))
            return -EBADF;
        if (!handle_to_send(from, handle))
            return -EPERM;
    }
    return 0;
}

/* Moving the last right to receive without passing it on would leave a port that nobody can serve,
   but that is not dead either. */
static bool strands_port(const struct entry *source, uint32_t rights)
{
    return rights & IRIS_MOVE && source->type == IRIS_TYPE_PORT &&
           source->rights & ~rights & IRIS_RIGHT_RECEIVE &&
           container_of(source->object, struct port, object)->receivers == 1;
}

static bool handle_transfer(struct thread *from, struct thread *to, unsigned i)
{
    struct iris_send_handle send = from->hot.utcb->handles[i]; /* read once */
    struct entry *source = handle_to_send(from, send.handle);
    int error;
    struct entry *target = handle_slot(to->space, to->hot.utcb->receive_slots[i], false, &error);

    if (!source || !target || strands_port(source, send.rights))
        return false;
    entry_copy(target, source, send.rights & IRIS_RIGHT_ALL);
    to->space->handles++;
    if (send.rights & IRIS_MOVE) {
        entry_clear(source); /* never the last of its object: the copy exists */
        from->space->handles--;
    }
    return true;
}

/* Returns the flags to add to the receiver's tag. */
static __attribute__((noinline)) uint32_t handles_transfer(struct thread *from, struct thread *to,
                                                           uint32_t tag)
{
    uint32_t received = 0, all = (1u << iris_tag_handles(tag)) - 1;

    for (unsigned i = 0; i < iris_tag_handles(tag); i++)
        if (handle_transfer(from, to, i))
            received |= 1u << i;
    to->hot.utcb->received = received;
    return received == all ? 0 : IRIS_TAG_DROPPED;
}

/* The kernel's words about a fault, in the faulting thread's name. */
static __attribute__((noinline)) uint32_t exception_transfer(struct thread *from, struct thread *to)
{
    struct iris_exception exception = {0};
    const uint32_t *words = (const uint32_t *)&exception;

    frame_describe(&from->frame, &exception);
    exception.vector = from->fault.vector;
    exception.error = from->fault.error;
    exception.address = from->fault.address;
    exception.thread = from->object.id;
    exception.thread_pointer = from->hot.thread_pointer;
    for (unsigned i = 0; i < sizeof(exception) / 4; i++)
        if (i < 3)
            *frame_word(&to->frame, i) = words[i];
        else
            to->hot.utcb->words[i] = words[i];
    return IRIS_TAG(IRIS_FAULT_EXCEPTION, sizeof(exception) / 4) | IRIS_TAG_KERNEL;
}

static uint32_t fault_transfer(struct thread *from, struct thread *to)
{
    if (from->fault.label != IRIS_FAULT_PAGE)
        return exception_transfer(from, to);
    *frame_word(&to->frame, 0) = from->fault.address;
    *frame_word(&to->frame, 1) = frame_ip(&from->frame);
    *frame_word(&to->frame, 2) = from->fault.error;
    return IRIS_TAG(IRIS_FAULT_PAGE, 3) | IRIS_TAG_KERNEL;
}

/* Copies a message; the receiver resumes with it. `badge` is 0 for a reply. */
static HOT_INLINE void transfer(struct thread *from, struct thread *to, uint32_t tag,
                                uint32_t badge)
{
    uint32_t out = tag & ~(IRIS_TAG_DEADLINE | IRIS_TAG_NO_REPLY | IRIS_TAG_ERROR);

    frame_copy_words(&to->frame, &from->frame);
    if (iris_tag_words(tag) > 3)
        arch_copy_words(&to->hot.utcb->words[3], &from->hot.utcb->words[3],
                        iris_tag_words(tag) - 3);
    if (tag & IRIS_TAG_HANDLES)
        out |= handles_transfer(from, to, tag);
    result(to, out, badge);
}

/* What a caller says, or the kernel for it if it has a fault. */
static HOT_INLINE void transfer_call(struct thread *caller, struct thread *server, uint32_t tag,
                                     uint32_t badge)
{
    if (caller->fault.label)
        result(server, fault_transfer(caller, server), badge);
    else
        transfer(caller, server, tag, badge);
}

/* ---- Rendezvous: caller and server meet ---- */

/* The caller is received: it blocks, the server runs on its budget. The tag of a fault is 0. */
static HOT_INLINE void link_call(struct thread *caller, struct thread *server, uint32_t tag)
{
    caller->hot.state = IRIS_THREAD_CALLING;
    caller->hot.partner = &server->hot;
    caller->buffers = (uint8_t)iris_tag_buffers(tag);
    server->hot.caller = &caller->hot;
    server->hot.depth = (uint8_t)(caller->hot.depth + 1);
    server->hot.state = IRIS_THREAD_READY;
    if (caller->fault.label || caller->timer.armed || caller->buffers || caller->hot.flags)
        server->hot.flags |= THREAD_SLOW_REPLY | (caller->hot.flags & THREAD_HELPED);
    BLOCK_POINT(RECEIVED, caller);
}

/* The sender goes on, the receiver runs on its own. */
static void finish_send(struct thread *sender, struct thread *receiver)
{
    time_cancel(&sender->timer);
    sender->hot.state = IRIS_THREAD_READY;
    result_empty(sender, 0);
    receiver->hot.state = IRIS_THREAD_READY;
    sched_home(receiver);
}

/* A waiting server, taken off its port, gets the caller's message at once. */
static void meet(struct thread *caller, struct thread *server, uint32_t badge, uint32_t tag)
{
    bool sending = tag & IRIS_TAG_NO_REPLY;

    time_cancel(&server->timer); /* that of its wait */
    transfer_call(caller, server, tag, badge);
    trace(sending ? IRIS_TRACE_EVENT_SEND : IRIS_TRACE_EVENT_CALL, server->hot.port->object.id,
          server->object.id, badge, tag);
    if (sending) {
        finish_send(caller, server);
        return;
    }
    link_call(caller, server, tag);
    if (caller == thread_current())
        sched_switch(server); /* the migration: the budget stays, the activation changes */
    else
        cpu.attention |= CPU_DISPATCH;
}

/* ---- Call: the caller's side ---- */

/* Would waiting at the port wait for the caller itself? Follows ports with a single thread. */
static bool is_deadlock(const struct thread *caller, const struct port *port)
{
    for (unsigned hops = 0; hops < 32; hops++) {
        const struct list *bound = &port->bound;
        if (list_empty(bound) || bound->next->next != bound)
            return false;
        const struct thread *server = list_first(bound, struct thread, bound_node);
        while (server != caller && server->hot.state == IRIS_THREAD_CALLING && hops++ < 32)
            server = thread_partner(server);
        if (server == caller)
            return true;
        if (server->hot.state != IRIS_THREAD_QUEUED)
            return false;
        port = server->via->port;
    }
    return false;
}

static void enqueue(struct thread *caller, struct portal *portal, uint32_t tag, uint64_t deadline)
{
    struct port *port = portal->port;

    caller->hot.state = IRIS_THREAD_QUEUED;
    caller->tag = tag;
    caller->via = portal;
    caller->sending = tag & IRIS_TAG_NO_REPLY;
    list_insert(&portal->callers, &caller->via_node);
    waitq_insert(&port->callers, &caller->wait, sched_base(caller)->priority);
    port_update(port);
    time_arm(caller, deadline);
    trace(IRIS_TRACE_EVENT_QUEUE, port->object.id, 0, portal->badge, tag);
    cpu.attention |= CPU_DISPATCH; /* its budget stays ready and helps the busy server */
    BLOCK_POINT(QUEUE, caller);
}

static HOT_INLINE int call(struct thread *caller, const struct entry *entry, uint32_t tag)
{
    struct portal *portal = container_of(entry->object, struct portal, object);
    struct port *port = portal->port;
    bool poll = false;
    uint64_t deadline = IRIS_DEADLINE_NONE;
    int error;

    if (!(entry->rights & IRIS_RIGHT_CALL))
        return -EPERM;
    if (caller->hot.depth >= THREAD_DEPTH_MAX)
        return -EOVERFLOW;
    if (tag & IRIS_TAG_HANDLES && (error = handles_check(caller, tag)))
        return error;
    if (tag & IRIS_TAG_DEADLINE) {
        deadline = caller->hot.utcb->deadline;
        poll = deadline == IRIS_DEADLINE_POLL;
    }
    struct thread *server = port_take_waiter(port);
    if (!server) {
        if (poll)
            return -ETIMEDOUT;
        if (is_deadlock(caller, port))
            return -EDEADLK;
        enqueue(caller, portal, tag, deadline);
        return 0;
    }
    /* ---- point of no return ---- */
    cpu.stats.slow_calls++;
    if (tag & IRIS_TAG_DEADLINE && !poll && !(tag & IRIS_TAG_NO_REPLY))
        time_arm(caller, deadline);
    meet(caller, server, portal->badge, tag);
    return 0;
}

int ipc_fault(struct thread *thread, const struct entry *handler)
{
    if (handler->type != IRIS_TYPE_PORTAL)
        return -EDEAD;
    return call(thread, handler, 0);
}

/* ---- Receiving: the server's side ---- */

static void receive_event(struct thread *server)
{
    struct event event;

    port_take_event(server->hot.port, &event);
    for (unsigned i = 0; i < 3; i++)
        *frame_word(&server->frame, i) = event.word[i];
    uint32_t tag = IRIS_TAG(event.label, 3) | IRIS_TAG_KERNEL;
    result(server, tag, event.badge);
    server->hot.port->event_was_last = server->hot.port->callers.first != NULL;
    trace(IRIS_TRACE_EVENT_EVENT, server->hot.port->object.id, server->object.id, event.badge, tag);
    server->hot.state = IRIS_THREAD_READY;
    sched_home(server);
}

void ipc_receive_event(struct thread *thread)
{
    time_cancel(&thread->timer);
    receive_event(thread);
}

/* Leaves the port's queue; whoever helped may have another way now. */
static void dequeue(struct thread *caller)
{
    struct portal *portal = caller->via;

    sched_unpark_chain(caller);
    sched_unpark(caller);
    waitq_remove(&portal->port->callers, &caller->wait);
    list_remove(&caller->via_node);
    caller->via = NULL;
    if (!portal->port->callers.first)
        portal->port->event_was_last = false; /* nobody is left whose turn it was */
    port_update(portal->port);
    portal_caller_gone(portal);
}

static void receive_caller(struct thread *server, struct thread *caller)
{
    uint32_t tag = caller->tag, badge = caller->via->badge;
    bool sending = caller->sending;

    dequeue(caller);
    transfer_call(caller, server, tag, badge);
    trace(sending ? IRIS_TRACE_EVENT_SEND : IRIS_TRACE_EVENT_CALL, server->hot.port->object.id,
          server->object.id, badge, tag);
    if (sending)
        finish_send(caller, server);
    else
        link_call(caller, server, tag);
    cpu.attention |= CPU_DISPATCH;
}

/* Events before calls, but after an event a queued caller goes next. False: nothing there. */
static bool receive(struct thread *server)
{
    struct port *port = server->hot.port;

    if (port->waiter != PORT_BUSY) {
        port->event_was_last = false;
        return false;
    }
    if (port_has_event(port) && !(port->callers.first && port->event_was_last)) {
        receive_event(server);
        return true;
    }
    port->event_was_last = false;
    assert(port->callers.first); /* else it would not be busy */
    receive_caller(server, container_of(port->callers.first, struct thread, wait));
    return true;
}

/* ---- Reply and wait ---- */

/* The caller gets its answer and its budget back. False: it cannot run (a fault not resolved, or it
   is to halt). */
static HOT_INLINE bool reply(struct thread *server, struct thread *caller, uint32_t tag)
{
    cpu.stats.slow_replies++;
    trace(IRIS_TRACE_EVENT_REPLY, caller->object.id, 0, 0, tag);
    time_cancel(&caller->timer);
    caller->hot.partner = NULL;
    caller->hot.state = thread_ready_state(caller);
    caller->buffers = 0;
    if (caller->fault.label) {
        if (!fault_answered(caller, iris_tag_label(tag)))
            return false;
    } else {
        transfer(server, caller, tag, 0);
    }
    return caller->hot.state == IRIS_THREAD_READY;
}

/* The server has no caller any more. If it was helped, the helper has to look again. */
static void unlink_caller(struct thread *server)
{
    if (server->hot.flags & THREAD_HELPED)
        cpu.attention |= CPU_DISPATCH;
    server->hot.caller = NULL;
    server->hot.depth = 0;
    server->hot.flags &= (uint16_t) ~(THREAD_SLOW_REPLY | THREAD_HELPED);
}

/* `next`: the caller that was answered and can run. */
static void wait(struct thread *server, uint32_t tag, struct thread *next)
{
    if (tag & IRIS_TAG_DEADLINE) {
        uint64_t deadline = server->hot.utcb->deadline;
        if (deadline == IRIS_DEADLINE_POLL) {
            result_error(server, ETIMEDOUT);
            sched_home(server);
            return;
        }
        time_arm(server, deadline);
    }
    server->hot.state = IRIS_THREAD_WAITING;
    port_put_waiter(server->hot.port, server);
    BLOCK_POINT(WAIT, server);
    if (next && !(cpu.attention & CPU_DISPATCH))
        sched_switch(next); /* back along the chain, on the same budget */
    else
        cpu.attention |= CPU_DISPATCH;
}

static int reply_and_wait(struct thread *server, uint32_t tag)
{
    struct thread *caller = thread_caller(server);

    if (server->hot.port == &dead_port)
        return -EINVAL; /* bound to no port */
    /* ---- point of no return ---- */
    if (caller && tag & IRIS_TAG_NO_REPLY) {
        ipc_fail(caller, ECANCELED);
        caller = NULL;
    } else if (caller) {
        unlink_caller(server);
        if (!reply(server, caller, tag))
            caller = NULL;
    }
    if (!receive(server))
        wait(server, tag, caller);
    return 0;
}

/* ---- Keeping a caller, answering it later ---- */

int sys_ipc_keep(uint32_t slot)
{
    struct thread *server = thread_current(), *caller = thread_caller(server);
    int error;
    struct entry *entry = handle_slot(server->space, slot, false, &error);

    if (!caller)
        return -ENOENT;
    if (!entry)
        return error;
    entry_set(entry, &caller->object, IRIS_TYPE_REPLY, 0);
    server->space->handles++;
    caller->hot.state = IRIS_THREAD_KEPT;
    caller->hot.partner = NULL;
    caller->called_port = server->hot.port->object.id;
    caller->reply_entry = entry;
    sched_home(server);
    BLOCK_POINT(KEPT, caller);
    return 0;
}

/* Uses up the REPLY handle of a kept thread. */
static void unkeep(struct thread *caller)
{
    struct entry *entry = caller->reply_entry;

    caller->reply_entry = NULL;
    frame_of(entry)->owner->handles--;
    entry_clear(entry);
    sched_unpark(caller);
}

static void reply_kept(struct thread *server, struct thread *caller, uint32_t tag)
{
    unkeep(caller);
    sched_ready(sched_base(caller));
    reply(server, caller, tag);
    result_empty(server, 0);
}

/* ---- START: the first message to a new thread ---- */

static int start(struct thread *creator, const struct entry *entry, uint32_t tag)
{
    struct thread *thread = container_of(entry->object, struct thread, object);
    struct frame *frame = &creator->frame;

    if (!(entry->rights & IRIS_RIGHT_CONTROL))
        return -EPERM;
    if (iris_tag_label(tag) != IRIS_LABEL_START || iris_tag_words(tag) != 4 ||
        thread->hot.state != IRIS_THREAD_NEW)
        return -EINVAL;
    thread_start(thread, *frame_word(frame, 0), *frame_word(frame, 1), *frame_word(frame, 2),
                 creator->hot.utcb->words[3]);
    result_empty(creator, 0);
    return 0;
}

/* ---- The door: which operation is it? ---- */

static int operate(struct thread *thread, uint32_t operation, uint32_t tag)
{
    if (!tag_is_valid(tag))
        return -EINVAL;
    if (operation == ~0u)
        return reply_and_wait(thread, tag);
    if (operation >= IRIS_HANDLE_LIMIT)
        return -EBADF;
    const struct entry *entry = arch_handle_look(operation);
    if (entry->object->dying)
        return -EDEAD;
    switch (entry->type) {
    case IRIS_TYPE_PORTAL:
        return call(thread, entry, tag);
    case IRIS_TYPE_NONE:
        return entry->used ? -EDEAD : -EBADF;
    case IRIS_TYPE_REPLY:
        reply_kept(thread, container_of(entry->object, struct thread, object), tag);
        return 0;
    case IRIS_TYPE_THREAD:
        return start(thread, entry, tag);
    default:
        return -EBADF;
    }
}

void ipc_enter(struct thread *thread)
{
    int error = operate(thread, frame_operation(&thread->frame), frame_tag(&thread->frame));

    if (error)
        result_error(thread, (unsigned)-error);
}

/* ---- Failing, timing out, dying ---- */

/* Leaves whatever it waits for. Its partner, if any, goes on without it, at home. */
static void leave(struct thread *thread)
{
    struct thread *server = thread_partner(thread);

    switch (thread->hot.state) {
    case IRIS_THREAD_WAITING:
        port_remove_waiter(thread);
        break;
    case IRIS_THREAD_QUEUED:
        dequeue(thread);
        break;
    case IRIS_THREAD_CALLING:
        sched_unpark_chain(thread);
        thread->hot.partner = NULL;
        sched_home(server);
        break;
    case IRIS_THREAD_KEPT:
        unkeep(thread);
        break;
    case IRIS_THREAD_SLEEPING:
        word_leave(thread);
        break;
    default:
        return;
    }
    thread->buffers = 0;
    thread->hot.state = thread_ready_state(thread);
}

void ipc_withdraw(struct thread *thread)
{
    time_cancel(&thread->timer);
    leave(thread);
    sched_unpark(thread);
    sched_ready(sched_base(thread));
}

void ipc_fail(struct thread *thread, unsigned error)
{
    bool asleep = thread->hot.state == IRIS_THREAD_SLEEPING;

    ipc_withdraw(thread);
    if (thread->fault.label)
        fault_answered(thread, error); /* may be the end of it */
    else if (asleep)
        frame_set_result(&thread->frame, -(int)error);
    else
        result_error(thread, error);
}

void ipc_timeout(struct thread *thread)
{
    ipc_fail(thread, thread_was_received(thread) ? ECANCELED : ETIMEDOUT);
}

void ipc_detach(struct thread *thread)
{
    if (thread->hot.caller)
        ipc_fail(thread_caller(thread), EDEAD);
    leave(thread);
    thread->fault.label = 0;
}
