/* SPDX-License-Identifier: MIT */
/* SignalKill: to a process as kill and sigqueue, to a thread of this one as pthread_kill. */
#include <signal.h>
#include <unistd.h>

#include "../sigevent.h"
#include "qnx.h"

/* What the event says is what the handler is told. */
static int send_here(int tid, int signal, int code, int value)
{
    struct sigevent event = {.sigev_notify = tid != 0 ? SIGEV_SIGNAL_THREAD : SIGEV_SIGNAL_CODE,
                             .sigev_signo = signal,
                             .sigev_value = {.sival_int = value}};

    event.sigev_code = (short)code;
    int status = code == (short)code ? event_check(&event) : -EINVAL;
    if (status < 0)
        return status;
    return qnx_event_deliver(&event, tid);
}

QNX_CALL(int, SignalKill, (uint32_t nd, pid_t pid, int tid, int signal, int code, int value), nd,
         pid, tid, signal, code, value)
{
    bool own = pid == 0 || pid == getpid();
    int status = -ENOTSUP;

    if (nd != ND_LOCAL_NODE)
        return -EINVAL;
    if (own && signal != 0)
        return send_here(tid, signal, code, value);
    if (tid == 0 && (code == SI_USER || signal == 0))
        QNX_QUIETLY(status, kill(own ? getpid() : pid, signal));
    else if (tid == 0 && code == SI_QUEUE)
        QNX_QUIETLY(status, sigqueue(pid, signal, (union sigval){.sival_int = value}));
    return status;
}
