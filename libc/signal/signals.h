/* SPDX-License-Identifier: MIT */
/*
 * Signals inside a program. What is pending, masked and caught is known here; the process service
 * only knows which signals the program takes at all. Handlers run on the thread that takes the
 * signal: it comes to `signals_take` by itself, or another thread halts it and has it begin there.
 *
 *   action.c   actions, masks, what is told to the process service
 *   pending.c  what is pending, and for whom
 *   deliver.c  one thread halts another and sends it to its handler; the service thread's part
 *   handle.c   running handlers on the thread itself
 *   entry.S    where a halted thread goes on, and the door of IPC once there are handlers
 *   sigwait.c  sigsuspend, sigwait and their kin
 *   alarm.c    alarm, setitimer
 *   raise.c    raise, abort: also in programs that have none of the above
 */
#ifndef LIBC_SIGNALS_H
#define LIBC_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "threads.h"

#define SIGNAL_BIT(signal) (1ull << ((signal)-1))
#define UNCATCHABLE (SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP))
#define FAULTS                                                                                     \
    (SIGNAL_BIT(SIGSEGV) | SIGNAL_BIT(SIGFPE) | SIGNAL_BIT(SIGILL) | SIGNAL_BIT(SIGBUS) |          \
     SIGNAL_BIT(SIGTRAP))

static inline bool signal_is_valid(int signal) { return signal > 0 && signal < NSIG; }

/* A thread that holds is not sent to its handlers: it may have the lock. Holds can be nested; the
   end of the last one takes what has come meanwhile. */
void signals_hold(struct thread *self);
void signals_release(struct thread *self);

/* Actions and what is pending; only for those who hold. */
void signals_lock(void);
void signals_unlock(void);

/* ---- action.c ---- */
extern struct sigaction signal_actions[NSIG]; /* under the lock */
bool signal_is_ignored(int signal);           /* by SIG_IGN, or because nothing is its default */
/* Tells the process service if it does not know that these are taken. 0 or an error. */
int signals_claim(uint64_t set);

/* ---- pending.c: under the lock ---- */
/* For the process, or for one thread. 0 or -EAGAIN: too many are queued. */
int pending_add(struct thread *thread, const siginfo_t *info);
/* Takes the next of a set for a thread: its number, or 0. */
int pending_take(struct thread *thread, uint64_t set, siginfo_t *info);
uint64_t pending_set(const struct thread *thread);
/* A timer has expired `count` times while its signal is still pending; false: it is not. */
bool pending_overrun(const siginfo_t *info, unsigned count);
/* Also under threads_lock: of the process and all threads. */
void pending_discard(int signal);
void pending_oppose(int signal); /* one that stops ends one that continues, and the reverse */

/* ---- deliver.c ---- */
/* For any thread that does not block it; 0 or a negative error number. */
int signals_send_process(const siginfo_t *info);
/* The same for a timer, which is told once of all expirations while its signal is pending. */
int signals_send_timer(const siginfo_t *info, unsigned missed);
int signals_send_thread(struct thread *thread, const siginfo_t *info); /* under threads_lock */
int signals_serve(void); /* from now on the service thread takes what comes */

/* ---- handle.c ---- */
/* Runs the handlers that are due. `frame`: what was interrupted, NULL: a call. */
struct interrupted {
    uint32_t edi, esi, ebp, sp, ebx, edx, ecx, eax, flags, ip;
};
void signals_take(struct interrupted *frame);
void signals_default(int signal);

/* ---- entry.S ---- */
void signals_entry(void);
void signals_ipc(void);
extern void (*signals_vdso_ipc)(void);
void signals_watch_door(void); /* from now on IPC returns through signals_ipc */

#endif
