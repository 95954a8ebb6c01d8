/* SPDX-License-Identifier: MIT */
/* Of the two forms of each call, the one that sets errno. (MsgSend's statuses are any numbers: its
   forms are made in send.c.) */
#include "../libc.h"
#include "qnx.h"

#define TWIN(type, name, parameters, ...)                                                          \
    type name parameters { return (type)libc_result((int)name##_r(__VA_ARGS__)); }

TWIN(int, ChannelCreate, (unsigned flags), flags)
TWIN(int, ChannelDestroy, (int chid), chid)
TWIN(int, ConnectAttach, (uint32_t nd, pid_t pid, int chid, unsigned index, int flags), nd, pid,
     chid, index, flags)
TWIN(int, ConnectDetach, (int coid), coid)
TWIN(int, ConnectServerInfo, (pid_t pid, int coid, struct _server_info *info), pid, coid, info)
TWIN(int, ConnectClientInfo, (int scoid, struct _client_info *info, int groups), scoid, info,
     groups)
TWIN(int, ConnectFlags, (pid_t pid, int coid, unsigned mask, unsigned bits), pid, coid, mask, bits)
TWIN(int, MsgReceive, (int chid, void *msg, size_t bytes, struct _msg_info *info), chid, msg, bytes,
     info)
TWIN(int, MsgReceivev, (int chid, const iov_t *iov, size_t parts, struct _msg_info *info), chid,
     iov, parts, info)
TWIN(int, MsgReceivePulse, (int chid, void *pulse, size_t bytes, struct _msg_info *info), chid,
     pulse, bytes, info)
TWIN(int, MsgReceivePulsev, (int chid, const iov_t *iov, size_t parts, struct _msg_info *info),
     chid, iov, parts, info)
TWIN(int, MsgReply, (int rcvid, long status, const void *msg, size_t bytes), rcvid, status, msg,
     bytes)
TWIN(int, MsgReplyv, (int rcvid, long status, const iov_t *iov, size_t parts), rcvid, status, iov,
     parts)
TWIN(int, MsgError, (int rcvid, int error), rcvid, error)
TWIN(ssize_t, MsgRead, (int rcvid, void *msg, size_t bytes, size_t offset), rcvid, msg, bytes,
     offset)
TWIN(ssize_t, MsgReadv, (int rcvid, const iov_t *iov, size_t parts, size_t offset), rcvid, iov,
     parts, offset)
TWIN(ssize_t, MsgWrite, (int rcvid, const void *msg, size_t bytes, size_t offset), rcvid, msg,
     bytes, offset)
TWIN(ssize_t, MsgWritev, (int rcvid, const iov_t *iov, size_t parts, size_t offset), rcvid, iov,
     parts, offset)
TWIN(int, MsgInfo, (int rcvid, struct _msg_info *info), rcvid, info)
TWIN(int, MsgSendPulse, (int coid, int priority, int code, int value), coid, priority, code, value)
TWIN(int, MsgDeliverEvent, (int rcvid, const struct sigevent *event), rcvid, event)
TWIN(int, MsgVerifyEvent, (int rcvid, const struct sigevent *event), rcvid, event)
TWIN(int, TimerTimeout,
     (clockid_t id, int flags, const struct sigevent *event, const uint64_t *time, uint64_t *left),
     id, flags, event, time, left)
TWIN(int, TimerCreate, (clockid_t id, const struct sigevent *event), id, event)
TWIN(int, TimerDestroy, (int id), id)
TWIN(int, TimerSettime, (int id, int flags, const struct _itimer *time, struct _itimer *old), id,
     flags, time, old)
TWIN(int, TimerInfo, (pid_t pid, int id, int flags, struct _timer_info *info), pid, id, flags, info)
TWIN(int, ClockTime, (clockid_t id, const uint64_t *set, uint64_t *old), id, set, old)
TWIN(int, ClockPeriod,
     (clockid_t id, const struct _clockperiod *set, struct _clockperiod *old, int reserved), id,
     set, old, reserved)
TWIN(int, ClockAdjust, (clockid_t id, const struct _clockadjust *set, struct _clockadjust *old), id,
     set, old)
TWIN(int, ThreadCtl, (int command, void *data), command, data)
TWIN(int, SchedYield, (void))
TWIN(int, SignalKill, (uint32_t nd, pid_t pid, int tid, int signal, int code, int value), nd, pid,
     tid, signal, code, value)
