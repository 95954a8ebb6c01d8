/* SPDX-License-Identifier: MIT */
/* What the kernel tells of processes' threads: an exception ends the process, with a report. */
#include "proc.h"

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

static int exception(struct process *process, const struct iris_message *m)
{
    struct iris_exception state;

    report_take_exception(m, &state);
    report_fault(&(struct report){.name = process->name,
                                  .pid = process->pid,
                                  .exception = &state,
                                  .file = process->launch.file,
                                  .file_size = process->launch.file_size,
                                  .context = &process->launch,
                                  .read = read_memory,
                                  .print = print});
    log_flush(IRIS_SLOT_LOG); /* the report stands before what the parent prints about the end */
    process_end(process, PROCESS_STATUS_FAULT | (state.vector & 0xff));
    return -EFAULT;
}

/* A process ends with its main thread, or when any of its threads could not be helped. */
static void thread_ended(struct process *process, uint32_t thread, uint32_t reason)
{
    if (reason == IRIS_EXIT_FAULT)
        process_end(process, PROCESS_STATUS_FAULT);
    else if (thread == process->main_thread)
        process_end(process, reason == IRIS_EXIT_RETURN ? 0 : PROCESS_STATUS_KILLED);
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
