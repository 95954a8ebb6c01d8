/* SPDX-License-Identifier: MIT */
/*
 * What the library knows of each thread of the program. The record is made by pthread_create, for
 * the main thread it is there from the start, and for threads that were made otherwise
 * (iris_thread_launch) it is made when first asked for.
 */
#ifndef LIBC_THREADS_H
#define LIBC_THREADS_H

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include <iris/ipc.h>
#include <iris/sync.h>

#include "libc.h"
#include "thread.h"

struct thread {
    struct thread *next, *previous; /* of all, under threads_lock */
    struct iris_utcb *utcb;         /* NULL: not started yet, or ended */
    uint32_t id;                    /* the kernel's, never used again */
    int number;                     /* the library's: 1 for the main thread; never used again */
    uint32_t handle;                /* its slot; 0: unknown */
    /*
     * Not 0: something came for this thread, so it must not sleep. Whoever sleeps in the library
     * waits on this word too (thread_sleep), whoever calls a server is cancelled.
     */
    uint32_t interrupt;
    uint32_t *cancel_flags; /* THREAD_WORD_CANCEL of its block */
    uint32_t calling;       /* it is between thread_call_begin and thread_call_end */

    /* ---- signal/ ---- */
    uint64_t signal_mask, signal_pending;
    uint64_t signal_waiting;  /* of sigwait and its kin */
    uint32_t *signal_flag;    /* THREAD_WORD_SIGNALS of its block: it is to look what has come */
    uint32_t signal_hold;     /* it is not sent to its handlers */
    uint32_t signal_injected; /* it is on its way to signals_entry, */
    uint32_t signal_ip;       /* and was here, */
    uint32_t signal_sp;       /* with this stack, if it comes on another; else 0 */
    uint32_t signal_handled;  /* what handlers have run since somebody asked */
    uint32_t signal_arrivals; /* counted; waiters sleep on it */
    uint32_t signal_bell;     /* slot: a portal that a handler notifies after it, 0: none */
    stack_t signal_stack;     /* sigaltstack */
    siginfo_t fault;          /* signal 0: none */

    /* ---- pthread/create.c ---- */
    struct iris_thread launched; /* only of pthread_create */
    void *(*function)(void *);
    void *argument, *result;
    uint32_t state; /* THREAD_*; joiners sleep on it */
    struct thread *reap_next;
    jmp_buf exit; /* where pthread_exit ends */
    char name[32];

    /* ---- pthread/cancel.c, key.c, priority.c, rwlock.c ---- */
    struct _pthread_cleanup_context *cleanup;
    struct thread_value *values; /* PTHREAD_KEYS_MAX of them, or NULL */
    int policy, priority;        /* as the program has set them */
    int effective;               /* what the kernel has: perhaps inherited */
    pthread_mutex_t *held;       /* mutexes with a protocol */
    pthread_mutex_t *robust;     /* robust ones without */
    pthread_mutex_t *awaited;    /* the one with inheritance that it waits for */
    uint32_t read_locks;

    /* ---- sigevent.c ---- */
    uint32_t interrupts; /* SIGEV_INTR that came and were not waited for; InterruptWait sleeps */
};

/* Of `state`. */
#define THREAD_DETACHED 1u
#define THREAD_AWAITED 2u /* somebody joins it */
#define THREAD_ENDED 4u   /* it does no more than return */

/* Bits of `interrupt`. */
#define THREAD_CANCELLED 1u /* pthread_cancel */
#define THREAD_SIGNALLED 2u /* a signal was delivered, or waits for it */

/* The calling thread's. Never NULL, unless memory is short when first asked in a thread that is not
   of pthread_create. */
struct thread *thread_self(void);

/* Its number; 0: there is no memory for a record. */
static inline int thread_number(void)
{
    const struct thread *self = thread_self();
    return self != NULL ? self->number : 0;
}

/* A lock that handlers take, too: none of this thread's runs while it has it. */
void thread_lock(struct iris_mutex *mutex);
void thread_unlock(struct iris_mutex *mutex);

/* All of them. Whoever wants to halt threads holds the lock, so that none is halted that has it. */
extern struct iris_mutex threads_lock;
extern struct thread *threads_first;

/* The thread with this kernel id, or behind a pthread_t; NULL: there is none. Under the lock. */
struct thread *thread_find(uint32_t id);
struct thread *thread_of(pthread_t name);
struct thread *thread_numbered(int number);

void thread_enter(struct thread *thread);         /* into the list */
void thread_leave(struct thread *thread);         /* out of it */
void thread_leave_running(struct thread *thread); /* nobody halts it any more */

/* ---- Time limits ---- */

/* qnx/timeout.c, only in programs that use TimerTimeout: the deadline it has set for the next call
   that blocks, if this is one of the states; it is used up. */
uint64_t qnx_timeout_take(unsigned states) __attribute__((weak, visibility("hidden")));

/* How long a call that has no limit of its own may block in a state (_NTO_TIMEOUT_*). */
static inline uint64_t thread_deadline(unsigned state)
{
    return qnx_timeout_take != NULL ? qnx_timeout_take(state) : IRIS_DEADLINE_NONE;
}

/* ---- Cancellation points ---- */

/* Of `signal_handled`. */
#define SIGNAL_RESTARTS 1u
#define SIGNAL_BREAKS 2u
/* What a handler sends through `signal_bell`, so that a wait at a port cannot miss it. */
#define THREAD_BELL 1u

/*
 * Sleeps while *word is `value` and nothing interrupts the thread: 0 (look again), -ETIMEDOUT,
 * -EINTR (a signal was handled, or the thread is cancelled: call thread_cancel_point). What
 * interrupts it before it sleeps is not missed.
 */
int thread_sleep(const uint32_t *word, uint32_t value, uint64_t deadline);

/* Around a call to a server that may last: `thread_call_end` gets its result, and gives it back;
   -ECANCELED becomes -EINTR. Either may end the thread, but not when the call has succeeded. */
void thread_call_begin(void);
int thread_call_end(int result);

/* Handlers that have run until now do not count any more for the next two; thread_call_begin does
   that as well. */
static inline void thread_forget_handlers(void)
{
    struct thread *self = thread_record(thread_block());
    if (self != NULL)
        self->signal_handled = 0;
}

/* Whether a handler has run since, and one without SA_RESTART. */
static inline bool thread_was_signalled(void)
{
    const struct thread *self = thread_record(thread_block());
    return self != NULL && self->signal_handled != 0;
}

static inline bool thread_was_broken(void)
{
    const struct thread *self = thread_record(thread_block());
    return self != NULL && (self->signal_handled & SIGNAL_BREAKS) != 0;
}

/* Makes a call that may last, with all of that; again if no handler without SA_RESTART has run. */
#define THREAD_CALL(result, call)                                                                  \
    do {                                                                                           \
        thread_call_begin();                                                                       \
        (result) = thread_call_end(call);                                                          \
    } while ((result) == -EINTR && !thread_was_broken())

/* Ends the thread if it was cancelled and may be. */
void thread_cancel_point(void);
bool thread_is_cancelled(void); /* would it? */

/* Sets bits in its `interrupt` word and wakes it if it sleeps there. */
void thread_interrupt(struct thread *thread, uint32_t bits);

#endif
