/* SPDX-License-Identifier: MIT */
#include "buffer.h"

#include <iris/calls.h>
#include <iris/error.h>
#include <iris/object.h>

#include "stub.h"

/*
 * The kernel may copy less than asked: up to a page that is not there (then the next attempt says
 * EFAULT) or up to the buffer's real end (then 0).
 */
static int copy(struct iris_buffer_ref buffer, uint32_t flags, uint32_t offset, uint8_t *data,
                uint32_t length)
{
    uint32_t done = 0;
    bool touched = false;

    if (offset >= buffer.length)
        return 0;
    if (length > buffer.length - offset)
        length = buffer.length - offset;
    while (done < length) {
        int n = iris_ipc_copy(buffer.reply, buffer.index | flags, offset + done, data + done,
                              length - done);
        if (n == -EFAULT && !touched) { /* it may be our own page that is not there */
            iris_buffer_touch(data + done, length - done, !(flags & IRIS_COPY_OUT));
            touched = true;
            continue;
        }
        if (n < 0)
            return n;
        if (n == 0)
            break;
        done += (uint32_t)n;
    }
    return (int)done;
}

int iris_buffer_read(struct iris_buffer_ref buffer, uint32_t offset, void *data, uint32_t length)
{
    return copy(buffer, 0, offset, data, length);
}

int iris_buffer_write(struct iris_buffer_ref buffer, uint32_t offset, const void *data,
                      uint32_t length)
{
    return copy(buffer, IRIS_COPY_OUT, offset, (uint8_t *)(uintptr_t)data, length);
}

int iris_buffer_probe(struct iris_buffer_ref buffer, int writable)
{
    uint32_t flags = IRIS_COPY_PROBE | (writable ? IRIS_COPY_OUT : 0);
    uint32_t offset = 0;

    while (offset < buffer.length) {
        int n = iris_ipc_copy(buffer.reply, buffer.index | flags, offset, (void *)0,
                              buffer.length - offset);
        if (n <= 0)
            return n < 0 ? n : -EINVAL; /* shorter than the client's length word says */
        offset += (uint32_t)n;
    }
    return 0;
}
