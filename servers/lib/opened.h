/* SPDX-License-Identifier: MIT */
/*
 * Open files of a server of the interface `file`. Each is a portal, whose badge is its number here;
 * when the last handle to it is closed, the kernel says so and the server frees it:
 *
 *     static struct opened_table table = {.most = 500};
 *     opened_begin(&table, SERVER_SLOT_PORT)      at the start
 *     opened_give(&table, flags, node, file)      in `open`
 *     opened_find(&table, badge)                  in `locate`: the context of all other methods
 *     opened_free(&table, opened)                 at IRIS_EVENT_DISCONNECT
 */
#ifndef IRIS_LIB_OPENED_H
#define IRIS_LIB_OPENED_H

#include <stdint.h>

#include "server.h"

/* An open file. */
struct opened {
    uint32_t portal; /* slot of the server's own handle; 0: the place is free */
    uint32_t badge;
    uint32_t flags;    /* FILE_OPEN_READ, _WRITE, _APPEND, _NONBLOCK */
    uint32_t position; /* up to FILE_MAX_SIZE */
    uint32_t lock;     /* as a whole (locks.h): enum file_lock_kind */
    void *node;        /* the server's own */
};

struct opened_table {
    uint32_t most; /* open files at a time; one more is ENFILE */
    uint32_t port;
    uint32_t device; /* the port's id: file_status.device */
    struct opened *file;
    uint32_t lowest; /* no place below it is free */
};

/* The first badge of open files; those below are the server's to give. */
#define OPENED_BADGE 16u

/* 0 or a negative error number. */
int opened_begin(struct opened_table *table, uint32_t port);

/*
 * A new open file and, in `file`, the client's handle to it. Of `flags` those are kept that
 * struct opened names. 0; or -ENFILE, -ENOMEM, and nothing remains.
 */
int opened_give(struct opened_table *table, uint32_t flags, void *node,
                struct iris_handle_out *file);

/* NULL: there is none with that badge. */
struct opened *opened_find(const struct opened_table *table, uint32_t badge);

/* The open file behind a handle that a client shows, `shared` for badge 0; NULL: it is none of this
   server's. */
struct opened *opened_behind(const struct opened_table *table, struct opened *shared,
                             uint32_t handle);

void opened_free(struct opened_table *table, struct opened *opened);

/* ---- Parts of methods ---- */

/* 0, or -EBADF if it was not opened for reading or writing. */
int opened_may_read(const struct opened *opened);
int opened_may_write(const struct opened *opened);

/* file.seek, in a file of that size. */
int opened_seek(struct opened *opened, uint64_t size, int64_t offset, uint32_t whence,
                uint64_t *position);

/* The method file.flags; its context must be the open file. */
int opened_flags(void *context, struct iris_request *rq, uint32_t change, uint32_t value,
                 uint32_t *flags);

/* The method file.sync where nothing is ever behind. */
int opened_sync(void *context, struct iris_request *rq);

/* The method file.poll where nothing ever waits. */
int opened_poll(void *context, struct iris_request *rq, uint32_t events, uint32_t bits,
                uint32_t portal, uint32_t *ready);

/* How many of `length` bytes lie before the end of a file of that size. */
uint32_t opened_reach(uint64_t offset, uint32_t length, uint32_t size);

#endif
