/* SPDX-License-Identifier: MIT */
/*
 * The types of <pthread.h>, in newlib's place: there all of them are numbers of objects elsewhere.
 * Here the objects are what the program declares, so they need no memory but their own, work
 * between processes that share it, and all have static initialisers. Their fields are the
 * library's business.
 */
#ifndef _SYS__PTHREADTYPES_H_
#define _SYS__PTHREADTYPES_H_

#include <sys/_types.h>
#include <sys/features.h>
#include <sys/sched.h>

#if defined(_POSIX_THREADS) || __POSIX_VISIBLE >= 199506

typedef unsigned long pthread_t;
typedef unsigned pthread_key_t;

/* ---- Threads ---- */

#define PTHREAD_CREATE_DETACHED 0
#define PTHREAD_CREATE_JOINABLE 1
#define PTHREAD_INHERIT_SCHED 1
#define PTHREAD_EXPLICIT_SCHED 2
#define PTHREAD_SCOPE_PROCESS 0
#define PTHREAD_SCOPE_SYSTEM 1

typedef struct {
    __size_t __stack_size, __guard_size;
    void *__stack; /* its lowest address; 0: the library finds it */
    int __detach_state, __inherit, __policy;
    struct sched_param __param;
    unsigned __magic; /* set while initialised */
} pthread_attr_t;

/* ---- Mutexes ---- */

#define PTHREAD_PROCESS_PRIVATE 0
#define PTHREAD_PROCESS_SHARED 1
#define PTHREAD_PRIO_NONE 0
#define PTHREAD_PRIO_INHERIT 1
#define PTHREAD_PRIO_PROTECT 2
#define PTHREAD_MUTEX_STALLED 0
#define PTHREAD_MUTEX_ROBUST 1
#define PTHREAD_MUTEX_NORMAL 0
#define PTHREAD_MUTEX_RECURSIVE 1
#define PTHREAD_MUTEX_ERRORCHECK 2
#define PTHREAD_MUTEX_DEFAULT PTHREAD_MUTEX_NORMAL

typedef struct {
    unsigned char __type, __protocol, __robust, __shared;
    int __ceiling;
    unsigned __magic;
} pthread_mutexattr_t;

typedef struct __pthread_mutex {
    unsigned __word; /* 0: free; else the owner's kernel id, and flags */
    unsigned char __type, __protocol, __robust, __shared;
    unsigned __depth;        /* further locks by the owner */
    int __ceiling;           /* of PTHREAD_PRIO_PROTECT */
    unsigned __waiters;      /* whose priority the owner may have inherited */
    struct thread *__holder; /* with a protocol: whose list it is in */
    /* The owner's list of mutexes that make its priority, or must be told of its end. */
    struct __pthread_mutex *__next, *__previous;
} pthread_mutex_t;

#define _PTHREAD_MUTEX_INITIALIZER                                                                 \
    {                                                                                              \
        0, PTHREAD_MUTEX_NORMAL, 0, 0, 0, 0, 0, 0, 0, 0, 0                                         \
    }
#define PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP                                                     \
    {                                                                                              \
        0, PTHREAD_MUTEX_RECURSIVE, 0, 0, 0, 0, 0, 0, 0, 0, 0                                      \
    }
#define PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP                                                    \
    {                                                                                              \
        0, PTHREAD_MUTEX_ERRORCHECK, 0, 0, 0, 0, 0, 0, 0, 0, 0                                     \
    }

/* ---- Conditions ---- */

typedef struct {
    __clockid_t __clock;
    int __shared;
    unsigned __magic;
} pthread_condattr_t;

typedef struct {
    void *__first;                  /* of the threads that wait; within one program only */
    unsigned __word;                /* guards that list */
    unsigned __sequence, __waiters; /* between processes */
    __clockid_t __clock;            /* 0: CLOCK_REALTIME */
    int __shared;
} pthread_cond_t;

#define _PTHREAD_COND_INITIALIZER                                                                  \
    {                                                                                              \
        0, 0, 0, 0, 0, 0                                                                           \
    }

/* ---- Locks for readers and writers ---- */

typedef struct {
    int __shared;
    unsigned __magic;
} pthread_rwlockattr_t;

typedef struct {
    unsigned __state;   /* readers, or the writer's mark */
    unsigned __writers; /* that wait */
    unsigned __owner;   /* kernel id of the writer that has it */
    unsigned __changes; /* counted when it may have become free; sleepers sleep on it */
    unsigned __waiters; /* of either kind */
} pthread_rwlock_t;

#define _PTHREAD_RWLOCK_INITIALIZER                                                                \
    {                                                                                              \
        0, 0, 0, 0, 0                                                                              \
    }

/* ---- Barriers, spin locks, once ---- */

typedef struct {
    int __shared;
    unsigned __magic;
} pthread_barrierattr_t;

typedef struct {
    unsigned __count;
    unsigned __arrived;
    unsigned __round;
    unsigned __inside; /* who has not left yet */
    unsigned __word;   /* guards the others */
} pthread_barrier_t;

typedef struct {
    unsigned __word;
} pthread_spinlock_t;

typedef struct {
    unsigned __state;
} pthread_once_t;

#define _PTHREAD_ONCE_INIT                                                                         \
    {                                                                                              \
        0                                                                                          \
    }

#endif
#endif
