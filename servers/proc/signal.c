/* SPDX-License-Identifier: MIT */
/*
 * Signals. The C library of a process catches and blocks them; here is known only which ones it
 * takes at all, and what happens to a process by those it does not.
 */
#include "proc.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <iris/state.h>

#include "service.h"

#define SET SIGNAL_BIT
#define STATUS_STOPPED(signal) ((signal) << 8 | 0x7f)
#define STATUS_CONTINUED 0xffffu

/* What happens by default; all others end the process. */
static const uint64_t stopping = SET(SIGSTOP) | SET(SIGTSTP) | SET(SIGTTIN) | SET(SIGTTOU);
static const uint64_t nothing = SET(SIGCHLD) | SET(SIGURG) | SET(SIGWINCH) | SET(SIGCONT);
static const uint64_t uncatchable = SET(SIGKILL) | SET(SIGSTOP);

/* ---- Stopping and continuing ---- */

/* For all threads, whatever they are called. Those of a process do not run while we do. */
static void for_threads(const struct process *process, uint32_t selector)
{
    struct iris_thread_info threads[16];
    uint32_t cursor = 0;
    int count;

    while ((count = iris_space_inspect(process->launch.space, IRIS_INSPECT_THREADS, cursor, threads,
                                       16)) > 0) {
        for (int i = 0; i < count; i++)
            iris_thread_exchange_registers(process->launch.space,
                                           selector | IRIS_STATE_SLOT(threads[i].utcb_slot), NULL);
        cursor = threads[count - 1].utcb_slot + 1;
    }
}

void signal_child(struct process *child, uint32_t code, uint32_t status)
{
    struct process *parent = process_find(child->parent);
    bool stops = code == CLD_STOPPED || code == CLD_CONTINUED;

    if (parent == NULL || parent->adopted || !child->started ||
        (stops && parent->signal_flags & PROCESS_SIGNALS_NO_CHILD_STOPS))
        return;
    signal_send(parent, SIGCHLD, &(struct signal_note){code, child->pid, status});
}

static void change(struct process *process, uint32_t selector, uint32_t status)
{
    process->stopped = selector == IRIS_STATE_HALT;
    process->change = status;
    for_threads(process, selector);
    wait_tell(process);
}

static void stop(struct process *process, uint32_t signal)
{
    if (process->stopped || !process->started ||
        (signal != SIGSTOP && group_is_orphaned(process->group)))
        return;
    change(process, IRIS_STATE_HALT, STATUS_STOPPED(signal));
    signal_child(process, CLD_STOPPED, signal);
}

static void go_on(struct process *process)
{
    if (!process->stopped)
        return;
    change(process, IRIS_STATE_RESUME, STATUS_CONTINUED);
    signal_child(process, CLD_CONTINUED, SIGCONT);
}

void signal_default(struct process *process, uint32_t signal)
{
    if (SET(signal) & stopping)
        stop(process, signal);
    else if (!(SET(signal) & nothing))
        process_end(process, STATUS_SIGNAL(signal));
}

/* ---- Sending ---- */

static bool is_taken(const struct process *process, uint32_t signal)
{
    return process->signals != NULL && process->signals->portal != 0 &&
           SET(signal) & process->taken & ~uncatchable;
}

static int enqueue(struct signals *signals, uint32_t signal, const struct signal_note *note)
{
    struct queued_signal **place = &signals->queue, *entry;

    if (signals->queued == PROCESS_SIGNALS_QUEUED_MAX || (entry = malloc(sizeof *entry)) == NULL)
        return -EAGAIN;
    while (*place != NULL && (*place)->signal <= signal)
        place = &(*place)->next;
    *entry = (struct queued_signal){.next = *place, .signal = signal, .note = *note};
    *place = entry;
    signals->queued++;
    return 0;
}

static int tell(struct process *process, uint32_t signal, const struct signal_note *note)
{
    struct signals *signals = process->signals;
    int status = signal < STANDARD ? 0 : enqueue(signals, signal, note);

    if (signal < STANDARD) {
        signals->notes[signal] = *note;
        signals->pending |= SET(signal);
    }
    iris_notify(signals->portal, ~0u);
    return status;
}

/* A stop signal that is pending in the library goes when the process is continued: it is told. */
static bool is_of_interest(const struct process *process, uint32_t signal)
{
    return is_taken(process, signal) ||
           (signal == SIGCONT && process->signals != NULL && process->signals->portal != 0 &&
            process->taken & stopping & ~uncatchable);
}

static void oppose(struct process *process, uint32_t signal)
{
    if (process->signals != NULL && signal == SIGCONT)
        process->signals->pending &= ~stopping;
    else if (process->signals != NULL && SET(signal) & stopping)
        process->signals->pending &= ~SET(SIGCONT);
}

int signal_send(struct process *process, uint32_t signal, const struct signal_note *note)
{
    if (process->ended || process->adopted || signal == 0)
        return 0;
    if (signal == SIGCONT)
        go_on(process);
    oppose(process, signal);
    if (is_of_interest(process, signal))
        return tell(process, signal, note);
    if (!(SET(signal) & process->ignored & ~uncatchable))
        signal_default(process, signal);
    return 0;
}

static bool descends_from(const struct process *process, uint32_t ancestor)
{
    while (process != NULL && process->pid != ancestor)
        process = process_find(process->parent);
    return process != NULL;
}

static bool may_signal(const struct process *caller, const struct process *target, uint32_t signal)
{
    if (target->adopted)
        return false;
    return descends_from(target, caller->pid) ||
           (target->session == caller->session &&
            (target->group == caller->group || !descends_from(caller, target->pid))) ||
           (target->pid == caller->parent && signal != SIGKILL && signal != SIGSTOP);
}

static bool is_meant(const struct process *caller, const struct process *p,
                     enum process_which which, uint32_t id)
{
    return which == PROCESS_WHICH_ONE     ? p->pid == id
           : which == PROCESS_WHICH_GROUP ? p->group == id
                                          : p->pid != caller->pid && !p->adopted;
}

int signal_which(const struct process *caller, enum process_which which, uint32_t id,
                 uint32_t signal, const struct signal_note *note)
{
    const struct process sender = *caller; /* it may be among those that end */
    struct signal_note known = *note;
    int result = -ENOENT;

    if (signal >= SIGNALS)
        return -EINVAL;
    known.pid = sender.pid;
    if (which == PROCESS_WHICH_GROUP && id == 0)
        id = sender.group;
    for (uint32_t pid = 0; process_next(pid) != NULL;) {
        struct process *p = process_next(pid);
        pid = p->pid + 1;
        if (!is_meant(&sender, p, which, id))
            continue;
        if (may_signal(&sender, p, signal)) {
            result = signal_send(p, signal, &known);
        } else if (result == -ENOENT) {
            result = -EPERM;
        }
    }
    return result;
}

int signal_group(uint32_t group, uint32_t signal)
{
    const struct signal_note note = {.code = SI_KERNEL};
    int result = -ENOENT;

    if (signal >= SIGNALS)
        return -EINVAL;
    for (uint32_t pid = 0; process_next(pid) != NULL;) {
        struct process *p = process_next(pid);
        pid = p->pid + 1;
        if (p->group == group && !p->adopted && !p->ended) {
            signal_send(p, signal, &note);
            result = 0;
        }
    }
    return result;
}

/* ---- What a process says, and asks ---- */

/* Those ignored from now on are discarded even if they came before. */
static void discard(struct signals *signals, uint64_t ignored)
{
    struct queued_signal **place = &signals->queue, *entry;

    signals->pending &= ~ignored;
    while ((entry = *place) != NULL) {
        if (!(SET(entry->signal) & ignored)) {
            place = &entry->next;
            continue;
        }
        *place = entry->next;
        signals->queued--;
        free(entry);
    }
}

int signal_terms(struct process *process, uint64_t taken, uint64_t ignored, uint32_t flags,
                 uint32_t thread, uint32_t portal)
{
    if (portal != 0 && process->signals == NULL) {
        process->signals = calloc(1, sizeof *process->signals);
        if (process->signals == NULL)
            return -ENOMEM;
    }
    if (portal != 0) {
        if (process->signals->portal != 0)
            iris_handle_discard(process->signals->portal);
        process->signals->portal = portal;
        process->signals->thread = thread;
    }
    if (process->signals != NULL)
        discard(process->signals, ignored);
    process->taken = taken;
    process->ignored = ignored;
    process->signal_flags = flags;
    return 0;
}

int signal_take(struct process *process, uint32_t *signal, struct signal_note *note)
{
    struct signals *signals = process->signals;

    if (signals != NULL && signals->pending != 0) {
        *signal = (uint32_t)__builtin_ctzll(signals->pending) + 1;
        *note = signals->notes[*signal];
        signals->pending &= signals->pending - 1;
        return 0;
    }
    struct queued_signal *first = signals != NULL ? signals->queue : NULL;
    if (first == NULL)
        return -ENOENT;
    *signal = first->signal;
    *note = first->note;
    signals->queue = first->next;
    signals->queued--;
    free(first);
    return 0;
}

bool signal_fault(struct process *process, const struct fault_note *fault, uint32_t thread)
{
    struct signals *signals = process->signals;

    if (!is_taken(process, fault->signal) || thread == signals->thread ||
        signals->faults_count == FAULTS_MAX)
        return false;
    if (iris_thread_exchange_registers(
            process->launch.space,
            IRIS_STATE_CANCEL | IRIS_STATE_HALT | IRIS_STATE_SLOT(fault->utcb_slot), NULL) < 0)
        return false;
    signals->faults[signals->faults_count++] = *fault;
    iris_notify(signals->portal, ~0u);
    return true;
}

int signal_fault_take(struct process *process, struct fault_note *fault)
{
    struct signals *signals = process->signals;

    if (signals == NULL || signals->faults_count == 0)
        return -ENOENT;
    *fault = signals->faults[0];
    signals->faults_count--;
    memmove(&signals->faults[0], &signals->faults[1],
            signals->faults_count * sizeof signals->faults[0]);
    return 0;
}

void signal_drop(struct process *process)
{
    if (process->signals == NULL)
        return;
    while (process->signals->queue != NULL) {
        struct queued_signal *first = process->signals->queue;
        process->signals->queue = first->next;
        free(first);
    }
    if (process->signals->portal != 0)
        iris_handle_discard(process->signals->portal);
    free(process->signals);
    process->signals = NULL;
}
