/* SPDX-License-Identifier: MIT */
/* Scheduling of the program's threads: pthreads' own. */
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <iris/calls.h>

#include "qnx.h"

static bool is_own(pid_t pid) { return pid == 0 || pid == getpid(); }

QNX_CALL(int, SchedGet, (pid_t pid, int tid, struct sched_param *param), pid, tid, param)
{
    struct sched_param known;
    int policy;

    if (!is_own(pid))
        return -ENOTSUP;
    int error = pthread_getschedparam(qnx_pthread(tid), &policy, &known);
    if (error == 0 && param != NULL)
        *param = known;
    return error != 0 ? -error : policy;
}

QNX_CALL_STATUS(SchedSet, (pid_t pid, int tid, int policy, const struct sched_param *param), pid,
                tid, policy, param)
{
    if (!is_own(pid))
        return ENOTSUP;
    if (policy == SCHED_NOCHANGE)
        return pthread_setschedprio(qnx_pthread(tid), param->sched_priority);
    return pthread_setschedparam(qnx_pthread(tid), policy, param);
}

QNX_CALL_STATUS(SchedInfo, (pid_t pid, int policy, struct _sched_info *info), pid, policy, info)
{
    struct timespec turn;
    int least, most;

    if (!is_own(pid))
        return ENOTSUP;
    QNX_QUIETLY(least, sched_get_priority_min(policy));
    QNX_QUIETLY(most, sched_get_priority_max(policy));
    if (least < 0 || most < 0)
        return EINVAL;
    sched_rr_get_interval(0, &turn);
    *info = (struct _sched_info){.priority_min = least,
                                 .priority_max = most,
                                 .interval = (uint64_t)turn.tv_nsec,
                                 .priority_priv = most + 1}; /* nobody has privileges */
    return EOK;
}

QNX_CALL(int, SchedYield, (void))
{
    int status = iris_thread_switch(0);
    return status == -EAGAIN ? 0 : status;
}
