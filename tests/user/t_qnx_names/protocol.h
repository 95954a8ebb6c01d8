/* SPDX-License-Identifier: MIT */
/* What the two processes say to each other. */
#ifndef PROTOCOL_H
#define PROTOCOL_H

#include <stdint.h>
#include <sys/iomsg.h>
#include <sys/neutrino.h>

enum ask_type {
    ASK_ECHO = _IO_MAX + 1, /* itself back, `argument` as status */
    ASK_EVENT,              /* the event, `argument` times, after the answer */
    ASK_EVENT_FIRST,        /* the event, before the answer, which is its error number */
    ASK_HOLD,               /* not answered */
    ASK_COUNT,              /* struct count back */
    ASK_EXIT,               /* the server ends without an answer */
};

struct ask {
    uint16_t type;
    uint32_t argument;
    struct sigevent event;
};

struct count {
    int disconnected, unblocked, holding;
    int pid;      /* who asks */
    int delivery; /* error number of the last event after an answer */
};

/* The other process: role `serve` or `hold`. Its exit status. */
int run_peer(const char *role, const char *name);

#endif
