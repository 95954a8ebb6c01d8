/* SPDX-License-Identifier: MIT */
/*
 * The dispatcher. It chooses a budget, follows that budget's chain to the thread that can run, and
 * switches there. Calls and replies never come here: they move the running budget along.
 */
#ifndef SCHED_H
#define SCHED_H

#include "thread.h"

/* Reasons not to leave the kernel straight away. */
#define CPU_DISPATCH 1u /* another budget may have to run; always while idle */
#define CPU_TIMER 2u    /* the first deadline or the need for a quantum has changed */
#define CPU_LOG 4u      /* the logger has not been told of new lines */
#define CPU_CHORES 8u   /* somebody left work behind that is done a bit at a time */

/* Per-processor state. Threads, budgets and ports belong to one processor. */
struct cpu {
    struct budget *budget; /* whose time is running; NULL: idle */
    uint64_t since;        /* TSC when it was last accounted */
    uint32_t attention;    /* CPU_*: what to do before leaving the kernel; mostly nothing */
    struct iris_stats stats;
};
extern struct cpu cpu;

void sched_ready(struct budget *budget);        /* into its queue; may preempt */
void sched_retire(struct budget *budget);       /* its thread ends */
void sched_unpark(struct thread *thread);       /* budgets parked at it are looked at again */
void sched_unpark_chain(struct thread *thread); /* ... at the end of the chain above it */
void sched_home(struct thread *thread);         /* it has lost its caller: on its home budget */
void sched_switch(struct thread *thread);       /* run it on the current budget: the migration */
void sched_yield(void);
void sched_tick(void); /* the timer fired */
/* The last thing of every slow kernel entry: dispatch if asked to, arm the timer. */
void sched_attend(void);
static inline void sched_leave(void)
{
    if (__builtin_expect(cpu.attention != 0, 0))
        sched_attend();
}
void sched_replenish(struct budget *budget); /* its timer fired */
bool sched_lend(struct thread *thread);      /* thread_switch; false: it is blocked */
/* Cycles up to now. Who runs alone is accounted when the next interrupt comes, maybe never. */
uint64_t sched_used(const struct budget *budget);

/* What thread_schedule says. With quantum 0 only the priority counts. */
struct sched_terms {
    uint8_t priority, spare;
    uint32_t quantum, period; /* us */
    const struct entry *portal;
};
void sched_set(struct budget *budget, const struct sched_terms *terms);
void sched_init(void);
const struct list *sched_queue(unsigned priority); /* for the audit */
struct budget *sched_base(struct thread *thread); /* the budget a READY thread's chain belongs to */

#endif
