/* SPDX-License-Identifier: MIT */
/*
 * The QNX layer's own view of channels, connections and messages.
 *
 * A channel is a port. A connection is a handle of a portal to it, whose badge is the scoid: the
 * server's record of one client process. rcvid names a client and one of its messages; its right to
 * reply stays with the thread that received it, which so runs on its client's time, until that
 * thread receives again or somebody else wants it (capture.c). Pulses come to a second port, the
 * layer's own, where a thread of the layer puts them in the channel's queue (door.c).
 *
 *   table.c parts.c       numbers; messages in pieces
 *   channel.c pulse.c     channels and what waits there
 *   client.c              who is connected to our channels
 *   connect.c attach.c    to what we are connected
 *   send.c                MsgSend
 *   receive.c message.c   MsgReceive, and messages that are not answered yet
 *   reply.c capture.c     MsgReply and its kin
 *   request.c request_answer.c watch.c   clients that call the interface `file`
 *   timer.c timer_alarm.c clock.c timeout.c   time
 *   event.c door.c        events, and the thread that others and interrupts talk to
 *   interrupt.c           interrupts as events
 *   thread.c thread_ctl.c scheduling.c sync.c signal.c    other names for what pthreads have
 *
 * One lock guards all records; it is not held while anybody is called.
 */
#ifndef QNX_QNX_H
#define QNX_QNX_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/neutrino.h>

#include <iris/ipc.h>
#include <iris/sync.h>

#include "parts.h"
#include "table.h"
#include "wire.h"

#include "../libc.h"

/* ---- The two forms of a call ---- */

/* Begins the definition of name_r, whose errors are negative, and defines name, which sets errno.
   (MsgSend's statuses are any numbers: its forms are made in send.c.) */
#define QNX_CALL(type, name, parameters, ...)                                                      \
    type name parameters { return (type)libc_result((int)name##_r(__VA_ARGS__)); }                 \
    type name##_r parameters

/* The same of a call that only succeeds or not: name_r gives EOK or a positive error number, as the
   POSIX calls do of which it is made. */
#define QNX_CALL_STATUS(name, parameters, ...)                                                     \
    int name parameters { return libc_result(-name##_r(__VA_ARGS__)); }                            \
    int name##_r parameters

/* What a POSIX call gives, as those named _r do: a negative error number, and errno untouched. */
#define QNX_QUIETLY(result, call)                                                                  \
    do {                                                                                           \
        int before_ = errno;                                                                       \
        (result) = (call);                                                                         \
        if ((result) < 0)                                                                          \
            (result) = -errno;                                                                     \
        errno = before_;                                                                           \
    } while (0)

/* A message of one piece, as the forms with pieces take it. */
#define QNX_ONE(data, bytes) &(const iov_t){(void *)(uintptr_t)(data), bytes}, 1

void qnx_lock(void);
void qnx_unlock(void);

/* ---- Pulses ---- */

struct pulse {
    struct pulse *next;
    int priority, code, value, scoid;
    bool counted; /* among its client's */
};

#define PULSES_OF_CLIENT_MAX 256u /* more of one client's are refused */

/* ---- Channels ---- */

struct channel {
    int chid;
    unsigned flags;      /* _NTO_CHF_* */
    uint32_t references; /* the table's, and who is using it */
    bool dead;
    bool files; /* it serves the interface `file` too */
    uint32_t port;
    uint32_t own;          /* portal: wakes receivers */
    struct message *early; /* received together with an answer, before MsgReceive asked */
    struct pulse *pulses;  /* by priority, then first come */
    uint32_t pulses_count; /* changes with each that comes: MsgReceivePulse sleeps on it */
};

/* The first channel made to be told when connections lose their channel; with the lock held. */
struct channel *qnx_channel_for_obituaries(void);

/* Holds the channel until qnx_channel_drop; NULL: none. */
struct channel *qnx_channel_hold(int chid);
void qnx_channel_drop(struct channel *channel);

/* The pulse is the queue's from now on. With the lock held. */
void qnx_pulse_put(struct channel *channel, struct pulse *pulse);
/* The first pulse, or NULL. */
struct pulse *qnx_pulse_take(struct channel *channel);
/* From a program; it is limited how many of one client's can wait. -EAGAIN, -ENOMEM. */
struct client;
int qnx_pulse_send(struct client *client, int priority, int code, int value);
void qnx_pulses_forget(struct channel *channel);

/* ---- Clients: processes connected to our channels ---- */

struct message;

struct client {
    int scoid;
    struct channel *channel;
    pid_t pid;                 /* what it said */
    uint32_t messages, pulses; /* portals to the channel and to the layer; badge: scoid */
    uint32_t events;           /* handle: its qnx_client; 0: this process */
    uint32_t references;       /* its messages, a link of this process, 1 until it is released */
    bool gone, released;
    bool files;     /* an open file, or a place to open some: the interface `file` comes through */
    uint32_t flags; /* of that file */
    struct watch *watches;
    uint32_t pulses_waiting;
    uint64_t first_message; /* those with a lower number were of somebody else */
    struct message *pending;
    struct pulse *farewell; /* _PULSE_CODE_DISCONNECT, made beforehand */
};

/* 0 or a negative error number. */
int qnx_client_create(struct channel *channel, pid_t pid, struct client **created);
/* With the lock held: */
struct client *qnx_client_find(int scoid);
struct client *qnx_client_of_message(int rcvid); /* even of one that was answered */
int qnx_client_next_rcvid(const struct client *client);
void qnx_client_drop(struct client *client);
/* It is connected no more. */
void qnx_client_disconnected(struct client *client);
/* ConnectDetach of a scoid by the server. */
int qnx_client_let_go(int scoid);
/* It never was. */
void qnx_client_forget(struct client *client);
/* The kernel says that nobody has a handle of this portal to a channel. */
void qnx_client_closed(uint32_t badge);

/* Whom poll is to tell of an open file, once: takes over the portal. 0 or -ENOMEM. */
int qnx_watch_add(struct client *client, uint32_t portal, uint32_t bits);
/* Tells them all. With the lock held. */
void qnx_watches_end(struct client *client, bool tell);

/* All clients of a channel that ends. */
void qnx_clients_end(struct channel *channel);

/* ---- Messages received and not answered ---- */

struct message {
    struct message *next; /* of the same client */
    struct client *client;
    struct request *request; /* it came by the interface `file` (request.h); NULL: by MsgSend */
    bool early;              /* in its channel's list of those */
    struct message *next_early;
    int rcvid;
    uint32_t token;
    uint32_t length[IRIS_BUFFERS_MAX];
    uint32_t sources, buffers;
    uint32_t sent, taken; /* bytes: of the sources, of the others; a request's own ones included */
    uint32_t received;    /* bytes that MsgReceive gave */
    int thread, coid, priority;
    bool unblock; /* its sender has asked */
    /* Who has the right to reply: a thread, as its current caller, or the process by a handle. */
    uint32_t owner;       /* id of the thread, 0: not */
    uint32_t owner_slot;  /* its UTCB slot */
    uint32_t reply;       /* slot of the REPLY handle; 0 and no owner: the sender is gone */
    bool settling;        /* its owner is about to make it a handle */
    bool wanted;          /* another thread waits for that */
    struct pulse *demand; /* _PULSE_CODE_UNBLOCK, made beforehand */
};

/* What was just received, as the current caller's; NULL: it is no message, and `m` is the answer.
 */
struct message *qnx_message_accept(struct iris_message *m, struct channel *channel);
/* With the lock held: NULL if it was answered or never was. */
struct message *qnx_message_find(int rcvid);
/* The message is nobody's any more; its handle is closed. */
void qnx_message_free(struct message *message);
/* Its sender wants to go on, or has gone: the server is told once, if it has asked for that. */
void qnx_message_demand(struct message *message);
void qnx_message_describe(const struct message *message, struct _msg_info *info);

/* Puts a message just accepted aside for the next MsgReceive. */
void qnx_message_put_early(struct message *message);
/* Such a one, this thread's own if possible; NULL: none. */
struct message *qnx_message_take_early(struct channel *channel);
/* Ends a message by an answer. With the lock held, which is given up meanwhile. -ESRCH: nobody
   waits for it any more. */
int qnx_message_answer(struct message *message, unsigned label, uint32_t first, uint32_t second);
/* Answers this thread's current caller, at once, though nothing is known of it. */
void qnx_message_answer_caller(struct iris_message *m);

/* ---- The right to reply ---- */

/* The current caller of this thread becomes a handle. */
void qnx_message_settle(void);
/* The same if another thread waits for it. */
void qnx_message_settle_wanted(void);
/* The message, when it is no thread's current caller any more. With the lock held, which is given
   up meanwhile. NULL: it was answered, or never was. */
struct message *qnx_message_capture(int rcvid);
/* The message, to be read and written by this thread. The same otherwise. */
struct message *qnx_message_reach(int rcvid);

/* Copy between the client's sources and our parts, from `offset` of both on. Bytes, or -EFAULT (a
   page of the client is not there), -ESRVRFAULT (one of ours), -ESRCH. */
int qnx_message_read(const struct message *message, uint32_t offset, const struct parts *parts,
                     uint32_t bytes);
int qnx_message_write(const struct message *message, uint32_t offset, const struct parts *parts,
                      uint32_t bytes);
/* 0 if all buffers are there. */
int qnx_message_probe(const struct message *message);

/* ---- Links: channels that this process is connected to ---- */

struct link {
    int number;
    uint32_t
        port; /* the kernel's id of the server layer's port: nobody can pretend to be another */
    pid_t pid;
    int chid;
    uint32_t references; /* its coids, and who is using it */
    unsigned flags;      /* of the channel */
    int scoid;
    uint32_t messages, pulses; /* handles */
    uint32_t events;           /* portal: what the server has, badge: number */
    struct client *client;     /* of a channel of this process; NULL: another's */
    bool ready, dead;
    struct pulse *obituary; /* _PULSE_CODE_COIDDEATH, made beforehand */
};

/* A link that exists already, or a new one; with one reference. */
int qnx_link_open(pid_t pid, int chid, struct link **opened);
/* The same by a name at the name service. */
int qnx_link_open_name(const char *name, struct link **opened);
void qnx_link_drop(struct link *link);
struct link *qnx_link_find(int number); /* with the lock held */
/* The server has gone. */
void qnx_link_died(int number);

struct coid {
    int number;
    struct link *link;
    unsigned flags; /* _NTO_COF_* */
};

/* Holds the link behind a connection until qnx_link_drop; NULL: no such connection. */
struct link *qnx_link_hold(int coid);
/* A connection over a link, whose reference it takes over. A negative error number: it did not. */
int qnx_coid_open(struct link *link, unsigned index, unsigned flags);
int qnx_coid_close(int coid);

/* ---- Events ---- */

/* In this process, by a thread of the library's, which calls no other one: event_deliver with what
   a handler is told (../sigevent.h). */
int qnx_event_deliver(const struct sigevent *event, int tid);
/* Its pulses: whether one could be sent, and sent. */
int qnx_event_pulse_check(const struct sigevent *event);
int qnx_event_pulse(const struct sigevent *event);

/* ---- The layer's own thread and port ---- */

enum service_badge {                      /* kinds; the rest of a badge is a number */
                     SERVICE_CHANNEL = 0, /* number 0: any that is not private */
                     SERVICE_CONNECTION = 1,
                     SERVICE_LINK = 2,
};
#define SERVICE_BADGE(kind, number) ((uint32_t)(kind) << 30 | (uint32_t)(number))

/* Starts it if need be. 0 or a negative error number. */
int qnx_service_start(void);
/* Others can find our channels by number from now on. */
int qnx_service_publish(void);
uint32_t qnx_service_port(void); /* the kernel's id of its port */
/* Where the layer of a process is found. */
#define SERVICE_NAME "local/channel/%d"
/* A portal to its port, for others to call; the slot or a negative error number. */
int qnx_service_portal(uint32_t badge);

/* A portal to it for notifications, which are interrupts; and what becomes of those. */
int qnx_service_bell(uint32_t bits);
void qnx_interrupts_arrived(uint32_t bits);

/* Calls the layer of another process, which answers at once if it runs at all; if not, -EAGAIN. */
int qnx_call_briefly(uint32_t handle, struct iris_message *m);

/* ---- What a thread knows of itself ---- */

struct qnx_thread {
    int current;      /* rcvid of the message that this thread received last, if it may still have
                         the right to reply; 0 */
    int priority;     /* 0: not asked for yet */
    unsigned timeout; /* _NTO_TIMEOUT_* for the next call */
    uint64_t deadline;
};
extern __thread struct qnx_thread qnx_self;

/* The deadline for a call in these states, used up; IRIS_DEADLINE_NONE. */
uint64_t qnx_timeout_take(unsigned states);

int qnx_tid(void);
pthread_t qnx_pthread(int tid); /* 0: the calling thread's */
int qnx_priority(void);

/* ---- Shared shapes ---- */

/* A portal to a port, in a fresh slot; or a negative error number. */
int qnx_portal(uint32_t port, uint32_t badge, uint32_t rights, uint32_t mask);
/* Revokes and closes one's own portal. */
void qnx_portal_end(uint32_t portal);

#endif
