/* SPDX-License-Identifier: MIT */
/* What the kernel tells of processes' threads: an exception that is not caught ends the process,
   with a report. */
#include "proc.h"

#include <signal.h>

#include <iris/ipc.h>

#include "log.h"    /* generated from servers/log/log.idl */
#include "memory.h" /* generated from servers/mem/memory.idl */
#include "report.h"

static bool read_memory(void *context, uint32_t address, void *data, uint32_t size)
{
    const struct launch *l = context;
    uint32_t count = 0;

    return memory_control_client_read(l->control, l->client, address, data, size, &count) == 0 &&
           count == size;
}

static void print(void *context, const char *line)
{
    (void)context;
    log_write(IRIS_SLOT_LOG, LOG_LEVEL_ERROR, line);
}

/* The signal that a processor exception is in POSIX (SDM 3A table 6-1). */
static uint32_t fault_signal(uint32_t vector)
{
    switch (vector) {
    case 0:
    case 16:
    case 19:
        return SIGFPE;
    case 1:
    case 3:
        return SIGTRAP;
    case 6:
    case 7:
        return SIGILL;
    case 17:
        return SIGBUS;
    default:
        return SIGSEGV;
    }
}

/* The UTCB slot of a thread, by which its space's controller names it. */
static bool find_thread(const struct process *process, uint32_t thread, uint32_t *utcb_slot)
{
    struct iris_thread_info info[16];
    uint32_t cursor = 0;
    int count;

    while ((count = iris_space_inspect(process->launch.space, IRIS_INSPECT_THREADS, cursor, info,
                                       16)) > 0) {
        for (int i = 0; i < count; i++)
            if (info[i].id == thread) {
                *utcb_slot = info[i].utcb_slot;
                return true;
            }
        cursor = info[count - 1].utcb_slot + 1;
    }
    return false;
}

static bool is_caught(struct process *process, const struct iris_exception *state)
{
    struct fault_note fault = {.signal = fault_signal(state->vector),
                               .vector = state->vector,
                               .error = state->error,
                               .address = state->address};

    return process->signals != NULL && find_thread(process, state->thread, &fault.utcb_slot) &&
           signal_fault(process, &fault, state->thread);
}

static void print_report(struct process *process, const struct iris_exception *state)
{
    report_fault(&(struct report){.name = process->name,
                                  .pid = process->pid,
                                  .exception = state,
                                  .file = process->launch.file,
                                  .file_size = process->launch.file_size,
                                  .context = &process->launch,
                                  .read = read_memory,
                                  .print = print});
    log_flush(IRIS_SLOT_LOG); /* the report stands before what the parent prints about the end */
}

static int exception(struct process *process, const struct iris_message *m)
{
    struct iris_exception state;

    report_take_exception(m, &state);
    if (is_caught(process, &state))
        return IRIS_DEFER; /* it has been taken out of the fault and is halted */
    print_report(process, &state);
    process_end(process, STATUS_SIGNAL(fault_signal(state.vector)));
    return -EFAULT;
}

/* A process ends with its main thread, or when any of its threads could not be helped. */
static void thread_ended(struct process *process, uint32_t thread, uint32_t reason)
{
    if (reason == IRIS_EXIT_FAULT)
        process_end(process, STATUS_SIGNAL(SIGSEGV));
    else if (thread == process->main_thread)
        process_end(process, reason == IRIS_EXIT_RETURN ? 0 : STATUS_SIGNAL(SIGKILL));
}

int watch_event(uint32_t pid, const struct iris_message *m)
{
    struct process *process = process_find(pid);

    if (process == NULL || process->ended)
        return -ENOENT; /* late news of a process that has been dealt with */
    if (iris_tag_label(m->tag) == IRIS_FAULT_EXCEPTION)
        return exception(process, m);
    if (iris_tag_label(m->tag) == IRIS_EVENT_EXIT)
        thread_ended(process, m->word[0], m->word[1]);
    return 0;
}
