/* SPDX-License-Identifier: MIT */
/*
 * Signals, as POSIX.1-2017 <signal.h> describes them; instead of newlib's header, whose numbers and
 * set (bit n: signal n) it keeps. There are no real-time signals: one that is pending already is
 * not queued again.
 */
#ifndef _SYS_SIGNAL_H
#define _SYS_SIGNAL_H

#include <sys/_sigset.h>
#include <sys/_timespec.h>
#include <sys/cdefs.h>
#include <sys/features.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#if !defined(_SIGSET_T_DECLARED)
#define _SIGSET_T_DECLARED
typedef __sigset_t sigset_t;
#endif

#define SIGHUP 1
#define SIGINT 2
#define SIGQUIT 3
#define SIGILL 4
#define SIGTRAP 5
#define SIGABRT 6
#define SIGIOT SIGABRT
#define SIGEMT 7
#define SIGFPE 8
#define SIGKILL 9
#define SIGBUS 10
#define SIGSEGV 11
#define SIGSYS 12
#define SIGPIPE 13
#define SIGALRM 14
#define SIGTERM 15
#define SIGURG 16
#define SIGSTOP 17
#define SIGTSTP 18
#define SIGCONT 19
#define SIGCHLD 20
#define SIGCLD SIGCHLD
#define SIGTTIN 21
#define SIGTTOU 22
#define SIGIO 23
#define SIGPOLL SIGIO
#define SIGXCPU 24
#define SIGXFSZ 25
#define SIGVTALRM 26
#define SIGPROF 27
#define SIGWINCH 28
#define SIGLOST 29
#define SIGUSR1 30
#define SIGUSR2 31
#define NSIG 32
#define _NSIG NSIG

/* ---- What a handler is told ---- */

union sigval {
    int sival_int;
    void *sival_ptr;
};

typedef struct {
    int si_signo;
    int si_code;
    int si_errno;
    pid_t si_pid; /* sender, or the child of SIGCHLD */
    uid_t si_uid;
    void *si_addr; /* SIGSEGV, SIGBUS: of the access; SIGILL, SIGFPE, SIGTRAP: of the instruction */
    int si_status; /* SIGCHLD: exit status or signal */
    long si_band;
    union sigval si_value;
} siginfo_t;

/* si_code: who sent it. */
#define SI_USER 1
#define SI_QUEUE 2
#define SI_TIMER 3
#define SI_ASYNCIO 4
#define SI_MESGQ 5
#define SI_KERNEL 6 /* a terminal */
#define SI_TKILL 7  /* raise, pthread_kill */

/* si_code of SIGCHLD, SIGILL, SIGFPE, SIGSEGV, SIGBUS, SIGTRAP */
#define CLD_EXITED 11
#define CLD_KILLED 12
#define CLD_DUMPED 13
#define CLD_TRAPPED 14
#define CLD_STOPPED 15
#define CLD_CONTINUED 16
#define ILL_ILLOPC 21
#define ILL_ILLOPN 22
#define ILL_ILLADR 23
#define ILL_ILLTRP 24
#define ILL_PRVOPC 25
#define ILL_PRVREG 26
#define ILL_COPROC 27
#define ILL_BADSTK 28
#define FPE_INTDIV 31
#define FPE_INTOVF 32
#define FPE_FLTDIV 33
#define FPE_FLTOVF 34
#define FPE_FLTUND 35
#define FPE_FLTRES 36
#define FPE_FLTINV 37
#define FPE_FLTSUB 38
#define SEGV_MAPERR 41
#define SEGV_ACCERR 42
#define BUS_ADRALN 51
#define BUS_ADRERR 52
#define BUS_OBJERR 53
#define TRAP_BRKPT 61
#define TRAP_TRACE 62

/* ---- Notification of timers and message queues ---- */

#define SIGEV_NONE 1
#define SIGEV_SIGNAL 2
#define SIGEV_THREAD 3

struct sigevent {
    int sigev_notify;
    int sigev_signo;
    union sigval sigev_value;
    void (*sigev_notify_function)(union sigval);
#if defined(_POSIX_THREADS)
    pthread_attr_t *sigev_notify_attributes;
#else
    void *sigev_notify_attributes;
#endif
};

/* ---- Actions ---- */

typedef void (*_sig_func_ptr)(int);

#define SA_NOCLDSTOP 0x01
#define SA_SIGINFO 0x02
#define SA_ONSTACK 0x04
#define SA_RESTART 0x08
#define SA_NODEFER 0x10
#define SA_RESETHAND 0x20
#define SA_NOCLDWAIT 0x40

struct sigaction {
    int sa_flags;
    sigset_t sa_mask;
    union {
        _sig_func_ptr _handler;
        void (*_sigaction)(int, siginfo_t *, void *);
    } _signal_handlers;
};
#define sa_handler _signal_handlers._handler
#define sa_sigaction _signal_handlers._sigaction

#define MINSIGSTKSZ 4096 /* a frame takes 1.5 KiB */
#define SIGSTKSZ 16384
#define SS_ONSTACK 0x1
#define SS_DISABLE 0x2

typedef struct sigaltstack {
    void *ss_sp;
    int ss_flags;
    size_t ss_size;
} stack_t;

#define SIG_SETMASK 0
#define SIG_BLOCK 1
#define SIG_UNBLOCK 2

int kill(pid_t, int);
int killpg(pid_t, int);
int sigaction(int, const struct sigaction *, struct sigaction *);
int sigprocmask(int, const sigset_t *, sigset_t *);
int pthread_sigmask(int, const sigset_t *, sigset_t *);
#if defined(_POSIX_THREADS)
int pthread_kill(pthread_t, int);
#endif
int sigpending(sigset_t *);
int sigsuspend(const sigset_t *);
int sigwait(const sigset_t *, int *);
int sigwaitinfo(const sigset_t *, siginfo_t *);
int sigtimedwait(const sigset_t *, siginfo_t *, const struct timespec *);
int sigqueue(pid_t, int, const union sigval);
int sigaltstack(const stack_t *__restrict, stack_t *__restrict);
int siginterrupt(int, int);
int sigaddset(sigset_t *, const int);
int sigdelset(sigset_t *, const int);
int sigismember(const sigset_t *, int);
int sigfillset(sigset_t *);
int sigemptyset(sigset_t *);
void psiginfo(const siginfo_t *, const char *);

#ifdef _COMPILING_NEWLIB
int _kill(pid_t, int);
#endif

#ifdef __cplusplus
}
#endif

#ifndef _SIGNAL_H_ /* the two headers are one, for some programs */
#include <signal.h>
#endif
#endif
