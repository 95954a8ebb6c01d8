/* SPDX-License-Identifier: MIT */
/*
 * A thread: one page that holds, from the bottom, its control block, its kernel stack, its saved
 * user registers (frame) and the hot block of the IPC path.
 *
 * tss.esp0 points at the end of `frame`, so every entry into the kernel writes the frame of the
 * running thread, and an ESP fresh from tss.esp0 is the address of `hot`. No kernel frame outlives
 * a kernel entry: a blocked thread is `frame`, its UTCB and the fields below.
 *
 * States (hot.state). "On" says which links are valid.
 *   NEW      accepts START
 *   READY    can run: on the budget of its caller's chain if hot.caller, else on its home budget
 *   WAITING  at hot.port: in port->waiter, or in port->waiters on queue_node
 *   QUEUED   in port->callers on wait; `via` is the portal used
 *   CALLING  hot.partner serves it, hot.partner->hot.caller == this
 *   KEPT     reply_entry is the REPLY handle
 *   SLEEPING on the first words_count of `words`
 *   HALTED, DEAD
 */
#ifndef THREAD_H
#define THREAD_H

#include <iris/message.h>

#include "arch.h"
#include "budget.h"
#include "object.h"
#include "waitq.h"
#include "word.h"

/* hot.flags: reasons to leave the fast path, looked at only in the running thread. */
#define THREAD_SLOW_REPLY 0x01u /* its caller is unusual (fault, deadline, buffers, stepped) */
#define THREAD_HELPED 0x02u     /* it runs on a budget that is not its chain's */
#define THREAD_FPU 0x04u        /* its FPU state is in the registers */
#define THREAD_HALT 0x08u       /* to be HALTED where it would become READY; not of the running */
#define THREAD_STEPPED 0x100u   /* user EFLAGS.TF is set; the same bit */

struct thread_hot {
    union {
        struct {
            uint8_t depth; /* activations below it in its chain; <= THREAD_DEPTH_MAX */
            uint8_t state; /* enum iris_thread_state; READY while running */
            uint16_t flags;
        };
        uint32_t status; /* the fast path reads it in one go */
    };
    struct thread_hot *caller;  /* whose reply it owes, or NULL */
    struct thread_hot *partner; /* CALLING: who serves it */
    struct port *port;          /* bound to; &dead_port if none */
    uint32_t page_directory;    /* physical, CR3 */
    uint32_t thread_pointer;    /* user's; copied to the %gs:0 word on each switch */
    struct iris_utcb *utcb;     /* kernel's address of it */
    uint32_t user_sp; /* in IPC: where it resumes (frame.esp is not written by the fast path) */
    uint32_t reserved[3];
};

#define THREAD_DEPTH_MAX 31
#define THREAD_MAGIC 0x64726874u

/* What a faulting thread's call says (see enum iris_kernel_label). */
struct thread_fault {
    uint16_t label; /* 0: the call is its own */
    uint16_t vector;
    uint32_t address, error;
};

struct thread {
    union {
        struct {
            uint32_t magic;
            struct object object;
            struct space *space;
            struct tree_node space_node; /* in space->threads, ordered by UTCB slot */
            struct list bound_node;      /* in hot.port->bound; DEAD: in space->ended */
            struct list queue_node; /* WAITING beyond the first: port->waiters; DEAD: port->exits;
                                       HALTED, DEAD: thread.c's `ending` */
            struct waitq_node wait; /* QUEUED: port->callers */
            struct list via_node;   /* QUEUED: portal->callers */
            struct portal *via;     /* QUEUED: the portal used */
            struct entry *reply_entry; /* KEPT */
            struct thread_fault fault;
            uint32_t tag;         /* QUEUED: what it sends */
            uint32_t called_port; /* KEPT: id of the port it called, for inspection */
            uint8_t buffers;      /* CALLING, KEPT: how many buffers its call declared */
            bool sending;         /* QUEUED: a no-reply send */
            uint8_t words_count;
            uint8_t exit_reason;
            uint32_t exit_badge, exit_code;
            uint32_t utcb_slot;
            struct timer timer;                          /* of what it waits for */
            struct word_node words[IRIS_WORDS_WAIT_MAX]; /* SLEEPING */
            struct list parked;   /* budgets whose chain ends here, blocked */
            struct budget budget; /* home */
            struct arch_fpu fpu;
            uint32_t canary; /* the stack must not grow down to here: see thread_check_stack */
        };
        struct {
            /* what the fields above leave of this is the stack */
            uint8_t to_frame[PAGE_SIZE - sizeof(struct frame) - sizeof(struct thread_hot)];
            struct frame frame;
            struct thread_hot hot;
        };
    };
};

#define THREAD_STACK_BOTTOM (offsetof(struct thread, canary) + sizeof(uint32_t))
#define THREAD_STACK_SIZE (offsetof(struct thread, frame) - THREAD_STACK_BOTTOM)

static inline struct thread *thread_from_hot(struct thread_hot *hot)
{
    return container_of(hot, struct thread, hot);
}

/* The fast path's links lead from hot block to hot block; NULL stays NULL. */
static inline struct thread *thread_linked(struct thread_hot *hot)
{
    return hot ? thread_from_hot(hot) : NULL;
}

static inline struct thread *thread_caller(const struct thread *thread)
{
    return thread_linked(thread->hot.caller);
}

static inline struct thread *thread_partner(const struct thread *thread)
{
    return thread_linked(thread->hot.partner);
}

static inline struct thread *thread_current(void) { return arch_current_page(); }

static inline void time_arm(struct thread *thread, uint64_t deadline)
{
    if (deadline != IRIS_DEADLINE_NONE)
        time_insert(&thread->timer, deadline);
}

/* The first of a space whose UTCB slot is not less; NULL: none. */
struct thread *thread_at(const struct space *space, uint32_t utcb_slot);

/* What it becomes when nothing keeps it from running any more. */
static inline uint8_t thread_ready_state(const struct thread *thread)
{
    return thread->hot.flags & THREAD_HALT ? IRIS_THREAD_HALTED : IRIS_THREAD_READY;
}

/* Its call is with a server, which may have done what it asks for. */
static inline bool thread_was_received(const struct thread *thread)
{
    return thread->hot.state == IRIS_THREAD_CALLING || thread->hot.state == IRIS_THREAD_KEPT;
}

/* Charged to `space`; needs its own UTCB slot. NULL sets *error. */
struct thread *thread_new(struct space *space, uint32_t utcb_slot, unsigned priority, int *error);
void thread_start(struct thread *thread, uint32_t ip, uint32_t sp, uint32_t pointer, uint32_t arg);

/* Ends a thread wherever it is: it never runs again, its UTCB slot is free, its partners learn of
   it. Its page is freed when no handle refers to it any more, in steps, and its exit event, if one
   is due, has been received. */
void thread_destroy(struct thread *thread, enum iris_exit_reason reason, uint32_t code);
void thread_doom(struct thread *thread); /* the same for a fault, by the dispatcher, soon */
bool thread_reap_step(void);             /* some of what ending threads have left; true: more */
void thread_free(struct thread *thread);
void thread_stack_mark(struct thread *thread);
unsigned thread_stack_used(const struct thread *thread); /* bytes; 0: it overran */
/* state.c: the registers with which it would go on if it were torn from what it waits for. Unlike
   its frame, right for those that the fast path blocked, too. */
void thread_capture(const struct thread *thread, struct frame *frame);
void thread_info(const struct thread *thread, struct iris_thread_info *info);

#endif
