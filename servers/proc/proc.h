/* SPDX-License-Identifier: MIT */
/*
 * proc: processes. A process is a space that was built here, its number, and what is left of it
 * until its parent has asked how it ended.
 *
 *   main.c    the interfaces: messages in, answers out
 *   table.c   who there is
 *   spawn.c   beginning
 *   end.c     ending, waiting for it, reaping
 *   fault.c   exceptions and exits of threads
 *   inspect.c looking at others
 */
#ifndef PROC_H
#define PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <iris/calls.h>
#include <iris/error.h>
#include <iris/object.h>

#include "launch.h"
#include "process.h" /* generated from process.idl */
#include "server.h"
#include "slots.h"

/* Badges: a process's own portal has its pid; the others have a mark above it. */
#define BADGE_PID 0x0000ffffu
#define BADGE_CONTROL 0x10000u /* process_control: its parent's */
#define BADGE_SCHED 0x40000u   /* process_scheduling: sched's, given by boot.conf */
#define BADGE_WATCH 0x20000u   /* the kernel's: exceptions and exits of its threads */

#define PID_ROOT 1u
#define PID_MAX 32767u
#define NAME_SIZE 33u

#define ARCHIVE_PROGRAMS_PRIORITY 16u /* of processes */
#define PROCESS_CEILING 31u

/* A caller of `wait`, kept at the process it belongs to. */
struct waiter {
    struct waiter *next;
    uint32_t pid; /* of whom it waits for; 0: any child */
    uint32_t reply;
};

struct process {
    struct process *next; /* in order of pid */
    uint32_t pid, parent; /* parent 0: gone; nobody will ask */
    char name[NAME_SIZE];
    bool adopted; /* started by root: neither killed nor waited for here */
    bool ended;
    uint32_t status; /* once ended */
    struct launch launch;
    uint32_t main_thread;          /* the kernel's id */
    uint32_t self, control, watch; /* slots of the three portals, 0: not there */
    struct waiter *waiters;        /* its threads that wait for children */
    uint32_t subscriber, subscriber_bits;
};

extern struct tar archive;

/* ---- table.c ---- */
extern struct process *processes;
struct process *process_find(uint32_t pid);
struct process *process_next(uint32_t pid); /* the first with at least that pid */
struct process *process_new(uint32_t parent, const char *name); /* NULL: no memory */
void process_free(struct process *process);                     /* whatever it still has */

/* Makes a portal to proc's port into *slot. */
int process_portal(uint32_t badge, uint32_t *slot);
void process_portal_drop(uint32_t *slot);

/* ---- spawn.c ---- */
struct spawn {
    const char *path;
    uint32_t argc, envc;
    struct iris_buffer_ref block;
    uint32_t files[3];
};
void spawn_start(void); /* once */
int spawn(uint32_t parent, const struct spawn *wanted, struct process **child);

/* ---- end.c ---- */
void process_end(struct process *process, uint32_t status);
int process_await(struct iris_request *rq, struct process *caller, uint32_t pid, uint32_t flags,
                  uint32_t *ended, uint32_t *status);

/* ---- fault.c ---- */
int watch_event(uint32_t pid, const struct iris_message *m);

/* ---- inspect.c ---- */
void inspect_start(void); /* once */
void inspect_describe(const struct process *process, struct process_info *info);
int inspect_space(const struct process *process, uint32_t what, uint32_t cursor,
                  struct iris_buffer_ref records, uint32_t *count);

#endif
