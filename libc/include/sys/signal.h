/* SPDX-License-Identifier: MIT */
/*
 * newlib's signals, with an event as QNX has it: what somebody wants to be told, and how. It holds
 * what POSIX asks for too (IEEE Std 1003.1-2017, <signal.h>).
 */
#ifndef IRIS_LIBC_SYS_SIGNAL_H
#define IRIS_LIBC_SYS_SIGNAL_H

#define sigevent newlib_sigevent
#include_next <sys/signal.h>
#undef sigevent

/* Kinds of events beyond SIGEV_NONE, SIGEV_SIGNAL and SIGEV_THREAD. */
#define SIGEV_PULSE 4         /* a pulse through sigev_coid */
#define SIGEV_SIGNAL_CODE 5   /* a signal with sigev_code and sigev_value */
#define SIGEV_SIGNAL_THREAD 6 /* the same, for the thread that asked */
#define SIGEV_INTR 7          /* InterruptWait returns */
#define SIGEV_UNBLOCK 8       /* of TimerTimeout: the call ends */

struct sigevent {
    int sigev_notify;
    __extension__ union {
        int sigev_signo;
        int sigev_coid;
    };
    union sigval sigev_value;
    __extension__ union {
        void (*sigev_notify_function)(union sigval);
        __extension__ struct {
            short sigev_code, sigev_priority;
        };
    };
#ifdef _POSIX_THREADS
    pthread_attr_t *sigev_notify_attributes;
#else
    void *sigev_notify_attributes;
#endif
};

#endif
