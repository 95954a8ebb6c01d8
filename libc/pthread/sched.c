/* SPDX-License-Identifier: MIT */
/*
 * Scheduling. Priorities are the kernel's. SCHED_OTHER and SCHED_RR take turns of the usual length
 * among threads of the same priority; SCHED_FIFO has the longest turn the kernel knows, ten
 * seconds.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <iris/calls.h>
#include <iris/object.h>

#include "libc.h"
#include "pthread_private.h"

#define TURN_US 10000u
#define TURN_LONGEST_US 10000000u

/* The highest priority that threads of this program may have. */
static int ceiling(void)
{
    static int known; /* it does not change; 0 is asked for again */
    struct iris_space_info info;

    if (known == 0 && iris_space_inspect(IRIS_SLOT_SPACE, IRIS_INSPECT_SPACE, 0, &info, 1) == 1)
        known = (int)info.ceiling;
    return known;
}

static bool is_policy(int policy)
{
    return policy == SCHED_OTHER || policy == SCHED_FIFO || policy == SCHED_RR;
}

int sched_get_priority_max(int policy)
{
    return is_policy(policy) ? ceiling() : libc_result(-EINVAL);
}

int sched_get_priority_min(int policy) { return is_policy(policy) ? 0 : libc_result(-EINVAL); }

int sched_rr_get_interval(pid_t pid, struct timespec *interval)
{
    if (pid != 0 && pid != getpid())
        return libc_result(-ESRCH);
    *interval = timespec_of(TURN_US * 1000ull);
    return 0;
}

int sched_yield(void)
{
    iris_thread_switch(0);
    return 0;
}

void pthread_yield(void) { sched_yield(); }

int thread_usual_priority(void)
{
    const struct thread *self = thread_self();
    return self != NULL ? self->priority : 1;
}

/* ---- Threads ---- */

/* A turn that begins now, at the priority that the thread has at the moment. */
int thread_set_terms(struct thread *thread)
{
    uint32_t turn = thread->policy == SCHED_FIFO ? TURN_LONGEST_US : TURN_US;

    if (thread->handle == 0)
        return -ENOTSUP;
    return iris_thread_schedule(thread->handle, (uint32_t)thread->effective, turn, 0,
                                IRIS_PRIORITY_NONE, 0);
}

static int apply(struct thread *self, struct thread *thread, int policy, int priority)
{
    bool changed = policy != thread->policy;

    if (thread->handle == 0)
        return ENOTSUP;
    priority_begin(self);
    thread->priority = priority;
    thread->policy = policy;
    priority_reconsider(thread);
    int status = changed && thread != self ? thread_set_terms(thread) : 0;
    priority_end(self);
    if (changed && thread == self)
        status = thread_set_terms(self);
    return status == -EDEAD ? 0 : -status; /* it has ended, though nobody has joined it */
}

/* `policy` -1: as it is. One's own priority must not sink while one has the lock of all. */
static int set_terms(pthread_t name, int policy, int priority)
{
    struct thread *self = thread_self();
    int error = ESRCH;

    if ((policy != -1 && !is_policy(policy)) || priority < sched_get_priority_min(SCHED_OTHER) ||
        priority > ceiling())
        return EINVAL;
    if (self != NULL && (pthread_t)self == name)
        return apply(self, self, policy != -1 ? policy : self->policy, priority);
    iris_mutex_lock(&threads_lock);
    struct thread *thread = thread_of(name);
    if (thread != NULL && self != NULL)
        error = apply(self, thread, policy != -1 ? policy : thread->policy, priority);
    iris_mutex_unlock(&threads_lock);
    return error;
}

int pthread_setschedparam(pthread_t name, int policy, const struct sched_param *param)
{
    return policy < 0 ? EINVAL : set_terms(name, policy, param->sched_priority);
}

int pthread_setschedprio(pthread_t name, int priority) { return set_terms(name, -1, priority); }

int pthread_getschedparam(pthread_t name, int *policy, struct sched_param *param)
{
    thread_self(); /* it may be the first that is asked for */
    iris_mutex_lock(&threads_lock);
    const struct thread *thread = thread_of(name);
    if (thread != NULL) {
        *policy = thread->policy;
        param->sched_priority = thread->priority;
    }
    iris_mutex_unlock(&threads_lock);
    return thread != NULL ? 0 : ESRCH;
}

int pthread_getcpuclockid(pthread_t name, clockid_t *clock)
{
    thread_self();
    iris_mutex_lock(&threads_lock);
    const struct thread *thread = thread_of(name);
    if (thread != NULL)
        *clock = thread_clock(thread->id);
    iris_mutex_unlock(&threads_lock);
    return thread != NULL ? 0 : ESRCH;
}

/* The level is only a hint, and all threads are the kernel's. */
static int concurrency;

int pthread_getconcurrency(void) { return concurrency; }

int pthread_setconcurrency(int level)
{
    if (level < 0)
        return EINVAL;
    concurrency = level;
    return 0;
}

/* ---- Processes: the calling one's thread stands for it ---- */

static bool is_self(pid_t pid) { return pid == 0 || pid == getpid(); }

int sched_setscheduler(pid_t pid, int policy, const struct sched_param *param)
{
    int old;
    struct sched_param before;

    if (!is_self(pid))
        return libc_result(-ESRCH);
    pthread_getschedparam(pthread_self(), &old, &before);
    int error = pthread_setschedparam(pthread_self(), policy, param);
    return error == 0 ? old : libc_result(-error);
}

int sched_getscheduler(pid_t pid)
{
    struct sched_param param;
    int policy = SCHED_OTHER;

    if (!is_self(pid))
        return libc_result(-ESRCH);
    pthread_getschedparam(pthread_self(), &policy, &param);
    return policy;
}

int sched_setparam(pid_t pid, const struct sched_param *param)
{
    if (!is_self(pid))
        return libc_result(-ESRCH);
    return libc_result(-pthread_setschedprio(pthread_self(), param->sched_priority));
}

int sched_getparam(pid_t pid, struct sched_param *param)
{
    int policy;

    if (!is_self(pid))
        return libc_result(-ESRCH);
    return libc_result(-pthread_getschedparam(pthread_self(), &policy, param));
}
