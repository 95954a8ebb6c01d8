/* SPDX-License-Identifier: MIT */
/* ipc_copy: between a server's memory and the buffers its caller declared. */
#include "arch.h"
#include "handle.h"
#include "map.h"
#include "point.h"
#include "space.h"
#include "syscall.h"
#include "thread.h"

#define COPY_PAGES_MAX 3 /* a call copies this much at most: some thousand instructions */

struct copy {
    struct thread *owner; /* of the memory: the caller, or whoever passed it on to the caller */
    bool out, probe;
    uint32_t address; /* in the owner's space */
    uint32_t own;     /* in the server's */
    uint32_t length;
};

/* The current caller, or the kept one behind a handle. */
static struct thread *copy_caller(uint32_t reply, int *error)
{
    struct thread *caller = thread_caller(thread_current());

    *error = -ENOENT;
    if (reply) {
        struct entry *entry = handle_get(reply, IRIS_TYPE_REPLY, 0, error);
        caller = entry ? container_of(entry->object, struct thread, object) : NULL;
    }
    return caller;
}

/* The declaring thread can change its list meanwhile: read once, then checked. */
static int buffer_read(const struct thread *thread, uint32_t index, struct iris_buffer *buffer)
{
    if (thread->fault.label || index >= thread->buffers)
        return -EINVAL;
    const volatile struct iris_buffer *declared = &thread->hot.utcb->buffers[index];
    buffer->address = declared->address;
    buffer->length = declared->length;
    buffer->access = declared->access;
    return 0;
}

/*
 * From the caller's declaration to the memory that is meant: a server may declare a part of its own
 * caller's buffer, and so on down the chain (31 deep at most). Each may only take away.
 */
static int copy_check(struct copy *copy, uint32_t index, uint32_t offset)
{
    uint32_t need = copy->out ? IRIS_BUFFER_WRITE : IRIS_BUFFER_READ;
    struct iris_buffer buffer;
    int error;

    while (!(error = buffer_read(copy->owner, index, &buffer))) {
        if (!(buffer.access & need))
            return -EPERM;
        if (offset > buffer.length || copy->length > buffer.length - offset)
            return -EINVAL;
        if (!(buffer.access & IRIS_BUFFER_PASS_ON))
            break;
        if (!copy->owner->hot.caller || buffer.address > ~0u - offset)
            return -EINVAL;
        offset += buffer.address;
        index = buffer.access >> IRIS_BUFFER_PASS_SHIFT & 3;
        copy->owner = thread_caller(copy->owner);
    }
    if (error)
        return error;
    if (buffer.address >= IRIS_USER_TOP || buffer.length > IRIS_USER_TOP - buffer.address)
        return -EFAULT;
    copy->address = buffer.address + offset;
    return 0;
}

/* At most to the end of the owner's page. Returns the bytes done or -EFAULT. */
static int copy_step(const struct copy *copy)
{
    uint32_t offset = copy->address % PAGE_SIZE;
    uint32_t bytes = min(copy->length, PAGE_SIZE - offset);
    const struct mapping *mapping = map_find(copy->owner->space, copy->address >> PAGE_SHIFT);

    if (!mapping || (copy->out && !(mapping->page & MAPPING_WRITE)))
        return -EFAULT;
    if (copy->probe)
        return (int)bytes;
    char *page = arch_page_window(mapping->frame);
    int error = copy->out ? arch_copy_in(page + offset, copy->own, bytes)
                          : arch_copy_out(copy->own, page + offset, bytes);
    return error ? error : (int)bytes;
}

int sys_ipc_copy(uint32_t reply, uint32_t spec, uint32_t offset, uint32_t address, uint32_t length)
{
    int error, step = 0;
    uint32_t done = 0;
    struct copy copy = {.out = spec & IRIS_COPY_OUT,
                        .probe = spec & IRIS_COPY_PROBE,
                        .own = address,
                        .length = min(length, 0x7fffffffu)};

    if (spec & ~(IRIS_COPY_OUT | IRIS_COPY_PROBE | 3u))
        return -EINVAL;
    copy.owner = copy_caller(reply, &error);
    if (!copy.owner)
        return error;
    if ((error = copy_check(&copy, spec & 3, offset)))
        return error;
    for (unsigned pages = 0; copy.length > 0 && pages < COPY_PAGES_MAX; pages++) {
        step = copy_step(&copy);
        if (step < 0)
            break;
        done += (uint32_t)step;
        copy.address += (uint32_t)step;
        copy.own += (uint32_t)step;
        copy.length -= (uint32_t)step;
        if (PREEMPTION_POINT(COPY))
            break;
    }
    return step < 0 && done == 0 ? step : (int)done;
}
