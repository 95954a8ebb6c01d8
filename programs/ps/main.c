/* SPDX-License-Identifier: MIT */
/* Processes and threads, and on which port of whom each is blocked. */
#include <iris/summary.h>

#include "command.h"
#include "who.h"

IRIS_SUMMARY("list processes, their threads, and what they wait for");

static struct who who;

static const char *state_name(const struct iris_thread_info *thread)
{
    static const char *const names[] = {
        [IRIS_THREAD_NEW] = "new",           [IRIS_THREAD_READY] = "ready",
        [IRIS_THREAD_WAITING] = "waiting",   [IRIS_THREAD_QUEUED] = "queued",
        [IRIS_THREAD_CALLING] = "calling",   [IRIS_THREAD_KEPT] = "kept",
        [IRIS_THREAD_HALTED] = "halted",     [IRIS_THREAD_DEAD] = "dead",
        [IRIS_THREAD_SLEEPING] = "sleeping",
    };
    if (thread->faulting && thread->state != IRIS_THREAD_READY)
        return "fault";
    return thread->state < sizeof names / sizeof *names ? names[thread->state] : "?";
}

static const char *program_of(uint32_t thread)
{
    const struct who_thread *found = who_thread(&who, thread);
    return found != NULL ? found->process->name : "?";
}

/* "at names", "for files of bootfs"; with more words where a thread serves or runs on another's
   time. */
static void print_place(const struct iris_thread_info *thread)
{
    char port[WHO_PORT_NAME + 1];
    const struct who_process *owner = who_receives(&who, thread->port);
    if (thread->port != 0) {
        who_port_name(thread->port, port);
        printf(" %s %s", thread->state == IRIS_THREAD_WAITING ? "at" : "for", port);
        if (thread->state != IRIS_THREAD_WAITING)
            printf(" of %s", owner != NULL          ? owner->name
                             : thread->partner != 0 ? program_of(thread->partner)
                                                    : "?");
    }
    if (thread->caller != 0)
        printf(" serving %s", program_of(thread->caller));
    if (thread->budget != 0 && thread->budget != thread->id)
        printf(" on the time of %s", program_of(thread->budget));
}

static void print_thread(const struct who_thread *thread)
{
    const struct process_info *process = &thread->process->info;
    printf("%5u %5u %3u %-7s %8u %6u  %-10s", (unsigned)process->pid, (unsigned)thread->info.id,
           (unsigned)thread->info.priority, state_name(&thread->info),
           (unsigned)(thread->info.time / 1000000), (unsigned)process->resident_pages * 4,
           thread->process->name);
    print_place(&thread->info);
    putchar('\n');
}

static void print_without_threads(const struct who_process *process)
{
    printf("%5u %5s %3s %-7s %8s %6u  %s\n", (unsigned)process->info.pid, "-", "-",
           process->info.state == 1 ? "zombie" : "-", "-",
           (unsigned)process->info.resident_pages * 4, process->name);
}

int main(int argc, char *argv[])
{
    (void)argv;
    if (argc > 1)
        return command_usage("ps", "");
    int error = who_load(&who);
    if (error != 0)
        return command_failed("ps", "process server", error);
    printf("  PID   TID PRI STATE    TIME/ms    KIB  PROGRAM    BLOCKED\n");
    unsigned next = 0;
    for (unsigned i = 0; i < who.processes; i++) {
        const struct who_process *process = &who.process[i];
        if (next == who.threads || who.thread[next].process != process)
            print_without_threads(process);
        for (; next < who.threads && who.thread[next].process == process; next++)
            print_thread(&who.thread[next]);
    }
    if (who.incomplete)
        printf("(and more)\n");
    return COMMAND_OK;
}
