/* SPDX-License-Identifier: MIT */
/*
 * The state of a thread, read and changed from outside at any moment. No kernel frame outlives a
 * kernel entry, so all that has to be done is to say what a blocked thread's registers would be if
 * it had not begun what it waits for: see thread_capture().
 */
#include <iris/state.h>

#include "handle.h"
#include "ipc.h"
#include "port.h"
#include "sched.h"
#include "space.h"
#include "syscall.h"
#include "thread.h"

#define SELECTORS                                                                                  \
    (IRIS_STATE_READ | IRIS_STATE_CANCEL | IRIS_STATE_HALT | IRIS_STATE_WRITE |                    \
     IRIS_STATE_RESUME | IRIS_STATE_SLOT(0xffffu))

static bool is_unreceived(const struct thread *thread)
{
    return thread->hot.state == IRIS_THREAD_WAITING || thread->hot.state == IRIS_THREAD_QUEUED ||
           thread->hot.state == IRIS_THREAD_SLEEPING;
}

void thread_capture(const struct thread *thread, struct frame *frame)
{
    uint32_t trap = thread->hot.flags & THREAD_STEPPED;

    *frame = thread->frame;
    if (thread->fault.label)
        return; /* as the fault left it: it faults again */
    if (thread->hot.state == IRIS_THREAD_SLEEPING) {
        arch_frame_restart(frame);
    } else if (is_unreceived(thread)) {
        if (thread->hot.state == IRIS_THREAD_WAITING) { /* its reply, if any, is given */
            frame_set_badge(frame, ~0u);
            frame_set_tag(frame, IRIS_TAG_NO_REPLY | (thread->timer.armed ? IRIS_TAG_DEADLINE : 0));
        }
        frame_ipc_again(frame, thread->hot.user_sp, trap);
    } else if (thread_was_received(thread)) {
        for (unsigned i = 0; i < 3; i++)
            *frame_word(frame, i) = 0;
        frame_set_badge(frame, 0);
        frame_set_tag(frame, IRIS_TAG(ECANCELED, 0) | IRIS_TAG_ERROR);
        frame_ipc_return(frame, thread->hot.user_sp, trap);
    }
}

/* ---- Reading ---- */

static int state_read(struct thread *thread, uint32_t to)
{
    union {
        struct frame frame;
        struct iris_registers registers;
    } image = {.registers = {0}};

    thread_capture(thread, &image.frame);
    arch_fpu_leave(NULL);
    image.registers.unused = image.registers.reserved[0] = image.registers.reserved[1] = 0;
    image.registers.thread_pointer = thread->hot.thread_pointer;
    image.registers.port = thread->hot.port->object.id;
    image.registers.state = thread->hot.state;
    if (arch_copy_out(to, &image, sizeof(image)) < 0 ||
        arch_copy_out(to + offsetof(struct iris_state, fpu), &thread->fpu, 512) < 0)
        return -EFAULT;
    return arch_copy_out(to + offsetof(struct iris_state, utcb), thread->hot.utcb, IRIS_UTCB_SIZE);
}

/* ---- Stopping and going on ---- */

/* Takes it out of its IPC with the registers it is to find. */
static void tear(struct thread *thread)
{
    struct frame frame;

    thread_capture(thread, &frame);
    ipc_withdraw(thread);
    thread->fault.label = 0;
    thread->frame = frame;
}

static void cancel(struct thread *thread)
{
    if (thread->fault.label)
        tear(thread);
    else if (is_unreceived(thread) || thread_was_received(thread))
        ipc_fail(thread, ECANCELED);
}

static void halt(struct thread *thread)
{
    thread->hot.flags |= THREAD_HALT;
    if (is_unreceived(thread))
        tear(thread);
    else if (thread->hot.state == IRIS_THREAD_CALLING)
        thread->hot.partner->flags |= THREAD_SLOW_REPLY; /* so that the reply finds the flag */
    if (thread->hot.state == IRIS_THREAD_READY)
        thread->hot.state = IRIS_THREAD_HALTED; /* the dispatcher parks its budgets here */
    cpu.attention |= CPU_DISPATCH;
}

static void resume(struct thread *thread)
{
    thread->hot.flags &= (uint16_t)~THREAD_HALT;
    if (thread->hot.state != IRIS_THREAD_HALTED)
        return;
    thread->hot.state = IRIS_THREAD_READY;
    sched_unpark(thread);
    sched_ready(sched_base(thread));
}

/* ---- Writing ---- */

struct change {
    struct iris_state state;
    struct port *port;
};

/* Everything that is to be written, read once and found good. */
static int change_check(struct change *change, uint32_t selector, uint32_t from)
{
    struct iris_registers *registers = &change->state.registers;
    struct entry *entry;
    int error = 0;

    if (arch_copy_in(&change->state, from, sizeof(change->state)) < 0)
        return -EFAULT;
    if (selector & IRIS_STATE_REGISTERS && !frame_check(registers))
        return -EINVAL;
    if (selector & IRIS_STATE_FPU && !arch_fpu_is_valid(change->state.fpu))
        return -EINVAL;
    change->port = &dead_port;
    if (selector & IRIS_STATE_PORT && registers->port) {
        entry = handle_get(registers->port, IRIS_TYPE_PORT, IRIS_RIGHT_RECEIVE, &error);
        if (entry)
            change->port = container_of(entry->object, struct port, object);
    }
    return error;
}

static void change_apply(struct thread *thread, uint32_t selector, struct change *change)
{
    if (thread->hot.state == IRIS_THREAD_NEW) {
        thread->hot.state = IRIS_THREAD_HALTED;
        thread->hot.flags |= THREAD_HALT;
        sched_ready(&thread->budget);
    }
    if (selector & IRIS_STATE_REGISTERS) {
        frame_write(&thread->frame, &change->state.registers);
        thread->hot.thread_pointer = change->state.registers.thread_pointer;
    }
    if (selector & IRIS_STATE_FPU) {
        arch_fpu_drop(thread);
        memcpy(&thread->fpu, change->state.fpu, sizeof(thread->fpu));
    }
    if (selector & IRIS_STATE_UTCB) {
        change->state.utcb.slot = thread->utcb_slot;
        change->state.utcb.thread = thread->object.id;
        memcpy(thread->hot.utcb, &change->state.utcb, IRIS_UTCB_SIZE);
    }
    if (selector & IRIS_STATE_PORT)
        port_bind(change->port, thread);
    if (thread == thread_current())
        arch_switch(thread); /* its thread pointer may be another */
}

/* Will it stand still after CANCEL and HALT? */
static bool can_be_written(const struct thread *thread, uint32_t selector)
{
    if (thread->hot.state == IRIS_THREAD_HALTED || thread->hot.state == IRIS_THREAD_NEW)
        return true;
    return selector & IRIS_STATE_HALT &&
           (selector & IRIS_STATE_CANCEL || !thread_was_received(thread));
}

/* By its own handle, or by that of its space and the UTCB slot. */
static struct thread *find(uint32_t handle, uint32_t utcb_slot, int *error)
{
    struct entry *entry = handle_get(handle, IRIS_TYPE_NONE, IRIS_RIGHT_CONTROL, error);

    if (!entry)
        return NULL;
    if (entry->type == IRIS_TYPE_THREAD)
        return container_of(entry->object, struct thread, object);
    *error = entry->type == IRIS_TYPE_SPACE ? -ENOENT : -EBADF;
    if (entry->type != IRIS_TYPE_SPACE)
        return NULL;
    struct thread *thread = thread_at(container_of(entry->object, struct space, object), utcb_slot);
    return thread && thread->utcb_slot == utcb_slot && !thread->object.dying ? thread : NULL;
}

int sys_thread_exchange_registers(uint32_t handle, uint32_t selector, uint32_t state)
{
    int error;
    struct change change;
    struct thread *thread = find(handle, selector >> IRIS_STATE_SLOT_SHIFT, &error);

    if (!thread)
        return error;
    if (selector & ~SELECTORS)
        return -EINVAL;
    if (selector & IRIS_STATE_WRITE && (error = change_check(&change, selector, state)))
        return error;
    if (selector & IRIS_STATE_WRITE && !can_be_written(thread, selector))
        return -EBUSY;
    if (selector & IRIS_STATE_READ && (error = state_read(thread, state)))
        return error;
    /* ---- point of no return ---- */
    if (selector & IRIS_STATE_CANCEL)
        cancel(thread);
    if (selector & IRIS_STATE_HALT)
        halt(thread);
    if (selector & IRIS_STATE_WRITE)
        change_apply(thread, selector, &change);
    if (selector & IRIS_STATE_RESUME)
        resume(thread);
    /* Who wrote its own registers goes on with those. */
    return thread == thread_current() && selector & IRIS_STATE_REGISTERS ? SYS_GONE : 0;
}
