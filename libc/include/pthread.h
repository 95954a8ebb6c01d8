/* SPDX-License-Identifier: MIT */
/* newlib's <pthread.h>, and what POSIX.1-2017 and others have beyond that. */
#ifndef LIBC_PTHREAD_H
#define LIBC_PTHREAD_H

#include <signal.h> /* pthread_kill; and programs expect it */

#include_next <pthread.h>

#ifdef __cplusplus
extern "C" {
#endif

int pthread_mutex_consistent(pthread_mutex_t *mutex);
int pthread_mutexattr_getrobust(const pthread_mutexattr_t *attributes, int *robust);
int pthread_mutexattr_setrobust(pthread_mutexattr_t *attributes, int robust);

/* As POSIX.1-2024 has them: the clock is the caller's choice. */
int pthread_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock, const struct timespec *time);
int pthread_cond_clockwait(pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t clock,
                           const struct timespec *time);
int pthread_rwlock_clockrdlock(pthread_rwlock_t *lock, clockid_t clock,
                               const struct timespec *time);
int pthread_rwlock_clockwrlock(pthread_rwlock_t *lock, clockid_t clock,
                               const struct timespec *time);

#if __GNU_VISIBLE || __BSD_VISIBLE
#define PTHREAD_NAME_MAX 31 /* bytes of a thread's name, without the zero */
int pthread_setname_np(pthread_t thread, const char *name);
int pthread_getname_np(pthread_t thread, char *name, size_t size);
int pthread_getattr_np(pthread_t thread, pthread_attr_t *attributes);
int pthread_tryjoin_np(pthread_t thread, void **result);
int pthread_timedjoin_np(pthread_t thread, void **result, const struct timespec *time);
#endif

#ifdef __cplusplus
}
#endif
#endif
