/* SPDX-License-Identifier: MIT */
/* Answers, and the bytes of a message while it waits for one. */
#include <stdlib.h>

#include <iris/calls.h>
#include <iris/ipc.h>

#include "qnx.h"
#include "slots.h"

/* ---- The answer itself ---- */

/* With the lock held, so that of two answers one finds nothing. */
static int answer(int rcvid, long status, const struct parts *parts)
{
    struct message *message = qnx_message_reach(rcvid);
    if (message == NULL)
        return -ESRCH;
    uint32_t bytes = parts->bytes < message->taken ? parts->bytes : message->taken;
    int done = qnx_message_write(message, 0, parts, bytes);
    if (done == -EFAULT || done == -ESRVRFAULT) { /* it is not answered by that */
        qnx_message_answer(message, WIRE_ERROR, done == -EFAULT ? EFAULT : ESRVRFAULT, 0);
        return -EFAULT;
    }
    int result =
        qnx_message_answer(message, WIRE_REPLY, (uint32_t)status, done < 0 ? 0 : (uint32_t)done);
    return done < 0 ? -ESRCH : result;
}

static int reply(int rcvid, long status, const struct parts *parts)
{
    qnx_lock();
    int result = answer(rcvid, status, parts);
    qnx_unlock();
    return result;
}

QNX_CALL(int, MsgReplyv, (int rcvid, long status, const iov_t *iov, size_t count), rcvid, status,
         iov, count)
{
    struct parts parts;
    int error = qnx_parts_from(&parts, iov, count);
    return error < 0 ? error : reply(rcvid, status, &parts);
}

QNX_CALL(int, MsgReply, (int rcvid, long status, const void *msg, size_t bytes), rcvid, status, msg,
         bytes)
{
    return MsgReplyv_r(rcvid, status, QNX_ONE(msg, bytes));
}

QNX_CALL(int, MsgError, (int rcvid, int error), rcvid, error)
{
    qnx_lock();
    struct message *message = qnx_message_reach(rcvid);
    if (message != NULL && error == -1) /* whatever made the sender ask to be let go */
        error = message->unblock ? EINTR : EINVAL;
    int status = message == NULL ? -ESRCH
                 : error == EOK  ? qnx_message_answer(message, WIRE_REPLY, 0, 0)
                                 : qnx_message_answer(message, WIRE_ERROR, (uint32_t)error, 0);
    qnx_unlock();
    return status;
}

/* ---- Bytes ---- */

static ssize_t copy(int rcvid, const struct parts *parts, size_t offset, bool out)
{
    if (offset > INT32_MAX)
        return -EINVAL;
    qnx_lock();
    struct message *message = qnx_message_reach(rcvid);
    int done = message == NULL ? -ESRCH
               : out           ? qnx_message_write(message, (uint32_t)offset, parts, parts->bytes)
                               : qnx_message_read(message, (uint32_t)offset, parts, parts->bytes);
    qnx_unlock();
    return done == -ESRVRFAULT ? -EFAULT : done;
}

QNX_CALL(ssize_t, MsgReadv, (int rcvid, const iov_t *iov, size_t count, size_t offset), rcvid, iov,
         count, offset)
{
    struct parts parts;
    int error = qnx_parts_from(&parts, iov, count);
    return error < 0 ? error : copy(rcvid, &parts, offset, false);
}

QNX_CALL(ssize_t, MsgRead, (int rcvid, void *msg, size_t bytes, size_t offset), rcvid, msg, bytes,
         offset)
{
    return MsgReadv_r(rcvid, QNX_ONE(msg, bytes), offset);
}

QNX_CALL(ssize_t, MsgWritev, (int rcvid, const iov_t *iov, size_t count, size_t offset), rcvid, iov,
         count, offset)
{
    struct parts parts;
    int error = qnx_parts_from(&parts, iov, count);
    return error < 0 ? error : copy(rcvid, &parts, offset, true);
}

QNX_CALL(ssize_t, MsgWrite, (int rcvid, const void *msg, size_t bytes, size_t offset), rcvid, msg,
         bytes, offset)
{
    return MsgWritev_r(rcvid, QNX_ONE(msg, bytes), offset);
}

QNX_CALL(int, MsgInfo, (int rcvid, struct _msg_info *info), rcvid, info)
{
    qnx_lock();
    const struct message *message = qnx_message_find(rcvid);
    if (message != NULL)
        qnx_message_describe(message, info);
    qnx_unlock();
    return message != NULL ? 0 : -ESRCH;
}
