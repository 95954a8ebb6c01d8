/* SPDX-License-Identifier: MIT */
/* Threads: birth, death, and the calls on them. */
#include "thread.h"

#include "frame.h"
#include "handle.h"
#include "ipc.h"
#include "port.h"
#include "sched.h"
#include "space.h"
#include "syscall.h"
#include "trace.h"

#define UTCBS_PER_PAGE (PAGE_SIZE / IRIS_UTCB_SIZE)

/* ---- UTCB slots: a page of eight, its bitmap of taken ones in the frame table ---- */

static struct iris_utcb *utcb_take(struct space *space, uint32_t slot, int *error)
{
    uint32_t n = slot / UTCBS_PER_PAGE, bit = 1u << slot % UTCBS_PER_PAGE;
    struct iris_utcb *page = arch_utcb_page(space, n);

    *error = -ENOMEM;
    if (!page) {
        page = account_page(space);
        if (!page)
            return NULL;
        arch_utcb_page_set(space, n, page);
    }
    *error = -EEXIST;
    if (frame_of(page)->info & bit)
        return NULL;
    frame_of(page)->info |= bit;
    *error = 0;
    return memset(&page[slot % UTCBS_PER_PAGE], 0, IRIS_UTCB_SIZE);
}

static void utcb_release(struct space *space, uint32_t slot)
{
    uint32_t n = slot / UTCBS_PER_PAGE;
    void *page = arch_utcb_page(space, n);

    frame_of(page)->info &= ~(1u << slot % UTCBS_PER_PAGE);
    if (frame_of(page)->info == 0) {
        arch_utcb_page_set(space, n, NULL);
        account_page_free(page);
    }
}

/* ---- Birth ---- */

struct thread *thread_new(struct space *space, uint32_t utcb_slot, unsigned priority, int *error)
{
    struct iris_utcb *utcb = utcb_take(space, utcb_slot, error);
    if (!utcb)
        return NULL;
    struct thread *thread = account_page_raw(space);
    if (!thread) {
        utcb_release(space, utcb_slot);
        *error = -ENOMEM;
        return NULL;
    }
    memset(thread, 0, THREAD_STACK_BOTTOM);
    memset(&thread->frame, 0, sizeof(thread->frame) + sizeof(thread->hot));
    object_init(&thread->object, IRIS_TYPE_THREAD, space);
    thread->magic = THREAD_MAGIC;
    thread->space = space;
    thread->utcb_slot = utcb_slot;
    tree_insert(&space->threads, &thread->space_node, utcb_slot);
    list_init(&thread->bound_node);
    list_init(&thread->queue_node);
    list_init(&thread->via_node);
    list_init(&thread->parked);
    budget_init(&thread->budget, priority);
    thread->hot.state = IRIS_THREAD_NEW;
    thread->hot.port = &dead_port;
    thread->hot.page_directory = space->page_directory;
    thread->hot.utcb = utcb;
    utcb->slot = utcb_slot;
    utcb->thread = thread->object.id;
    thread_stack_mark(thread);
    arch_thread_init(thread);
    space->threads_count++;
    return thread;
}

void thread_start(struct thread *thread, uint32_t ip, uint32_t sp, uint32_t pointer, uint32_t arg)
{
    assert(thread->hot.state == IRIS_THREAD_NEW);
    thread->hot.thread_pointer = pointer;
    arch_thread_start(thread, ip, sp, arg);
    thread->hot.state = thread_ready_state(thread);
    sched_ready(&thread->budget);
}

/* ---- The threads of a space ---- */

struct thread *thread_at(const struct space *space, uint32_t utcb_slot)
{
    struct tree_node *node = tree_find(space->threads, utcb_slot);
    return node ? container_of(node, struct thread, space_node) : NULL;
}

/* ---- Death ---- */

/* HALTED: doomed by a fault. DEAD: some handles still refer to it. */
static struct list ending = LIST_INIT(ending);

/* Tells the exit portal, if there is one; the page is the event's queue node. */
static bool exit_event(struct thread *thread)
{
    struct entry *exit = &thread->space->exit;
    struct port *port = exit->port;

    if (thread->space->object.dying || exit->type != IRIS_TYPE_PORTAL)
        return false;
    thread->exit_badge = exit->badge;
    thread->hot.port = port; /* where its event is, whatever becomes of the space's exit portal */
    list_insert(&port->exits, &thread->queue_node);
    port_update(port);
    notify_port(port);
    return true;
}

void thread_free(struct thread *thread)
{
    list_remove(&thread->queue_node);
    list_remove(&thread->bound_node);
    thread->magic = 0;
    account_page_free(thread);
}

/* The rest of a dead thread's end. */
static void bury(struct thread *thread)
{
    list_remove(&thread->queue_node);
    if (!object_retarget(&thread->object, 16)) {
        list_insert(&ending, &thread->queue_node);
        cpu.attention |= CPU_DISPATCH | CPU_CHORES;
    } else if (!exit_event(thread)) {
        thread_free(thread);
    }
}

/* The thread itself, unlinked from everybody else. */
static void die(struct thread *thread, enum iris_exit_reason reason, uint32_t code)
{
    bool self = thread == thread_current();

    trace(IRIS_TRACE_EVENT_THREAD_EXIT, thread->object.id, reason, code, 0);
    ipc_detach(thread);
    time_cancel(&thread->timer);
    arch_fpu_drop(thread);
    list_remove(&thread->bound_node);
    tree_remove(&thread->space->threads, &thread->space_node);
    list_insert(&thread->space->ended, &thread->bound_node);
    sched_retire(&thread->budget);
    sched_unpark(thread);
    thread->hot.state = IRIS_THREAD_DEAD;
    thread->exit_reason = (uint8_t)reason;
    thread->exit_code = code;
    thread->space->threads_count--;
    if (self) {
        cpu.attention |= CPU_DISPATCH;  /* it may have run on a helper's budget */
        sched_switch(arch_idle_thread); /* its page directory may go now */
    }
    utcb_release(thread->space, thread->utcb_slot);
    bury(thread);
}

void thread_destroy(struct thread *thread, enum iris_exit_reason reason, uint32_t code)
{
    struct port *port = thread->hot.port;

    assert(thread->magic == THREAD_MAGIC);
    if (thread->hot.state != IRIS_THREAD_DEAD) {
        die(thread, reason, code);
    } else if (!list_empty(&thread->object.ring)) {
        bury(thread);
    } else { /* its exit event was not yet received */
        thread_free(thread);
        port_update(port);
    }
}

/*
 * A fault that nobody resolves. Not destroyed on the spot: that may fail its caller's fault, which
 * ends that thread too, and so on down the chain, deeper than the kernel stack.
 */
void thread_doom(struct thread *thread)
{
    thread->object.dying = true; /* nobody can make it go on */
    thread->hot.state = IRIS_THREAD_HALTED;
    list_insert(&ending, &thread->queue_node);
    cpu.attention |= CPU_DISPATCH | CPU_CHORES;
}

bool thread_reap_step(void)
{
    for (unsigned steps = 2; steps > 0 && !list_empty(&ending); steps--) {
        struct thread *thread = list_first(&ending, struct thread, queue_node);
        thread_destroy(thread, IRIS_EXIT_FAULT, thread->fault.vector);
    }
    return !list_empty(&ending);
}

/* ---- Inspection ---- */

void thread_info(const struct thread *thread, struct iris_thread_info *info)
{
    const struct thread *partner = thread_partner(thread);
    struct frame frame;

    memset(info, 0, sizeof(*info));
    info->utcb_slot = thread->utcb_slot;
    info->id = thread->object.id;
    info->state = thread->hot.state;
    info->faulting = thread->fault.label != 0;
    info->priority = thread->budget.priority;
    info->bound_port = thread->hot.port->object.id;
    if (thread->hot.state == IRIS_THREAD_WAITING)
        info->port = info->bound_port;
    else if (thread->hot.state == IRIS_THREAD_QUEUED && thread->via)
        info->port = thread->via->port->object.id;
    else if (thread->hot.state == IRIS_THREAD_CALLING) {
        info->port = partner->hot.port->object.id;
        info->partner = partner->object.id;
        info->partner_space = partner->space->object.id;
    } else if (thread->hot.state == IRIS_THREAD_KEPT) {
        info->port = thread->called_port;
        info->partner_space = frame_of(thread->reply_entry)->owner->object.id;
    }
    if (thread->hot.caller)
        info->caller = thread_caller(thread)->object.id;
    info->budget = budget_home(sched_base((struct thread *)thread))->object.id;
    thread_capture(thread, &frame);
    info->ip = frame_ip(&frame);
    info->sp = frame_sp(&frame);
    info->depletions = thread->budget.depletions;
    info->time = arch_cycles_to_ns(sched_used(&thread->budget));
}

/* ---- Stack check: the unused stack is marked, so that overruns and depth show ---- */

#define STACK_MARK 0x6b61636bu

void thread_stack_mark(struct thread *thread)
{
    uint32_t *stack = (uint32_t *)((char *)thread + THREAD_STACK_BOTTOM);

    thread->canary = THREAD_MAGIC;
#ifdef DEBUG
    for (unsigned i = 0; i < THREAD_STACK_SIZE / 4; i++)
        stack[i] = STACK_MARK;
#else
    stack[0] = STACK_MARK;
#endif
}

/* Bytes of kernel stack this thread ever used; 0: overrun. */
unsigned thread_stack_used(const struct thread *thread)
{
    const uint32_t *stack = (const uint32_t *)((const char *)thread + THREAD_STACK_BOTTOM);
    unsigned words = THREAD_STACK_SIZE / 4, i = 0;

    if (thread->canary != THREAD_MAGIC || stack[0] != STACK_MARK)
        return 0;
    while (i < words && stack[i] == STACK_MARK)
        i++;
    return (words - i) * 4 + 1;
}

/* ---- Calls ---- */

int sys_thread_create(uint32_t space_handle, uint32_t slot, uint32_t utcb_slot, uint32_t priority)
{
    int error;
    struct space *space = handle_space(space_handle, IRIS_RIGHT_CONTROL, &error);

    if (!space)
        return error;
    if (utcb_slot >= IRIS_UTCB_SLOTS || priority >= IRIS_PRIORITIES)
        return -EINVAL;
    if (priority > space->ceiling || priority > space_current()->ceiling)
        return -EPERM;
    if (space->object.dying)
        return -EDEAD;
    struct entry *entry = handle_slot(space_current(), slot, true, &error);
    if (!entry)
        return error;
    struct thread *thread = thread_new(space, utcb_slot, priority, &error);
    if (!thread)
        return error;
    handle_new(space_current(), entry, &thread->object, IRIS_RIGHT_ALL);
    return 0;
}

int sys_thread_exit(uint32_t code)
{
    thread_destroy(thread_current(), IRIS_EXIT_RETURN, code);
    return SYS_GONE;
}

int sys_thread_schedule(uint32_t handle, uint32_t priority, uint32_t quantum, uint32_t period,
                        uint32_t spare, uint32_t portal)
{
    struct sched_terms terms = {(uint8_t)priority, (uint8_t)spare, quantum, period, NULL};
    const uint32_t ceiling = space_current()->ceiling;
    int error;
    struct entry *entry = handle_get(handle, IRIS_TYPE_THREAD, IRIS_RIGHT_CONTROL, &error);

    if (!entry)
        return error;
    if (priority >= IRIS_PRIORITIES || spare > IRIS_PRIORITY_NONE ||
        (quantum != 0 && quantum < BUDGET_QUANTUM_LEAST_US) || quantum > BUDGET_PERIOD_MOST_US)
        return -EINVAL;
    if (period != 0 && (quantum == 0 || quantum > period || period > BUDGET_PERIOD_MOST_US))
        return -EINVAL;
    if (priority > ceiling || (spare != IRIS_PRIORITY_NONE && spare > ceiling))
        return -EPERM;
    if (portal && !(terms.portal = handle_get(portal, IRIS_TYPE_PORTAL, IRIS_RIGHT_NOTIFY, &error)))
        return error;
    /* ---- point of no return ---- */
    sched_set(&container_of(entry->object, struct thread, object)->budget, &terms);
    return 0;
}

int sys_thread_switch(uint32_t handle)
{
    int error;

    if (handle == 0) {
        sched_yield();
        return 0;
    }
    struct entry *entry = handle_get(handle, IRIS_TYPE_THREAD, IRIS_RIGHT_CONTROL, &error);
    if (!entry)
        return error;
    return sched_lend(container_of(entry->object, struct thread, object)) ? 0 : -EAGAIN;
}
