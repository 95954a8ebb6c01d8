/* SPDX-License-Identifier: MIT */
/* Objects to synchronise with: one type for pthreads' mutexes, conditions and semaphores. */
#include <pthread.h>
#include <semaphore.h>

#include "qnx.h"

#define SYNC_MAGIC 0x51530000u /* and the type */

static bool is(const sync_t *sync, unsigned type) { return sync->__type == (SYNC_MAGIC | type); }

/* As QNX's: the owner inherits from who waits, and locking it twice is an error. */
static int make_mutex(sync_t *sync, const struct _sync_attr *attr)
{
    pthread_mutexattr_t attributes;
    int protocol = attr != NULL ? attr->__protocol : PTHREAD_PRIO_INHERIT;

    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
    int error = pthread_mutexattr_setprotocol(&attributes, protocol);
    if (error == 0 && protocol == PTHREAD_PRIO_PROTECT)
        error = pthread_mutexattr_setprioceiling(&attributes, attr->__prioceiling);
    return error != 0 ? error : pthread_mutex_init(&sync->__object.__mutex, &attributes);
}

static int make_condition(sync_t *sync, const struct _sync_attr *attr)
{
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    int error = attr != NULL ? pthread_condattr_setclock(&attributes, attr->__clockid) : 0;
    return error != 0 ? error : pthread_cond_init(&sync->__object.__condition, &attributes);
}

QNX_CALL_STATUS(SyncTypeCreate, (unsigned type, sync_t *sync, const struct _sync_attr *attr), type,
                sync, attr)
{
    int error = attr != NULL && attr->__flags != 0 ? EINVAL : 0;

    if (error != 0)
        return error;
    switch (type) {
    case _NTO_SYNC_MUTEX_FREE:
        error = make_mutex(sync, attr);
        break;
    case _NTO_SYNC_COND:
        error = make_condition(sync, attr);
        break;
    case _NTO_SYNC_SEM:
        sem_init(&sync->__object.__semaphore, 0, 0);
        break;
    default:
        return EINVAL;
    }
    if (error == 0)
        sync->__type = SYNC_MAGIC | type;
    return error;
}

QNX_CALL_STATUS(SyncDestroy, (sync_t * sync), sync)
{
    int error = EINVAL;

    if (is(sync, _NTO_SYNC_MUTEX_FREE))
        error = pthread_mutex_destroy(&sync->__object.__mutex);
    else if (is(sync, _NTO_SYNC_COND))
        error = pthread_cond_destroy(&sync->__object.__condition);
    else if (is(sync, _NTO_SYNC_SEM))
        QNX_QUIETLY(error, sem_destroy(&sync->__object.__semaphore));
    if (error == 0)
        sync->__type = 0;
    return error < 0 ? -error : error;
}

QNX_CALL_STATUS(SyncMutexLock, (sync_t * sync), sync)
{
    return is(sync, _NTO_SYNC_MUTEX_FREE) ? pthread_mutex_lock(&sync->__object.__mutex) : EINVAL;
}

QNX_CALL_STATUS(SyncMutexUnlock, (sync_t * sync), sync)
{
    return is(sync, _NTO_SYNC_MUTEX_FREE) ? pthread_mutex_unlock(&sync->__object.__mutex) : EINVAL;
}

QNX_CALL_STATUS(SyncCondvarWait, (sync_t * sync, sync_t *mutex), sync, mutex)
{
    if (!is(sync, _NTO_SYNC_COND) || !is(mutex, _NTO_SYNC_MUTEX_FREE))
        return EINVAL;
    return pthread_cond_wait(&sync->__object.__condition, &mutex->__object.__mutex);
}

QNX_CALL_STATUS(SyncCondvarSignal, (sync_t * sync, int all), sync, all)
{
    if (!is(sync, _NTO_SYNC_COND))
        return EINVAL;
    return all ? pthread_cond_broadcast(&sync->__object.__condition)
               : pthread_cond_signal(&sync->__object.__condition);
}

QNX_CALL_STATUS(SyncSemWait, (sync_t * sync, int try), sync, try)
{
    int result = -EINVAL;

    if (is(sync, _NTO_SYNC_SEM) && try)
        QNX_QUIETLY(result, sem_trywait(&sync->__object.__semaphore));
    else if (is(sync, _NTO_SYNC_SEM))
        QNX_QUIETLY(result, sem_wait(&sync->__object.__semaphore));
    return -result;
}

QNX_CALL_STATUS(SyncSemPost, (sync_t * sync), sync)
{
    int result = -EINVAL;

    if (is(sync, _NTO_SYNC_SEM))
        QNX_QUIETLY(result, sem_post(&sync->__object.__semaphore));
    return -result;
}
