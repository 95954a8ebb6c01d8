/* SPDX-License-Identifier: MIT */
/*
 * Ending. The space goes at once; the record stays until the parent has asked for it. Without a
 * parent nobody will, and it goes as well.
 */
#include "proc.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

/* Children go on without a parent; those that have ended already are done with, and those that have
   not begun never will. */
static void leave_children(uint32_t parent)
{
    for (struct process *p = processes, *next; p != NULL; p = next) {
        next = p->next;
        if (p->parent != parent)
            continue;
        p->parent = 0;
        if (p->ended || !p->started)
            process_free(p);
    }
}

/* Who will not ask for it: a parent that is gone or says so, or one who waits and now knows. */
static bool is_done_with(struct process *process)
{
    const struct process *parent = process_find(process->parent);

    return parent == NULL || !process->started ||
           parent->signal_flags & PROCESS_SIGNALS_NO_ZOMBIES ||
           parent->ignored & SIGNAL_BIT(SIGCHLD) || wait_tell(process);
}

void process_end(struct process *process, uint32_t status)
{
    if (process->ended || process->adopted)
        return;
    process->ended = true;
    process->stopped = false;
    process->status = status;
    launch_destroy(&process->launch);
    process_portal_drop(&process->self);
    process_portal_drop(&process->watch);
    signal_drop(process);
    wait_drop(process);
    leave_children(process->pid);
    if (process->subscriber != 0)
        iris_notify(process->subscriber, process->subscriber_bits);
    bool done = is_done_with(process);
    signal_child(process, WIFEXITED(status) ? CLD_EXITED : CLD_KILLED,
                 WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
    if (done)
        process_free(process);
}
