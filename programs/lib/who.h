/* SPDX-License-Identifier: MIT */
/*
 * Who is who: processes, their threads, the ports they wait at. The kernel only knows numbers; the
 * process server knows whose they are and the name server what the ports are called.
 */
#ifndef PROGRAMS_WHO_H
#define PROGRAMS_WHO_H

#include <stdbool.h>
#include <stdint.h>

#include <iris/object.h>

#include "process.h"

#define WHO_PROCESSES 128
#define WHO_THREADS 512
#define WHO_NAME 32
#define WHO_PORT_NAME 120

struct who_process {
    struct process_info info;
    char name[WHO_NAME + 1];
};

struct who_thread {
    const struct who_process *process;
    struct iris_thread_info info;
};

struct who {
    unsigned processes, threads;
    bool incomplete; /* there are more than fit here */
    struct who_process process[WHO_PROCESSES];
    struct who_thread thread[WHO_THREADS]; /* by process, then by UTCB slot */
};

/* Asks the process server; 0 or a negative error number. Things may change meanwhile: each record
   is true by itself. */
int who_load(struct who *who);

const struct who_thread *who_thread(const struct who *who, uint32_t id);

/* The process that receives at a port, or a null pointer. */
const struct who_process *who_receives(const struct who *who, uint32_t port);

/* What the name server calls a port, else "port N". */
void who_port_name(uint32_t port, char name[WHO_PORT_NAME + 1]);

#endif
