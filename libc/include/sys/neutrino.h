/* SPDX-License-Identifier: MIT */
/*
 * QNX Neutrino's calls, as its library reference describes them, made of Iris's own. docs/qnx.md
 * says what is not here or differs. Every call X has a twin X_r that gives an error number instead
 * of setting errno: a negative one, but a positive one where X is a pthread function's like
 * (below).
 */
#ifndef _SYS_NEUTRINO_H
#define _SYS_NEUTRINO_H

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>

#include <sys/netmgr.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A call that sets errno, and its twin X_r that gives the error number instead. */
#define _NTO_CALL(type, name, parameters)                                                          \
    type name parameters;                                                                          \
    type name##_r parameters

/* ---- Messages in pieces ---- */

typedef struct iovec iov_t;
#define SETIOV(iov, address, length)                                                               \
    ((iov)->iov_base = (void *)(address), (iov)->iov_len = (length))
#define GETIOVBASE(iov) ((iov)->iov_base)
#define GETIOVLEN(iov) ((iov)->iov_len)

/* ---- Pulses ---- */

struct _pulse {
    uint16_t type, subtype; /* _PULSE_TYPE, _PULSE_SUBTYPE */
    int8_t code;            /* negative ones are the system's */
    uint8_t zero[3];
    union sigval value;
    int32_t scoid;
};
#define _PULSE_TYPE 0
#define _PULSE_SUBTYPE 0

#define _PULSE_CODE_MINAVAIL 0
#define _PULSE_CODE_MAXAVAIL 127
#define _PULSE_CODE_UNBLOCK (-32)    /* value: rcvid of the message whose sender wants to go on */
#define _PULSE_CODE_DISCONNECT (-33) /* scoid: who has gone */
#define _PULSE_CODE_THREADDEATH (-34)
#define _PULSE_CODE_COIDDEATH (-35) /* value: the connection whose channel is gone */

#define SIGEV_PULSE_PRIO_INHERIT (-1)

/* ---- Events: those of <signal.h>, and these ---- */

#define SIGEV_PULSE 4         /* a pulse through sigev_coid */
#define SIGEV_SIGNAL_CODE 5   /* a signal with sigev_value */
#define SIGEV_SIGNAL_THREAD 6 /* the same, for the thread that asked */
#define SIGEV_INTR 7          /* InterruptWait returns */
#define SIGEV_UNBLOCK 8       /* of TimerTimeout: the call ends */

#define sigev_coid __first.__coid
#define sigev_code __second.__pulse.__code
#define sigev_priority __second.__pulse.__priority

#define SIGEV_NONE_INIT(event) ((event)->sigev_notify = SIGEV_NONE)
#define SIGEV_INTR_INIT(event) ((event)->sigev_notify = SIGEV_INTR)
#define SIGEV_UNBLOCK_INIT(event) ((event)->sigev_notify = SIGEV_UNBLOCK)
#define SIGEV_SIGNAL_INIT(event, signal)                                                           \
    ((event)->sigev_notify = SIGEV_SIGNAL, (event)->sigev_signo = (signal))
#define SIGEV_SIGNAL_CODE_INIT(event, signal, value, code)                                         \
    ((event)->sigev_notify = SIGEV_SIGNAL_CODE, (event)->sigev_signo = (signal),                   \
     (event)->sigev_code = (short)(code), (event)->sigev_value.sival_ptr = (void *)(value))
#define SIGEV_PULSE_INIT(event, coid, priority, code, value)                                       \
    ((event)->sigev_notify = SIGEV_PULSE, (event)->sigev_coid = (coid),                            \
     (event)->sigev_priority = (short)(priority), (event)->sigev_code = (short)(code),             \
     (event)->sigev_value.sival_ptr = (void *)(value))
#define SIGEV_PULSE_INT_INIT(event, coid, priority, code, value)                                   \
    ((event)->sigev_notify = SIGEV_PULSE, (event)->sigev_coid = (coid),                            \
     (event)->sigev_priority = (short)(priority), (event)->sigev_code = (short)(code),             \
     (event)->sigev_value.sival_int = (value))
#define SIGEV_THREAD_INIT(event, function, value, attributes)                                      \
    ((event)->sigev_notify = SIGEV_THREAD, (event)->sigev_notify_function = (function),            \
     (event)->sigev_value.sival_ptr = (void *)(value),                                             \
     (event)->sigev_notify_attributes = (attributes))

/* ---- Channels ---- */

#define _NTO_CHF_FIXED_PRIORITY 0x0001u /* receivers do not run on their clients' time */
#define _NTO_CHF_UNBLOCK 0x0002u
#define _NTO_CHF_THREAD_DEATH 0x0004u
#define _NTO_CHF_DISCONNECT 0x0008u
#define _NTO_CHF_NET_MSG 0x0010u
#define _NTO_CHF_SENDER_LEN 0x0020u
#define _NTO_CHF_COID_DISCONNECT 0x0040u
#define _NTO_CHF_REPLY_LEN 0x0080u
#define _NTO_CHF_PULSE_POOL 0x0100u
#define _NTO_CHF_ASYNC_NONBLOCK 0x0200u
#define _NTO_CHF_ASYNC 0x0400u
#define _NTO_CHF_GLOBAL 0x0800u
#define _NTO_CHF_PRIVATE 0x1000u
#define _NTO_CHF_INHERIT_RUNMASK 0x4000u

_NTO_CALL(int, ChannelCreate, (unsigned flags));
_NTO_CALL(int, ChannelDestroy, (int chid));

/* ---- Connections ---- */

#define _NTO_SIDE_CHANNEL 0x40000000
#define _NTO_COF_CLOEXEC 0x0001u
#define _NTO_COF_INSECURE 0x0000u

struct _server_info {
    uint32_t nd, srcnd;
    pid_t pid;
    int32_t tid, chid, scoid, coid;
    int32_t msglen, srcmsglen, dstmsglen;
    int16_t priority, flags; /* flags: _NTO_COF_* */
    uint32_t reserved;
};

struct _cred_info {
    uid_t ruid, euid, suid;
    gid_t rgid, egid, sgid;
    uint32_t ngroups;
    gid_t grouplist[8];
};

struct _client_info {
    uint32_t nd;
    pid_t pid, sid;
    uint32_t flags;
    struct _cred_info cred;
};

_NTO_CALL(int, ConnectAttach, (uint32_t nd, pid_t pid, int chid, unsigned index, int flags));
_NTO_CALL(int, ConnectDetach, (int coid));
_NTO_CALL(int, ConnectServerInfo, (pid_t pid, int coid, struct _server_info *info));
_NTO_CALL(int, ConnectClientInfo, (int scoid, struct _client_info *info, int groups));
_NTO_CALL(int, ConnectFlags, (pid_t pid, int coid, unsigned mask, unsigned bits));

/* ---- Messages ---- */

struct _msg_info {
    uint32_t nd, srcnd;
    pid_t pid;
    int32_t tid, chid, scoid, coid;
    int32_t msglen;    /* bytes that were received */
    int32_t srcmsglen; /* bytes that were sent */
    int32_t dstmsglen; /* bytes that the sender takes as a reply */
    int16_t priority, flags;
    uint32_t reserved;
};
#define _NTO_MI_UNBLOCK_REQ 0x0100 /* in flags: the sender wants to go on */

_NTO_CALL(int, MsgSend, (int coid, const void *smsg, size_t sbytes, void *rmsg, size_t rbytes));
_NTO_CALL(int, MsgSendnc, (int coid, const void *smsg, size_t sbytes, void *rmsg, size_t rbytes));
_NTO_CALL(int, MsgSendsv,
          (int coid, const void *smsg, size_t sbytes, const iov_t *riov, size_t rparts));
_NTO_CALL(int, MsgSendsvnc,
          (int coid, const void *smsg, size_t sbytes, const iov_t *riov, size_t rparts));
_NTO_CALL(int, MsgSendvs, (int coid, const iov_t *siov, size_t sparts, void *rmsg, size_t rbytes));
_NTO_CALL(int, MsgSendvsnc,
          (int coid, const iov_t *siov, size_t sparts, void *rmsg, size_t rbytes));
_NTO_CALL(int, MsgSendv,
          (int coid, const iov_t *siov, size_t sparts, const iov_t *riov, size_t rparts));
_NTO_CALL(int, MsgSendvnc,
          (int coid, const iov_t *siov, size_t sparts, const iov_t *riov, size_t rparts));

_NTO_CALL(int, MsgReceive, (int chid, void *msg, size_t bytes, struct _msg_info *info));
_NTO_CALL(int, MsgReceivev, (int chid, const iov_t *iov, size_t parts, struct _msg_info *info));
_NTO_CALL(int, MsgReceivePulse, (int chid, void *pulse, size_t bytes, struct _msg_info *info));
_NTO_CALL(int, MsgReceivePulsev,
          (int chid, const iov_t *iov, size_t parts, struct _msg_info *info));

_NTO_CALL(int, MsgReply, (int rcvid, long status, const void *msg, size_t bytes));
_NTO_CALL(int, MsgReplyv, (int rcvid, long status, const iov_t *iov, size_t parts));
_NTO_CALL(int, MsgError, (int rcvid, int error));
_NTO_CALL(ssize_t, MsgRead, (int rcvid, void *msg, size_t bytes, size_t offset));
_NTO_CALL(ssize_t, MsgReadv, (int rcvid, const iov_t *iov, size_t parts, size_t offset));
_NTO_CALL(ssize_t, MsgWrite, (int rcvid, const void *msg, size_t bytes, size_t offset));
_NTO_CALL(ssize_t, MsgWritev, (int rcvid, const iov_t *iov, size_t parts, size_t offset));
_NTO_CALL(int, MsgInfo, (int rcvid, struct _msg_info *info));

_NTO_CALL(int, MsgSendPulse, (int coid, int priority, int code, int value));
_NTO_CALL(int, MsgDeliverEvent, (int rcvid, const struct sigevent *event));
_NTO_CALL(int, MsgVerifyEvent, (int rcvid, const struct sigevent *event));

/* ---- Timeouts of the calling thread's next call that blocks ---- */

#define _NTO_TIMEOUT_RECEIVE (1u << 3)
#define _NTO_TIMEOUT_SEND (1u << 1)
#define _NTO_TIMEOUT_REPLY (1u << 2)
#define _NTO_TIMEOUT_SEM (1u << 4)
#define _NTO_TIMEOUT_MUTEX (1u << 5)
#define _NTO_TIMEOUT_CONDVAR (1u << 6)
#define _NTO_TIMEOUT_JOIN (1u << 7)
#define _NTO_TIMEOUT_SIGWAITINFO (1u << 8)
#define _NTO_TIMEOUT_NANOSLEEP (1u << 9)
#define _NTO_TIMEOUT_INTR (1u << 10)

_NTO_CALL(int, TimerTimeout,
          (clockid_t id, int flags, const struct sigevent *event, const uint64_t *time,
           uint64_t *left));

/* ---- Timers ---- */

struct _itimer {
    uint64_t nsec, interval_nsec; /* until the first time, and from each to the next; 0: none */
};

struct _timer_info {
    struct _itimer itime, otime;
    uint32_t flags;
    int32_t tid, notify;
    clockid_t clockid;
    uint32_t overruns;
    struct sigevent event;
};

_NTO_CALL(int, TimerCreate, (clockid_t id, const struct sigevent *event));
_NTO_CALL(int, TimerDestroy, (int id));
_NTO_CALL(int, TimerSettime, (int id, int flags, const struct _itimer *time, struct _itimer *old));
_NTO_CALL(int, TimerInfo, (pid_t pid, int id, int flags, struct _timer_info *info));

/* SIGALRM; NULL: nothing is changed. */
_NTO_CALL(int, TimerAlarm, (clockid_t id, const struct _itimer *time, struct _itimer *old));

/* ---- Clocks ---- */

struct _clockperiod {
    uint32_t nsec;
    int32_t fract;
};

struct _clockadjust {
    uint32_t tick_count;
    int32_t tick_nsec_inc;
};

_NTO_CALL(int, ClockTime, (clockid_t id, const uint64_t *set, uint64_t *old));
_NTO_CALL(int, ClockPeriod,
          (clockid_t id, const struct _clockperiod *set, struct _clockperiod *old, int reserved));
_NTO_CALL(int, ClockAdjust,
          (clockid_t id, const struct _clockadjust *set, struct _clockadjust *old));
uint64_t ClockCycles(void);

/* ---- Threads and signals ---- */

/* What the twins of Thread* (but ThreadCreate), Sync*, SchedSet, SchedInfo, InterruptWait and
   InterruptDetach give is EOK or a positive error number, as the pthread functions. */

_NTO_CALL(int, ThreadCreate,
          (pid_t pid, void *(*function)(void *), void *argument, const pthread_attr_t *attributes));
_NTO_CALL(int, ThreadDestroy, (int tid, int priority, void *status));
_NTO_CALL(int, ThreadDetach, (int tid));
_NTO_CALL(int, ThreadJoin, (int tid, void **status));
_NTO_CALL(int, ThreadCancel, (int tid, void (*stub)(void)));

#define _NTO_TCTL_RUNMASK 4 /* data: the mask itself, not an address */
#define _NTO_TCTL_NAME 11
#define _NTO_TCTL_IO 14
#define _NTO_TCTL_IO_PRIV 15

struct _thread_name {
    int new_name_len; /* below 0: the name stays */
    int name_buf_len; /* bytes for the old one, with its zero byte */
    char name_buf[1]; /* the new one, then the old one */
};

_NTO_CALL(int, ThreadCtl, (int command, void *data));
_NTO_CALL(int, SignalKill, (uint32_t nd, pid_t pid, int tid, int signal, int code, int value));

/* ---- Scheduling ---- */

#define SCHED_NOCHANGE (-1) /* SchedSet: the priority alone */

struct _sched_info {
    int priority_min, priority_max;
    uint64_t interval; /* ns of a turn */
    int priority_priv; /* what needs a privilege; nobody has it */
    int reserved[11];
};

/* The policy. */
_NTO_CALL(int, SchedGet, (pid_t pid, int tid, struct sched_param *param));
_NTO_CALL(int, SchedSet, (pid_t pid, int tid, int policy, const struct sched_param *param));
_NTO_CALL(int, SchedInfo, (pid_t pid, int policy, struct _sched_info *info));
_NTO_CALL(int, SchedYield, (void));

/* ---- Synchronisation ---- */

#define _NTO_SYNC_MUTEX_FREE 0u
#define _NTO_SYNC_SEM 1u
#define _NTO_SYNC_COND 2u

/* Not a pthread_mutex_t: SyncTypeCreate makes one. Its fields are the library's. */
typedef struct _sync {
    union {
        pthread_mutex_t __mutex;
        pthread_cond_t __condition;
        sem_t __semaphore;
    } __object;
    unsigned __type;
} sync_t;

struct _sync_attr {
    int __protocol; /* of a mutex: PTHREAD_PRIO_* */
    int __flags;    /* 0: there are none */
    int __prioceiling;
    clockid_t __clockid; /* of a condition */
};

_NTO_CALL(int, SyncTypeCreate, (unsigned type, sync_t *sync, const struct _sync_attr *attr));
_NTO_CALL(int, SyncDestroy, (sync_t * sync));
_NTO_CALL(int, SyncMutexLock, (sync_t * sync));
_NTO_CALL(int, SyncMutexUnlock, (sync_t * sync));
_NTO_CALL(int, SyncCondvarWait, (sync_t * sync, sync_t *mutex));
_NTO_CALL(int, SyncCondvarSignal, (sync_t * sync, int all));
_NTO_CALL(int, SyncSemWait, (sync_t * sync, int conditionally));
_NTO_CALL(int, SyncSemPost, (sync_t * sync));

/* ---- Interrupts, of those lines that boot.conf has given to this process ---- */

#define _NTO_INTR_FLAGS_END 0x01u       /* told last, not first */
#define _NTO_INTR_FLAGS_PROCESS 0x04u   /* does not end with the thread */
#define _NTO_INTR_FLAGS_TRK_MSK 0x08u   /* masks end with who made them; they always do */
#define _NTO_INTR_FLAGS_NO_UNMASK 0x10u /* masked from the start */

/* An id. Whoever is told of an interrupt has it masked until InterruptUnmask. */
_NTO_CALL(int, InterruptAttachEvent, (int intr, const struct sigevent *event, unsigned flags));
_NTO_CALL(int, InterruptDetach, (int id));
/* How often it is masked. */
_NTO_CALL(int, InterruptMask, (int intr, int id));
_NTO_CALL(int, InterruptUnmask, (int intr, int id));
_NTO_CALL(int, InterruptWait, (int flags, const uint64_t *timeout));

#undef _NTO_CALL

#ifdef __cplusplus
}
#endif
#endif
