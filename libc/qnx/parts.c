/* SPDX-License-Identifier: MIT */
#include "parts.h"

#include <errno.h>
#include <string.h>

#include "stub.h"

#define PARTS_MAX 524288u /* as QNX */

int qnx_parts_from(struct parts *parts, const struct iovec *iov, size_t count)
{
    if (count > PARTS_MAX)
        return -EINVAL;
    *parts = (struct parts){.iov = iov, .count = (uint32_t)count};
    if (iris_buffer_present(iov, (uint32_t)(count * sizeof *iov), false) < 0)
        return -EFAULT;
    for (size_t i = 0; i < count; i++)
        if (__builtin_add_overflow(parts->bytes, iov[i].iov_len, &parts->bytes))
            return -EOVERFLOW;
    return 0;
}

int qnx_parts_present(const struct parts *parts, bool writable)
{
    int status = 0;

    for (uint32_t i = 0; status == 0 && i < parts->count; i++)
        status =
            iris_buffer_present(parts->iov[i].iov_base, (uint32_t)parts->iov[i].iov_len, writable);
    return status < 0 ? -EFAULT : 0;
}

uint32_t qnx_parts_at(const struct parts *parts, uint32_t offset, uint8_t **data)
{
    for (uint32_t i = 0; i < parts->count; i++) {
        uint32_t length = (uint32_t)parts->iov[i].iov_len;
        if (offset < length) {
            *data = (uint8_t *)parts->iov[i].iov_base + offset;
            return length - offset;
        }
        offset -= length;
    }
    return 0;
}

static uint32_t transfer(const struct parts *parts, uint8_t *data, uint32_t bytes, bool gather)
{
    uint32_t done = 0, length;
    uint8_t *piece;

    while (done < bytes && (length = qnx_parts_at(parts, done, &piece)) != 0) {
        if (length > bytes - done)
            length = bytes - done;
        memcpy(gather ? data + done : piece, gather ? piece : data + done, length);
        done += length;
    }
    return done;
}

uint32_t qnx_parts_gather(const struct parts *parts, void *data, uint32_t bytes)
{
    return transfer(parts, data, bytes, true);
}

uint32_t qnx_parts_scatter(const struct parts *parts, const void *data, uint32_t bytes)
{
    return transfer(parts, (uint8_t *)(uintptr_t)data, bytes, false);
}
