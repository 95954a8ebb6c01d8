/* SPDX-License-Identifier: MIT */
/* From replies to messages back to answers of the interface `file`. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <iris/calls.h>

#include "file.h" /* generated from servers/lib/file.idl */
#include "qnx.h"
#include "request.h"
#include "server.h"

/* The client gets its file, or the record of it is of no use. */
static int answer_open(struct message *message, int result)
{
    struct client *opened = message->request->opened;
    struct iris_handle_out file = {0, 0};

    if (result == 0)
        result = iris_portal_give(opened->messages, IRIS_RIGHT_CALL, &file);
    if (result < 0)
        qnx_client_forget(opened);
    return file_open_reply(message->reply, result, file);
}

static uint32_t kind_of(mode_t mode)
{
    return S_ISREG(mode)    ? FILE_KIND_REGULAR
           : S_ISDIR(mode)  ? FILE_KIND_DIRECTORY
           : S_ISFIFO(mode) ? FILE_KIND_PIPE
                            : FILE_KIND_DEVICE;
}

#define NS_PER_SECOND 1000000000ull

static int answer_status(const struct message *message, int result)
{
    const struct stat *stat = &message->request->back.stat;
    struct file_status status = {
        .kind = kind_of(stat->st_mode),
        .mode = stat->st_mode & 07777,
        .node = (uint32_t)stat->st_ino,
        .device = (uint32_t)stat->st_dev,
        .links = (uint32_t)stat->st_nlink,
        .size = stat->st_size > 0 ? (uint64_t)stat->st_size : 0,
        .accessed = (uint64_t)stat->st_atime * NS_PER_SECOND,
        .modified = (uint64_t)stat->st_mtime * NS_PER_SECOND,
        .changed = (uint64_t)stat->st_ctime * NS_PER_SECOND,
    };
    return file_status_reply(message->reply, result, &status);
}

static int answer_poll(const struct message *message, int result)
{
    uint32_t conditions = message->request->back.notify.flags;
    uint32_t ready = (conditions & _NOTIFY_COND_INPUT ? FILE_POLL_READ : 0) |
                     (conditions & _NOTIFY_COND_OUTPUT ? FILE_POLL_WRITE : 0);

    return file_poll_reply(message->reply, result, ready);
}

static int answer_flags(const struct message *message, int result)
{
    uint32_t flags = message->request->flags;

    if (result == 0)
        message->client->flags = flags;
    return file_flags_reply(message->reply, result, flags);
}

/* No more than the client's buffer holds, whatever the status says. */
static uint32_t counted(const struct message *message, uint32_t status)
{
    uint32_t length = message->buffers > 0 ? message->length[0] : 0;
    return status < length ? status : length;
}

static int answer(struct message *message, int result, uint32_t status)
{
    const struct request *request = message->request;
    uint32_t reply = message->reply;

    switch (request->label) {
    case FILE_LABEL_OPEN:
        return answer_open(message, result);
    case FILE_LABEL_READ:
        return file_read_reply(reply, result, counted(message, status));
    case FILE_LABEL_WRITE:
        return file_write_reply(reply, result, counted(message, status));
    case FILE_LABEL_READ_AT:
        return file_read_at_reply(reply, result, counted(message, status));
    case FILE_LABEL_WRITE_AT:
        return file_write_at_reply(reply, result, counted(message, status));
    case FILE_LABEL_SEEK:
        return file_seek_reply(reply, result, (uint64_t)request->back.position);
    case FILE_LABEL_FLAGS:
        return answer_flags(message, result);
    case FILE_LABEL_STATUS:
        return answer_status(message, result);
    case FILE_LABEL_SET_STATUS:
        return file_set_status_reply(reply, result);
    case FILE_LABEL_SYNC:
        return file_sync_reply(reply, result);
    case FILE_LABEL_POLL:
        return answer_poll(message, result);
    default:
        return file_control_reply(reply, result, (uint32_t)request->back.devctl.ret_val);
    }
}

int qnx_request_answer(struct message *message, unsigned label, uint32_t first)
{
    int result = label == WIRE_REPLY ? 0 : label == WIRE_FAULT ? -EFAULT : -(int)first;

    if (label == WIRE_ERROR && (first == 0 || first > UINT16_MAX))
        result = -EIO;
    int status = answer(message, result, first);
    message->reply = 0; /* used up, its slot is free */
    return status < 0 ? -ESRCH : 0;
}
