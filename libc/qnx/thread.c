/* SPDX-License-Identifier: MIT */
/* Threads under QNX's numbers: they are pthreads. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../threads.h"
#include "qnx.h"

/* 0: the calling thread. A thread that is not there (any more) is no pthread_t either. */
pthread_t qnx_pthread(int tid)
{
    if (tid == 0)
        return pthread_self();
    iris_mutex_lock(&threads_lock);
    pthread_t name = (pthread_t)thread_numbered(tid);
    iris_mutex_unlock(&threads_lock);
    return name;
}

/* A detached one may be gone before its number is read: so it is detached afterwards. */
static int create(void *(*function)(void *), void *argument, pthread_attr_t *attributes)
{
    pthread_t name;
    int state, error = pthread_attr_getdetachstate(attributes, &state);

    if (error == 0 && state == PTHREAD_CREATE_DETACHED)
        error = pthread_attr_setdetachstate(attributes, PTHREAD_CREATE_JOINABLE);
    if (error == 0)
        error = pthread_create(&name, attributes, function, argument);
    if (error != 0)
        return -error;
    int tid = ((struct thread *)name)->number;
    if (state == PTHREAD_CREATE_DETACHED)
        pthread_detach(name);
    return tid;
}

QNX_CALL(int, ThreadCreate,
         (pid_t pid, void *(*function)(void *), void *argument, const pthread_attr_t *attributes),
         pid, function, argument, attributes)
{
    pthread_attr_t copy;

    if (pid != 0 && pid != getpid())
        return -ENOTSUP;
    if (attributes != NULL)
        copy = *attributes;
    else
        pthread_attr_init(&copy);
    return create(function, argument, &copy);
}

/* Threads end by themselves or by being asked: nobody can know what else one was about to do. */
QNX_CALL_STATUS(ThreadDestroy, (int tid, int priority, void *status), tid, priority, status)
{
    if (tid == 0 || tid == thread_number())
        pthread_exit(status);
    (void)priority;
    return tid == -1 || qnx_pthread(tid) != 0 ? ENOTSUP : ESRCH;
}

QNX_CALL_STATUS(ThreadDetach, (int tid), tid) { return pthread_detach(qnx_pthread(tid)); }

QNX_CALL_STATUS(ThreadJoin, (int tid, void **status), tid, status)
{
    return pthread_join(qnx_pthread(tid), status);
}

QNX_CALL_STATUS(ThreadCancel, (int tid, void (*stub)(void)), tid, stub)
{
    return stub != NULL ? ENOTSUP : pthread_cancel(qnx_pthread(tid));
}
