/* SPDX-License-Identifier: MIT */
/*
 * Signals, in newlib's place: its header has few flags, no siginfo_t worth the name, and sets
 * of 32. POSIX.1-2017, <signal.h>. Signal numbers are newlib's; SIGKILL and SIGSTOP never reach a
 * handler.
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

/* ---- Numbers ---- */

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
#define SIGRTMIN 32 /* to SIGRTMAX: queued, with a value */
#define SIGRTMAX 63
#define NSIG 64
#define _NSIG NSIG

/* ---- Events: how a program wants to be told of something ---- */

union sigval {
    int sival_int;
    void *sival_ptr;
};

#define SIGEV_NONE 1
#define SIGEV_SIGNAL 2
#define SIGEV_THREAD 3

struct sigevent {
    int sigev_notify;
    union {
        int __signo;
        int __coid; /* of pulses, <sys/neutrino.h> */
        void (*__function)(union sigval value);
    } __first;
    union sigval sigev_value;
    union {
        struct {
            short __code, __priority;
        } __pulse;
        pthread_attr_t *__attributes;
    } __second;
};
#define sigev_signo __first.__signo
#define sigev_notify_function __first.__function
#define sigev_notify_attributes __second.__attributes

/* ---- What a handler is told ---- */

typedef struct {
    int si_signo, si_code, si_errno;
    pid_t si_pid; /* who sent it; SIGCHLD: the child */
    uid_t si_uid;
    int si_status; /* SIGCHLD: exit status or signal */
    void *si_addr; /* of a fault */
    long si_band;
    union sigval si_value;
    int si_overrun; /* of a timer */
    int si_timerid;
} siginfo_t;

#define SI_MINAVAIL (-128) /* what SIGEV_SIGNAL_CODE may say */
#define SI_MAXAVAIL 127
#define SI_USER 0 /* kill() */
#define SI_QUEUE (-1)
#define SI_TIMER (-2)
#define SI_MESGQ (-3)
#define SI_ASYNCIO (-4)
#define SI_TKILL (-6) /* pthread_kill(), raise() */
#define SI_KERNEL 128 /* a terminal, a pipe without readers */

#define ILL_ILLOPC 1
#define ILL_ILLOPN 2
#define ILL_ILLADR 3
#define ILL_ILLTRP 4
#define ILL_PRVOPC 5
#define ILL_PRVREG 6
#define ILL_COPROC 7
#define ILL_BADSTK 8

#define FPE_INTDIV 1
#define FPE_INTOVF 2
#define FPE_FLTDIV 3
#define FPE_FLTOVF 4
#define FPE_FLTUND 5
#define FPE_FLTRES 6
#define FPE_FLTINV 7
#define FPE_FLTSUB 8

#define SEGV_MAPERR 1
#define SEGV_ACCERR 2

#define BUS_ADRALN 1
#define BUS_ADRERR 2
#define BUS_OBJERR 3

#define TRAP_BRKPT 1
#define TRAP_TRACE 2

#define CLD_EXITED 1
#define CLD_KILLED 2
#define CLD_DUMPED 3
#define CLD_TRAPPED 4
#define CLD_STOPPED 5
#define CLD_CONTINUED 6

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
    union {
        _sig_func_ptr __handler;
        void (*__action)(int, siginfo_t *, void *);
    } __function;
    sigset_t sa_mask;
    int sa_flags;
};
#define sa_handler __function.__handler
#define sa_sigaction __function.__action

#define MINSIGSTKSZ 4096 /* a frame with the state of processor and UTCB takes a quarter of it */
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

/* ---- Functions ---- */

#if __POSIX_VISIBLE
int kill(pid_t pid, int signal);
int sigaction(int signal, const struct sigaction *__restrict action,
              struct sigaction *__restrict old);
int sigaddset(sigset_t *set, int signal);
int sigdelset(sigset_t *set, int signal);
int sigismember(const sigset_t *set, int signal);
int sigfillset(sigset_t *set);
int sigemptyset(sigset_t *set);
int sigpending(sigset_t *set);
int sigprocmask(int how, const sigset_t *__restrict set, sigset_t *__restrict old);
int sigsuspend(const sigset_t *set);
int sigwait(const sigset_t *__restrict set, int *__restrict signal);
#endif
#if __POSIX_VISIBLE >= 199309
int sigqueue(pid_t pid, int signal, const union sigval value);
int sigtimedwait(const sigset_t *__restrict set, siginfo_t *__restrict info,
                 const struct timespec *__restrict time);
int sigwaitinfo(const sigset_t *__restrict set, siginfo_t *__restrict info);
#endif
#if __POSIX_VISIBLE >= 199506
int pthread_kill(pthread_t thread, int signal);
int pthread_sigmask(int how, const sigset_t *__restrict set, sigset_t *__restrict old);
#endif
#if __BSD_VISIBLE || __XSI_VISIBLE >= 4 || __POSIX_VISIBLE >= 200809
int killpg(pid_t group, int signal);
int sigaltstack(const stack_t *__restrict stack, stack_t *__restrict old);
int siginterrupt(int signal, int flag);
#endif
#if __POSIX_VISIBLE >= 200809
void psiginfo(const siginfo_t *info, const char *message);
#endif

#ifdef _COMPILING_NEWLIB
int _kill(pid_t pid, int signal);
#endif

#ifdef __cplusplus
}
#endif

#if __XSI_VISIBLE >= 4 || __POSIX_VISIBLE >= 200809
#include <sys/ucontext.h>
#endif

#ifndef _SIGNAL_H_
#include <signal.h> /* programs include either */
#endif
#endif
