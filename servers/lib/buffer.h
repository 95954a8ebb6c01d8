/* SPDX-License-Identifier: MIT */
/* Buffers that stay in the client's memory: what a server reads from and writes into. */
#ifndef IRIS_LIB_BUFFER_H
#define IRIS_LIB_BUFFER_H

#include <stdint.h>

struct iris_buffer_ref {
    uint32_t reply;  /* 0: the current caller's; else the REPLY handle of a kept one */
    uint32_t index;  /* which of the message's buffers */
    uint32_t length; /* bytes, as the client says: the kernel knows better and cuts */
};

/*
 * Both copy as much as lies inside the buffer and return the number of bytes, or a negative error
 * number: -EFAULT if a page of it is not there. A method answers that error; the client's stub
 * brings the pages in and calls again. So do this before anything that must not be done twice.
 */
int iris_buffer_read(struct iris_buffer_ref buffer, uint32_t offset, void *data, uint32_t length);
int iris_buffer_write(struct iris_buffer_ref buffer, uint32_t offset, const void *data,
                      uint32_t length);

/* 0 if every page of the buffer is there, to be read or (`writable`) to be written; else why not.
 */
int iris_buffer_probe(struct iris_buffer_ref buffer, int writable);

/* The same buffer after iris_request_keep has given `reply`. */
static inline struct iris_buffer_ref iris_buffer_kept(struct iris_buffer_ref buffer, uint32_t reply)
{
    buffer.reply = reply;
    return buffer;
}

#endif
