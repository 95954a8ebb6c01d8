/* SPDX-License-Identifier: MIT */
/* The dispatcher: budgets to threads. See sched.h. */
#include "sched.h"

#include "klog.h"
#include "port.h"
#include "space.h"
#include "time.h"
#include "trace.h"

struct cpu cpu;

static struct {
    struct list ready[IRIS_PRIORITIES];
    uint32_t bitmap[IRIS_PRIORITIES / 32]; /* bit p set: ready[p] is not empty */
    struct list limbo; /* budgets whose chain changed; looked at a few at a time */
    uint64_t armed;    /* when the timer fires at the latest, in cycles; ~0: never */
} sched;

#define HOPS_MAX 32  /* of a walk along chains and ports */
#define LIMBO_STEP 8 /* budgets looked at in one go */
#define TRIES 8      /* budgets that one dispatch finds blocked before it lets interrupts in */

void sched_init(void)
{
    for (unsigned i = 0; i < IRIS_PRIORITIES; i++)
        list_init(&sched.ready[i]);
    list_init(&sched.limbo);
    sched.armed = ~0ull;
}

/* ---- Ready queues ---- */

static struct budget *ready_first(void)
{
    for (int word = countof(sched.bitmap) - 1; word >= 0; word--)
        if (sched.bitmap[word]) {
            int priority = word * 32 + 31 - __builtin_clz(sched.bitmap[word]);
            return list_first(&sched.ready[priority], struct budget, node);
        }
    return NULL;
}

/* From wherever it is. */
static void leave_queue(struct budget *budget)
{
    list_remove(&budget->node);
    if (budget->place == BUDGET_READY && list_empty(&sched.ready[budget->priority]))
        sched.bitmap[budget->priority / 32] &= ~(1u << budget->priority % 32);
    budget->place = BUDGET_IDLE;
}

/* Tells who watches over the budget. Bits coalesce; the portal's mask says which are set. */
static void tell_scheduler(struct budget *budget) { notify_portal(&budget->scheduler, ~0u); }

void sched_retire(struct budget *budget)
{
    leave_queue(budget);
    time_cancel(&budget->timer);
    tell_scheduler(budget);
    entry_clear(&budget->scheduler);
    if (cpu.budget == budget) {
        cpu.budget = NULL;
        cpu.attention |= CPU_DISPATCH;
    }
}

void sched_ready(struct budget *budget)
{
    if (budget->place == BUDGET_READY || budget->place == BUDGET_DEPLETED)
        return;
    list_remove(&budget->node);
    budget->place = BUDGET_READY;
    list_insert(&sched.ready[budget->priority], &budget->node);
    sched.bitmap[budget->priority / 32] |= 1u << budget->priority % 32;
    if (!cpu.budget || budget->priority > cpu.budget->priority)
        cpu.attention |= CPU_DISPATCH;
    else if (budget->priority == cpu.budget->priority)
        cpu.attention |= CPU_TIMER; /* a competitor: the quantum counts now */
}

static void park(struct budget *budget, struct thread *at)
{
    leave_queue(budget);
    budget->place = BUDGET_PARKED;
    list_insert(&at->parked, &budget->node);
}

void sched_unpark(struct thread *thread)
{
    for (unsigned i = 0; i < LIMBO_STEP; i++) {
        if (list_empty(&thread->parked))
            return;
        sched_ready(list_first(&thread->parked, struct budget, node));
    }
    list_splice(&sched.limbo, &thread->parked);
    cpu.attention |= CPU_DISPATCH | CPU_CHORES;
}

/* Work that others left behind, a bounded part of it; timer_update() asks to come again. */
static void chores(void)
{
    cpu.attention &= ~CPU_CHORES; /* what comes up meanwhile sets it again */
    bool more = thread_reap_step();
    more |= space_reap_step();
    for (unsigned i = 0; i < LIMBO_STEP && !list_empty(&sched.limbo); i++)
        sched_ready(list_first(&sched.limbo, struct budget, node));
    if (more || !list_empty(&sched.limbo))
        cpu.attention |= CPU_CHORES;
}

void sched_home(struct thread *thread)
{
    thread->hot.caller = NULL;
    thread->hot.depth = 0;
    thread->hot.flags &= (uint16_t) ~(THREAD_SLOW_REPLY | THREAD_HELPED);
    sched_ready(&thread->budget);
    cpu.attention |= CPU_DISPATCH;
}

/* ---- Chains ---- */

struct budget *sched_base(struct thread *thread)
{
    while (thread->hot.caller)
        thread = thread_from_hot(thread->hot.caller);
    return &thread->budget;
}

/* The thread a queued caller waits behind; NULL: nobody serves that port. */
static struct thread *busy_server(const struct thread *caller)
{
    struct port *port = caller->via ? caller->via->port : NULL;

    if (!port || list_empty(&port->bound))
        return NULL;
    return list_first(&port->bound, struct thread, bound_node);
}

/* What a blocked thread waits for, one hop; NULL: the chain ends here. */
static struct thread *next_hop(const struct thread *thread)
{
    if (thread->hot.state == IRIS_THREAD_CALLING)
        return thread_partner(thread);
    return thread->hot.state == IRIS_THREAD_QUEUED ? busy_server(thread) : NULL;
}

void sched_unpark_chain(struct thread *thread)
{
    struct thread *next;

    /* All along it: it may have gone on, since somebody bound himself where it once ended. */
    for (unsigned hops = 0; hops < HOPS_MAX && (next = next_hop(thread)); hops++) {
        list_splice(&sched.limbo, &thread->parked);
        thread = next;
    }
    sched_unpark(thread);
    cpu.attention |= CPU_DISPATCH | CPU_CHORES;
}

/*
 * Follows a budget's chain to the thread that can run. Where the chain is blocked the budget is
 * parked and NULL returned. *helped: a queue was crossed, the thread is not of this chain.
 */
static struct thread *resolve(struct budget *budget, bool *helped)
{
    struct thread *thread = budget_home(budget), *queued = NULL;

    *helped = false;
    if (thread->hot.caller) { /* it runs on its caller's budget */
        park(budget, thread);
        return NULL;
    }
    for (unsigned hops = 0; hops < HOPS_MAX; hops++) {
        if (thread->hot.state == IRIS_THREAD_READY)
            return thread;
        struct thread *next = next_hop(thread);
        if (!next) {
            park(budget, thread);
            return NULL;
        }
        if (thread->hot.state == IRIS_THREAD_QUEUED) {
            *helped = true;
            queued = queued ? queued : thread;
        }
        thread = next;
    }
    /* Too far, or in a circle (through a port with several threads that is none for good): nobody
       is helped. Where its own chain ends, the budget is found again when that goes on. */
    assert(queued); /* a chain of calls alone is at most 31 deep */
    park(budget, queued);
    return NULL;
}

/* ---- Periods ---- */

static void set_priority(struct budget *budget, unsigned priority)
{
    bool ready = budget->place == BUDGET_READY;

    if (ready)
        leave_queue(budget);
    budget->priority = (uint8_t)priority;
    if (ready)
        sched_ready(budget);
    cpu.attention |= CPU_DISPATCH;
}

/* A ready budget that has used up its period's quantum makes room until the next one. */
static void deplete(struct budget *budget)
{
    uint64_t ahead = budget->next - cpu.since;

    time_insert(&budget->timer, arch_now() + arch_cycles_to_ns(ahead) + 1);
    if (budget->spare < IRIS_PRIORITIES) {
        budget->left = (int64_t)budget->quantum;
        set_priority(budget, budget->spare);
    } else {
        leave_queue(budget);
        budget->place = BUDGET_DEPLETED;
    }
    budget->depletions++;
    tell_scheduler(budget);
}

/* It is not depleted any more. */
static void restore(struct budget *budget)
{
    if (budget->place == BUDGET_DEPLETED) {
        budget->place = BUDGET_IDLE;
        sched_ready(budget);
    }
    set_priority(budget, budget->normal);
}

void sched_replenish(struct budget *budget)
{
    budget_replenish(budget, arch_cycles());
    restore(budget);
}

/* ---- Switching ---- */

static void account(void)
{
    uint64_t now = arch_cycles(), spent = now - cpu.since;

    cpu.since = now;
    if (cpu.budget)
        budget_charge(cpu.budget, now, spent);
}

uint64_t sched_used(const struct budget *budget)
{
    return budget->used + (budget == cpu.budget ? arch_cycles() - cpu.since : 0);
}

void sched_switch(struct thread *thread)
{
    if (thread != thread_current())
        arch_switch(thread);
}

static void timer_update(void)
{
    uint64_t cycles = time_next();

    cpu.attention &= ~CPU_TIMER;
    if (cpu.attention & CPU_CHORES || (!cpu.budget && ready_first())) {
        cycles = 0; /* more was left than dispatch() does in one go: at once, interrupts first */
        cpu.attention |= CPU_DISPATCH;
    } else if (cpu.budget) {
        const struct list *queue = &sched.ready[cpu.budget->priority];
        /* Without a limit it counts only if somebody waits for the turn, or lent it. */
        if (budget_is_limited(cpu.budget) || queue->next->next != queue ||
            thread_current()->hot.flags & THREAD_HELPED)
            cycles = min(cycles, (uint64_t)max(cpu.budget->left, 0));
    }
    /* To be interrupted too early now and then is cheaper than to arm it at each dispatch; and
       armed again and again, by one who enters the kernel all the time, it would never fire. */
    uint64_t at = cycles == ~0ull ? cycles : arch_cycles() + cycles;
    if (at < sched.armed) {
        arch_timer_arm(cycles);
        sched.armed = at;
    }
}

static void dispatch(void)
{
    struct budget *budget;

    account();
    cpu.stats.dispatches++;
    if (cpu.attention & CPU_CHORES)
        chores();
    cpu.attention &= ~(CPU_DISPATCH | CPU_TIMER);
    for (unsigned tries = TRIES; tries > 0 && (budget = ready_first()); tries--) {
        bool helped;
        budget_charge(budget, cpu.since, 0); /* its period may have ended long ago */
        if (budget_is_limited(budget) && budget->left <= 0) {
            deplete(budget);
            continue;
        }
        struct thread *thread = resolve(budget, &helped);
        if (!thread)
            continue;
        if (helped)
            thread->hot.flags |= THREAD_HELPED;
        else
            thread->hot.flags &= (uint16_t)~THREAD_HELPED;
        cpu.budget = budget;
        if (thread != thread_current())
            trace(IRIS_TRACE_EVENT_SWITCH, thread->object.id, budget_home(budget)->object.id, 0, 0);
        sched_switch(thread);
        timer_update();
        return;
    }
    cpu.budget = NULL;
    cpu.attention |= CPU_DISPATCH; /* whoever ends the idling looks for work */
    sched_switch(arch_idle_thread);
    timer_update();
    arch_idle();
}

void sched_attend(void)
{
    if (cpu.attention & CPU_LOG)
        klog_deliver();
    if (cpu.attention & CPU_DISPATCH)
        dispatch();
    else if (cpu.attention & CPU_TIMER) {
        account();
        timer_update();
    }
}

/* Behind the others of its priority; with a new quantum, if that is no limit. */
void sched_yield(void)
{
    struct budget *budget = cpu.budget;

    if (!budget_is_limited(budget))
        budget->left = (int64_t)budget->quantum;
    if (budget->place == BUDGET_READY && budget->left > 0) { /* else it is depleted next */
        list_remove(&budget->node);
        list_insert(&sched.ready[budget->priority], &budget->node);
    }
    cpu.attention |= CPU_DISPATCH;
}

void sched_tick(void)
{
    sched.armed = ~0ull;
    account();
    time_expire();
    cpu.attention |= CPU_TIMER;
    if (cpu.budget && cpu.budget->left <= 0)
        sched_yield();
}

/* Runs it, or who serves it, on the rest of the current budget's turn: like a call, but the lender
   stays ready, and the next time the dispatcher picks the budget, it has it back. */
bool sched_lend(struct thread *thread)
{
    for (unsigned hops = 0; thread && thread->hot.state != IRIS_THREAD_READY; hops++)
        thread = hops < HOPS_MAX ? next_hop(thread) : NULL;
    if (!thread)
        return false;
    account();
    if (!budget_is_limited(cpu.budget) && cpu.budget->left <= 0)
        cpu.budget->left = (int64_t)cpu.budget->quantum; /* it was alone: nobody counted turns */
    if (sched_base(thread) != cpu.budget)
        thread->hot.flags |= THREAD_HELPED;
    cpu.attention |= CPU_TIMER;
    trace(IRIS_TRACE_EVENT_SWITCH, thread->object.id, budget_home(cpu.budget)->object.id, 0, 0);
    sched_switch(thread);
    return true;
}

/* The first period of the new terms begins now, even if the budget is depleted. */
static void begin_terms(struct budget *budget, const struct sched_terms *terms)
{
    account();
    budget_set(budget, terms->quantum, terms->period, cpu.since);
    budget->spare = terms->spare;
    notify_keep(&budget->scheduler, terms->portal);
    time_cancel(&budget->timer);
    restore(budget);
}

void sched_set(struct budget *budget, const struct sched_terms *terms)
{
    budget->normal = terms->priority;
    if (terms->quantum)
        begin_terms(budget, terms);
    else if (!budget->timer.armed)
        set_priority(budget, terms->priority);
}

/* For the audit: the lists whose places it checks. */
const struct list *sched_queue(unsigned priority) { return &sched.ready[priority]; }
