/* SPDX-License-Identifier: MIT */
/* Attributes of mutexes. */
#include <errno.h>
#include <pthread.h>

#include "pthread_private.h"

int pthread_mutexattr_init(pthread_mutexattr_t *attributes)
{
    *attributes = (pthread_mutexattr_t){.__ceiling = sched_get_priority_max(SCHED_FIFO),
                                        .__magic = ATTRIBUTES_MAGIC};
    return 0;
}

static int check(const pthread_mutexattr_t *attributes)
{
    return attributes->__magic == ATTRIBUTES_MAGIC ? 0 : EINVAL;
}

int pthread_mutexattr_destroy(pthread_mutexattr_t *attributes)
{
    int error = check(attributes);

    attributes->__magic = 0;
    return error;
}

#define ATTRIBUTE(name, field, greatest)                                                           \
    int pthread_mutexattr_set##name(pthread_mutexattr_t *attributes, int value)                    \
    {                                                                                              \
        if (check(attributes) != 0 || value < 0 || value > (greatest))                             \
            return EINVAL;                                                                         \
        attributes->field = (__typeof__(attributes->field))value;                                  \
        return 0;                                                                                  \
    }                                                                                              \
    int pthread_mutexattr_get##name(const pthread_mutexattr_t *attributes, int *value)             \
    {                                                                                              \
        *value = attributes->field;                                                                \
        return check(attributes);                                                                  \
    }

ATTRIBUTE(type, __type, PTHREAD_MUTEX_ERRORCHECK)
ATTRIBUTE(protocol, __protocol, PTHREAD_PRIO_PROTECT)
ATTRIBUTE(robust, __robust, PTHREAD_MUTEX_ROBUST)
ATTRIBUTE(pshared, __shared, PTHREAD_PROCESS_SHARED)
ATTRIBUTE(prioceiling, __ceiling, sched_get_priority_max(SCHED_FIFO))
