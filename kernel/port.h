/* SPDX-License-Identifier: MIT */
/*
 * A port: where servers wait.
 * Invariant: callers are queued, or events are pending, only while no bound thread waits. So one
 * word, `waiter`, tells the fast path all: who waits, NULL, or PORT_BUSY while something is queued
 * or pending. Further threads are in `waiters`; those that need inspection (stepped, deadline) are
 * there even when `waiter` is free.
 */
#ifndef PORT_H
#define PORT_H

#include "object.h"
#include "waitq.h"

struct thread;
struct thread_hot;

#define PORT_BUSY ((struct thread_hot *)1)

struct port {
    struct thread_hot *waiter; /* the fast path takes and puts it */
    struct object object;
    struct list waiters;     /* thread.queue_node */
    struct waitq callers;    /* thread.wait */
    struct list bound;       /* thread.bound_node */
    struct list portals;     /* portal.port_node */
    struct list disconnects; /* portal.disconnect_node */
    struct list exits;       /* dead threads' queue_node */
    struct list owner_node;  /* in owner->ports */
    uint32_t pending;        /* notification bits */
    uint32_t receivers;      /* entries with RECEIVE */
    bool event_was_last;     /* a queued caller goes next */
};

/* A portal: the revocable right to call one port. */
struct portal {
    struct object object;
    struct port *port; /* &dead_port after the port's death */
    struct list port_node;
    struct list owner_node;      /* in owner->portals */
    struct list disconnect_node; /* in port->disconnects */
    struct list callers;         /* QUEUED threads that used it: thread.via_node */
    uint32_t badge;
    uint32_t mask;    /* notification bits it may set */
    uint32_t clients; /* entries without CONTROL */
    uint8_t rights;   /* most that a client's copy can have */
    bool orphaned;    /* its last client is gone: DISCONNECT is due once `callers` is empty */
};

extern struct port dead_port;

void port_bind(struct port *port, struct thread *thread);
/* A thread that waits here, taken off; NULL: none. */
struct thread *port_take_waiter(struct port *port);
void port_put_waiter(struct port *port, struct thread *thread);
void port_remove_waiter(struct thread *thread);
bool port_has_event(const struct port *port);
void port_update(struct port *port); /* after a change of callers or events: is it busy? */
static inline bool port_has_waiter(const struct port *port) { return port->waiter > PORT_BUSY; }
/* Unlinks the next event into *message: label, badge, words. */
struct event {
    uint16_t label;
    uint32_t badge, word[3];
};
void port_take_event(struct port *port, struct event *event);
/* One bounded step of dying; true when nothing is left and the memory is freed. */
bool port_reap(struct port *port);

void portal_client_gone(struct portal *portal); /* the last one */
void portal_client_added(struct portal *portal);
void portal_caller_gone(struct portal *portal); /* one call less is queued */
bool portal_reap(struct portal *portal);

/* notify.c: ORs bits into the port and wakes whoever waits. Nothing, if the portal is dead. */
void notify_portal(const struct entry *entry, uint32_t bits);
void notify_port(struct port *port);
/* An entry of the kernel's own for that; portal NULL: none from now on. */
void notify_keep(struct entry *entry, const struct entry *portal);

#endif
