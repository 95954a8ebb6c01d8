/* SPDX-License-Identifier: MIT */
/*
 * A resource manager's clients call the interface `file`. To the program each such call is the
 * message of <sys/iomsg.h> that QNX's library would have sent: a head that is made here, then the
 * bytes of the client's buffer; and its reply is the answer that the interface expects.
 */
#ifndef QNX_REQUEST_H
#define QNX_REQUEST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/iomsg.h>

#include <iris/ipc.h>

struct message;
struct channel;
struct client;

#define REQUEST_PATH_MAX 240u /* of file.open */

struct request {
    uint32_t label; /* of the interface `file` */
    uint32_t head_bytes, back_bytes;
    union {
        struct {
            struct _io_connect connect;
            char rest[REQUEST_PATH_MAX];
        } open;
        struct _io_read read;
        struct {
            struct _io_read read; /* as _io_write */
            struct _xtype_offset where;
        } at;
        struct _io_lseek lseek;
        struct _io_stat stat;
        struct _io_chmod chmod;
        struct _io_utime utime;
        struct _io_sync sync;
        struct _io_devctl devctl;
        struct _io_notify notify;
        uint8_t bytes[1];
    } head;
    union { /* the reply's first bytes, where the interface has words for them */
        int64_t position;
        struct stat stat;
        struct _io_devctl_reply devctl;
        struct _io_notify_reply notify;
        uint8_t bytes[1];
    } back;
    struct client *opened; /* by `open` */
    uint32_t flags;        /* as they will be */
};

/* Whether a message is of that interface. */
bool qnx_request_is(const struct iris_message *m);

/* Fills the message, which has no client yet. False: `m` is the answer, without further ado. */
bool qnx_request_take(struct message *message, struct iris_message *m, struct channel *channel,
                      uint32_t *scoid);

/* The answer by the message's handle, which is used up. With the lock held. */
int qnx_request_answer(struct message *message, unsigned label, uint32_t first);

/* Room for a handle in what this thread receives next. */
void qnx_request_expect(void);

void qnx_request_free(struct message *message);

#endif
