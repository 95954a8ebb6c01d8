/* SPDX-License-Identifier: MIT */
/* What dispatch.c, resmgr.c and name.c share. */
#ifndef QNX_DISPATCH_PRIVATE_H
#define QNX_DISPATCH_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/dispatch.h>

#include <iris/sync.h>

struct name_place {
    name_attach_t attach; /* first: what the program has */
    char path[121];
    uint32_t portal;
};

/* Somebody's interest in messages of some types, or pulses of one code. */
struct handler {
    struct handler *next;
    bool pulse;
    int low, high;
    message_handler_t *function;
    void *handle;
    void (*end)(void *handle); /* when it is taken away or its dispatch ends; NULL: nothing */
};

/* A path that was attached. */
struct mount {
    struct mount *next;
    int id;
    char path[121]; /* at the name service */
    uint32_t portal;
    int scoid; /* messages through the portal are this client's */
    const resmgr_connect_funcs_t *connect;
    const resmgr_io_funcs_t *io;
    RESMGR_HANDLE_T *handle;
};

/* An open file: what its client stands for. */
struct binding {
    struct binding *next;
    int scoid;
    struct mount *mount;
    const resmgr_io_funcs_t *io;
    void *ocb;
};

struct _dispatch {
    int chid; /* 0: not made yet */
    int coid; /* to it, for message_connect and dispatch_unblock; 0: none */
    struct iris_mutex lock;
    struct handler *handlers;
    struct mount *mounts;
    struct binding *bindings;
    int last_id;
    unsigned message_size;
    bool timed;
    uint64_t timeout; /* ns */
};

/* The channel, made when first needed. A negative error number. */
int dispatch_channel(dispatch_t *dpp);

/* A handler of the library's, for pulses of a *code that programs do not choose: 0 or an error
   number; and away with it: false: there is no such handler. */
int dispatch_attach_own(dispatch_t *dpp, message_handler_t *function, void *handle,
                        void (*end)(void *handle), int *code);
bool dispatch_detach_own(dispatch_t *dpp, int code);

/* Whether the message or pulse is a resource manager's, which then has been handled. */
bool resmgr_handle(resmgr_context_t *ctp);
void resmgr_end(dispatch_t *dpp);

#endif
