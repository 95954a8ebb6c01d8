/* SPDX-License-Identifier: MIT */
/* QNX's calls within one process: a server thread that does what the message says. */
#ifndef T_QNX_H
#define T_QNX_H

#include <errno.h>
#include <string.h>
#include <sys/neutrino.h>

#include "kit.h"

/* What a test sends: an order, its argument, and any bytes behind. */
struct order {
    uint32_t type; /* enum order_type */
    uint32_t argument;
};

enum order_type {
    ORDER_ECHO = 1, /* the whole message back, `argument` as status */
    ORDER_ERROR,    /* MsgError(argument) */
    ORDER_READ,     /* what lies behind `argument`, by MsgRead */
    ORDER_WRITE,    /* two pieces by MsgWrite, the second at `argument` */
    ORDER_HAND,     /* another thread answers */
    ORDER_HOLD,     /* not answered, until ORDER_RELEASE */
    ORDER_RELEASE,
    ORDER_INFO, /* struct _msg_info back */
    ORDER_QUIT,
};

struct server {
    int chid;
    struct iris_thread thread;
    volatile uint32_t pulses, last_code, last_value, last_scoid, unblocked;
    int held;
};

bool server_start(struct server *server, unsigned flags);
void server_stop(struct server *server);

/* MsgSend of an order alone. */
int order(int coid, uint32_t type, uint32_t argument, void *reply, size_t bytes);

/* A pulse that is there already; -1: none. */
int take_pulse(int chid, struct _pulse *pulse);

void check_numbers_of_channels(void);
void check_messages(void);
void check_pulses(void);
void check_attacks(void);
void check_priority(void);
void check_time(void);
void check_threads(void);
void check_sync(void);

/* errno of a call that is to fail. */
#define TEST_FAILS(call, error, ...)                                                               \
    do {                                                                                           \
        errno = 0;                                                                                 \
        int result_ = (int)(call);                                                                 \
        TEST_EQUAL(result_ == -1 ? errno : 0, error, __VA_ARGS__);                                 \
    } while (0)

#endif
