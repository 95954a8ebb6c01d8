/* SPDX-License-Identifier: MIT */
/*
 * The library's own thread in a program: made when a program first needs it (a caught signal, a
 * timer), and the only one that waits for what comes from outside and from the clock. It waits at
 * one port for notification bits and for the earliest deadline. What it calls must not block for
 * long, and never on something that only another call of it could bring.
 */
#ifndef LIBC_SERVICE_H
#define LIBC_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

#include <iris/ipc.h>

/* Bits of the port. Signals 1 to 31 have 1 << (signal - 1); the last one is the service's own. */
#define SERVICE_BITS 0x7fffffffu

/* Makes thread and port if they are not there yet. 0 or a negative error number. */
int service_start(void);

/* For this thread, and for others that serve a port of the library's (qnx/door.c): a port, in a
   fresh slot or a negative error number; and a thread that goes before the program's own, which
   wait for what it brings. */
struct iris_thread;
int service_make_port(void);
int service_launch(struct iris_thread *thread, int (*serve)(void *));

/* ---- Notifications ---- */

/* Who wants to be called for some bits; owned by the caller, and for ever. */
struct service_watch {
    struct service_watch *next;
    uint32_t bits;
    void (*arrived)(uint32_t bits); /* those of `bits` that came */
};

/* Starts the service if need be. 0 or a negative error number; -EBUSY: a bit has its watch. */
int service_watch(struct service_watch *watch);

/* A new portal through which `bits` can be set, with right NOTIFY and COPY: its slot, to be given
   away and discarded; or a negative error number. */
int service_portal(uint32_t bits);

/* ---- Deadlines ---- */

struct service_deadline {
    struct service_deadline *next; /* in order of time */
    uint64_t at;                   /* ns of iris_clock_monotonic */
    bool armed;
    void (*passed)(struct service_deadline *deadline); /* may arm it again */
};

/* Starts the service if need be; another time replaces an earlier one. 0 or a negative error
   number. */
int service_arm(struct service_deadline *deadline, uint64_t at);

/* Afterwards `passed` neither runs nor will, unless it is `passed` that calls this. True: it was
   armed. */
bool service_disarm(struct service_deadline *deadline);

/* The kernel's id of the service thread, 0: there is none. */
uint32_t service_thread(void);

#endif
