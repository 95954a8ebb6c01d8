/* SPDX-License-Identifier: MIT */
#include "who.h"

#include <stdio.h>

#include <iris/error.h>

#include "names.h"

#define RECORDS_AT_ONCE 8

static void load_threads(struct who *who, const struct who_process *process)
{
    struct iris_thread_info records[RECORDS_AT_ONCE];
    uint32_t cursor = 0, count = 0;
    while (process_inspect(IRIS_SLOT_PROCESS, process->info.pid, IRIS_INSPECT_THREADS, cursor,
                           records, sizeof records, &count) == 0 &&
           count > 0 && count <= RECORDS_AT_ONCE) {
        for (uint32_t i = 0; i < count; i++)
            if (who->threads < WHO_THREADS)
                who->thread[who->threads++] = (struct who_thread){process, records[i]};
            else
                who->incomplete = true;
        cursor = records[count - 1].utcb_slot + 1;
    }
}

int who_load(struct who *who)
{
    uint32_t pid = 0;
    int error = 0;
    who->processes = who->threads = 0;
    who->incomplete = false;
    while (who->processes < WHO_PROCESSES) {
        struct who_process *process = &who->process[who->processes];
        error = process_entry(IRIS_SLOT_PROCESS, pid, &process->info, process->name);
        if (error != 0)
            return error == -ENOENT ? 0 : error;
        pid = process->info.pid + 1;
        who->processes++;
        load_threads(who, process);
    }
    who->incomplete = true;
    return 0;
}

const struct who_thread *who_thread(const struct who *who, uint32_t id)
{
    for (unsigned i = 0; i < who->threads; i++)
        if (who->thread[i].info.id == id)
            return &who->thread[i];
    return NULL;
}

const struct who_process *who_receives(const struct who *who, uint32_t port)
{
    for (unsigned i = 0; port != 0 && i < who->threads; i++)
        if (who->thread[i].info.bound_port == port)
            return who->thread[i].process;
    return NULL;
}

void who_port_name(uint32_t port, char name[WHO_PORT_NAME + 1])
{
    if (names_port_name(IRIS_SLOT_NAMES, port, name) != 0)
        snprintf(name, WHO_PORT_NAME + 1, "port %u", (unsigned)port);
}
