/* SPDX-License-Identifier: MIT */
/* A message in pieces, as one row of bytes. */
#ifndef QNX_PARTS_H
#define QNX_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct parts {
    const struct iovec *iov;
    uint32_t count;
    uint32_t bytes; /* of all */
};

/* -EINVAL: more pieces than anybody has; -EOVERFLOW: more bytes than there is memory. */
int qnx_parts_from(struct parts *parts, const struct iovec *iov, size_t count);

/* Whether all of it is memory that may be read or written: 0 or -EFAULT. */
int qnx_parts_present(const struct parts *parts, bool writable);

/* The bytes at `offset` that lie together: how many, and where. 0: past the end. */
uint32_t qnx_parts_at(const struct parts *parts, uint32_t offset, uint8_t **data);

/* Copy between the row, from its beginning, and memory in one piece. Return how many bytes. */
uint32_t qnx_parts_gather(const struct parts *parts, void *data, uint32_t bytes);
uint32_t qnx_parts_scatter(const struct parts *parts, const void *data, uint32_t bytes);

#endif
