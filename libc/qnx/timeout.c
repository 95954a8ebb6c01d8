/* SPDX-License-Identifier: MIT */
/* What a thread knows of itself, and how long its next call may block. */
#include <iris/calls.h>
#include <iris/vdso.h>

#include "../threads.h"
#include "qnx.h"
#include "stub.h"

#define STATES                                                                                     \
    (_NTO_TIMEOUT_SEND | _NTO_TIMEOUT_REPLY | _NTO_TIMEOUT_RECEIVE | _NTO_TIMEOUT_SEM |            \
     _NTO_TIMEOUT_MUTEX | _NTO_TIMEOUT_CONDVAR | _NTO_TIMEOUT_JOIN | _NTO_TIMEOUT_SIGWAITINFO |    \
     _NTO_TIMEOUT_NANOSLEEP | _NTO_TIMEOUT_INTR)

/* Threads that are not pthreads get no record for it, as nobody would take that back when they end:
   their numbers only tell them apart. */
int qnx_tid(void)
{
    const struct iris_thread_block *block = thread_block();
    bool known = thread_record(block) != NULL || block->reent == NULL;
    return known ? thread_number() : -(int)iris_utcb()->slot - 1;
}

int qnx_priority(void)
{
    struct iris_thread_info info;

    if (qnx_self.priority == 0 &&
        iris_space_inspect(IRIS_SLOT_SPACE, IRIS_INSPECT_THREADS, iris_utcb()->slot, &info, 1) == 1)
        qnx_self.priority = (int)info.priority;
    return qnx_self.priority;
}

uint64_t qnx_timeout_take(unsigned states)
{
    bool given = qnx_self.timeout & states;

    qnx_self.timeout = 0; /* for one call, whether it was meant or not */
    return given ? qnx_self.deadline : IRIS_DEADLINE_NONE;
}

/* A call that has been received has a deadline only if that is a time: so one that is over. */
#define DEADLINE_OVER 1ull

static uint64_t deadline_after(uint64_t time, unsigned states)
{
    uint64_t now = iris_clock_monotonic();

    if (time == 0)
        return states & _NTO_TIMEOUT_REPLY ? DEADLINE_OVER : IRIS_DEADLINE_POLL;
    return time > IRIS_DEADLINE_NONE - 1 - now ? IRIS_DEADLINE_NONE - 1 : now + time;
}

QNX_CALL(int, TimerTimeout,
         (clockid_t id, int flags, const struct sigevent *event, const uint64_t *time,
          uint64_t *left),
         id, flags, event, time, left)
{
    unsigned states = (unsigned)flags;

    if (id != CLOCK_REALTIME && id != CLOCK_MONOTONIC)
        return -EINVAL;
    if (states & ~STATES || (event != NULL && event->sigev_notify != SIGEV_UNBLOCK))
        return -ENOTSUP;
    if ((states & _NTO_TIMEOUT_SEND) && !(states & _NTO_TIMEOUT_REPLY) && time != NULL &&
        *time != 0)
        return -ENOTSUP; /* the kernel's deadline is one for both */
    if (left != NULL)
        *left = 0;
    qnx_self.deadline = deadline_after(time != NULL ? *time : 0, states);
    qnx_self.timeout = states;
    return 0;
}

/* Who takes part in none of this must not hold up those who do. */
#define PATIENCE 100000000ull /* ns */

int qnx_call_briefly(uint32_t handle, struct iris_message *m)
{
    iris_utcb()->deadline = iris_clock_monotonic() + PATIENCE;
    m->tag |= IRIS_TAG_DEADLINE;
    int status = iris_ipc_call(handle, m);
    if (status == 0)
        status = -(int)iris_tag_label(m->tag);
    return status == -ETIMEDOUT || status == -ECANCELED ? -EAGAIN : status;
}
