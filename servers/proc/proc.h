/* SPDX-License-Identifier: MIT */
/*
 * proc: processes. A process is a space that was built here, its number, and what is left of it
 * until its parent has asked how it ended.
 *
 *   main.c    the interfaces: messages in, answers out
 *   table.c   who there is
 *   spawn.c   beginning: made, given files, started
 *   end.c     ending
 *   wait.c    what a parent learns of its children
 *   group.c   process groups and sessions
 *   signal.c  signals: told, ignored, or done to the process
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
#include <iris/startup.h>

#include "launch.h"
#include "process.h" /* generated from process.idl */
#include "server.h"
#include "slots.h"

/* Badges: a process's own portal has its pid; the others have a mark above it. */
#define BADGE_PID 0x0000ffffu
#define BADGE_CONTROL 0x10000u /* process_control: its parent's */
#define BADGE_SCHED 0x40000u   /* process_scheduling: sched's, given by boot.conf */
#define BADGE_WATCH 0x20000u   /* the kernel's: exceptions and exits of its threads */
#define BADGE_GROUP 0x80000u   /* process_group: a terminal's; below it the group */

#define PID_ROOT 1u
#define PID_MAX 32767u
#define NAME_SIZE 33u

#define ARCHIVE_PROGRAMS_PRIORITY 16u /* of processes */
#define PROCESS_CEILING 31u

/* Whose children, and what of them: `wait`'s arguments. */
struct wanted {
    uint32_t parent;
    enum process_which which;
    uint32_t id, flags;
};

/* A caller of `wait`, kept at the process it belongs to. */
struct waiter {
    struct waiter *next;
    struct wanted wanted;
    uint32_t reply;
};

#define SIGNALS 64u  /* numbers below it: NSIG */
#define STANDARD 32u /* those below it are not queued */
#define FAULTS_MAX 8u

struct queued_signal {
    struct queued_signal *next;
    uint32_t signal;
    struct signal_note note;
};

/* Of a process that takes signals itself. */
struct signals {
    uint32_t portal;  /* where all bits are set */
    uint32_t thread;  /* id of who serves that portal's port */
    uint64_t pending; /* set of those below STANDARD */
    struct signal_note notes[STANDARD];
    struct queued_signal *queue; /* the others, by number, then in order */
    uint32_t queued;
    struct fault_note faults[FAULTS_MAX];
    uint32_t faults_count;
};

struct process {
    struct process *next; /* in order of pid */
    uint32_t pid, parent; /* parent 0: gone; nobody will ask */
    uint32_t group, session;
    char name[NAME_SIZE];
    bool adopted; /* started by root: neither signalled nor waited for here */
    bool started, stopped, ended;
    uint32_t status; /* once ended */
    uint32_t change; /* a status of stopping or continuing that nobody has waited for, 0: none */
    struct launch launch;
    struct iris_file_slot *files; /* until it starts */
    uint32_t files_count;
    uint32_t main_thread;          /* the kernel's id */
    uint32_t self, control, watch; /* slots of the three portals, 0: not there */
    struct waiter *waiters;        /* its threads that wait for children */
    uint32_t subscriber, subscriber_bits;
    uint64_t taken, ignored;
    uint32_t signal_flags;   /* PROCESS_SIGNALS_* */
    struct signals *signals; /* NULL: it takes none */
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
void spawn_start(void); /* once */
int spawn(const struct process *parent, const char *path, struct process **child);
int spawn_loaded(const struct process *parent, const char *name, uint32_t size,
                 struct iris_buffer_ref head, struct process **child);
int spawn_load(struct process *child, struct iris_buffer_ref data, uint32_t *offset,
               uint32_t *left);
int spawn_give(struct process *child, uint32_t descriptor, uint32_t file);
int spawn_begin(struct process *child, uint32_t argc, uint32_t envc, struct iris_buffer_ref block,
                const struct start_terms *terms);

/* ---- end.c ---- */
void process_end(struct process *process, uint32_t status); /* `process` may be gone afterwards */

/* ---- wait.c ---- */
int process_await(struct iris_request *rq, struct process *caller, const struct wanted *wanted,
                  uint32_t *pid, uint32_t *status);
/* Tells a waiting thread of the parent what is new of this child; true: of its end, so that its
   record may go. */
bool wait_tell(struct process *child);
void wait_drop(struct process *parent); /* all its waiting threads */
/* Its threads that wait for children of which the last has gone; NULL: nobody's. */
void wait_release(struct process *parent);

/* ---- group.c ---- */
bool group_exists(uint32_t group, uint32_t session); /* session 0: in any */
int group_join(struct process *process, uint32_t group);
int group_set(struct process *caller, uint32_t pid, uint32_t group);
int group_portal(const struct process *caller, uint32_t group, uint32_t *slot);
void group_left(uint32_t group); /* by one whose record has gone */
int session_begin(struct process *process);
/* Nobody who could continue it is left outside. */
bool group_is_orphaned(uint32_t group);

/* ---- signal.c ---- */
/* Status of who was ended by a signal, as <sys/wait.h> has it. */
#define STATUS_SIGNAL(signal) (signal)

#define SIGNAL_BIT(signal) (1ull << ((signal)-1))

/* `process` may be gone afterwards. 0 or -EAGAIN. */
int signal_send(struct process *process, uint32_t signal, const struct signal_note *note);
int signal_which(const struct process *caller, enum process_which which, uint32_t id,
                 uint32_t signal, const struct signal_note *note);
int signal_group(uint32_t group, uint32_t signal); /* a terminal's */
void signal_default(struct process *process, uint32_t signal);
int signal_terms(struct process *process, uint64_t taken, uint64_t ignored, uint32_t flags,
                 uint32_t thread, uint32_t portal);
int signal_take(struct process *process, uint32_t *signal, struct signal_note *note);
/* Halts the thread and tells the process, if that wants it. */
bool signal_fault(struct process *process, const struct fault_note *fault, uint32_t thread);
int signal_fault_take(struct process *process, struct fault_note *fault);
void signal_drop(struct process *process);
void signal_child(struct process *child, uint32_t code, uint32_t status); /* SIGCHLD */

/* ---- fault.c ---- */
int watch_event(uint32_t pid, const struct iris_message *m);

/* ---- inspect.c ---- */
void inspect_start(void); /* once */
void inspect_describe(const struct process *process, struct process_info *info);
int inspect_space(const struct process *process, uint32_t what, uint32_t cursor,
                  struct iris_buffer_ref records, uint32_t *count);

#endif
