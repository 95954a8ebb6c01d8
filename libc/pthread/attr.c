/* SPDX-License-Identifier: MIT */
/* Attributes of threads. */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>

#include <iris/layout.h>

#include "pthread_private.h"

#define STACK_USUAL (128u << 10) /* given page by page on touch, but counted at once */

int pthread_attr_init(pthread_attr_t *attributes)
{
    *attributes = (pthread_attr_t){.__stack_size = STACK_USUAL,
                                   .__guard_size = IRIS_PAGE_SIZE,
                                   .__detach_state = PTHREAD_CREATE_JOINABLE,
                                   .__inherit = PTHREAD_INHERIT_SCHED,
                                   .__policy = SCHED_OTHER,
                                   .__param = {.sched_priority = thread_usual_priority()},
                                   .__magic = ATTRIBUTES_MAGIC};
    return 0;
}

static int check(const pthread_attr_t *attributes)
{
    return attributes->__magic == ATTRIBUTES_MAGIC ? 0 : EINVAL;
}

int pthread_attr_destroy(pthread_attr_t *attributes)
{
    int error = check(attributes);

    attributes->__magic = 0;
    return error;
}

/* A pair of functions for one field; what may not be set is refused with `refusal`. */
#define ATTRIBUTE(name, type, field, is_allowed, refusal)                                          \
    int pthread_attr_set##name(pthread_attr_t *attributes, type value)                             \
    {                                                                                              \
        if (check(attributes) != 0 || !(is_allowed))                                               \
            return refusal;                                                                        \
        attributes->field = value;                                                                 \
        return 0;                                                                                  \
    }                                                                                              \
    int pthread_attr_get##name(const pthread_attr_t *attributes, type *value)                      \
    {                                                                                              \
        *value = attributes->field;                                                                \
        return check(attributes);                                                                  \
    }

ATTRIBUTE(detachstate, int, __detach_state,
          value == PTHREAD_CREATE_JOINABLE || value == PTHREAD_CREATE_DETACHED, EINVAL)
ATTRIBUTE(inheritsched, int, __inherit,
          value == PTHREAD_INHERIT_SCHED || value == PTHREAD_EXPLICIT_SCHED, EINVAL)
ATTRIBUTE(schedpolicy, int, __policy,
          value == SCHED_OTHER || value == SCHED_FIFO || value == SCHED_RR, EINVAL)
ATTRIBUTE(stacksize, size_t, __stack_size, value >= PTHREAD_STACK_MIN && value < IRIS_WINDOW,
          EINVAL)
ATTRIBUTE(guardsize, size_t, __guard_size, value < IRIS_WINDOW, EINVAL)

/* All threads compete with all others of the system. */
int pthread_attr_setscope(pthread_attr_t *attributes, int scope)
{
    if (check(attributes) != 0 || (scope != PTHREAD_SCOPE_SYSTEM && scope != PTHREAD_SCOPE_PROCESS))
        return EINVAL;
    return scope == PTHREAD_SCOPE_SYSTEM ? 0 : ENOTSUP;
}

int pthread_attr_getscope(const pthread_attr_t *attributes, int *scope)
{
    *scope = PTHREAD_SCOPE_SYSTEM;
    return check(attributes);
}

int pthread_attr_setschedparam(pthread_attr_t *attributes, const struct sched_param *param)
{
    if (check(attributes) != 0 || param->sched_priority < sched_get_priority_min(SCHED_OTHER) ||
        param->sched_priority > sched_get_priority_max(SCHED_OTHER))
        return EINVAL;
    attributes->__param = *param;
    return 0;
}

int pthread_attr_getschedparam(const pthread_attr_t *attributes, struct sched_param *param)
{
    *param = attributes->__param;
    return check(attributes);
}

/* The top of it must be fit for a thread block; the rest is the program's affair. */
int pthread_attr_setstack(pthread_attr_t *attributes, void *stack, size_t size)
{
    if (check(attributes) != 0 || size < PTHREAD_STACK_MIN || stack == NULL ||
        (uint32_t)stack % 16 != 0 || size > IRIS_USER_TOP - (uint32_t)stack)
        return EINVAL;
    attributes->__stack = stack;
    attributes->__stack_size = size;
    return 0;
}

int pthread_attr_getstack(const pthread_attr_t *attributes, void **stack, size_t *size)
{
    *stack = attributes->__stack;
    *size = attributes->__stack_size;
    return check(attributes);
}

int pthread_getattr_np(pthread_t name, pthread_attr_t *attributes)
{
    pthread_attr_init(attributes);
    iris_mutex_lock(&threads_lock);
    const struct thread *thread = thread_of(name);
    if (thread != NULL) {
        attributes->__policy = thread->policy;
        attributes->__param.sched_priority = thread->priority;
        attributes->__detach_state =
            thread->state & THREAD_DETACHED ? PTHREAD_CREATE_DETACHED : PTHREAD_CREATE_JOINABLE;
        attributes->__guard_size = thread->launched.guard;
        attributes->__stack = (void *)(thread->launched.memory + thread->launched.guard);
        attributes->__stack_size = thread->launched.memory_size - thread->launched.guard;
    }
    iris_mutex_unlock(&threads_lock);
    return thread != NULL ? 0 : ESRCH;
}
