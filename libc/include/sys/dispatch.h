/* SPDX-License-Identifier: MIT */
/* Names for channels, and handing what a channel receives to functions. */
#ifndef _SYS_DISPATCH_H
#define _SYS_DISPATCH_H

#include <pthread.h>
#include <stdint.h>
#include <sys/iofunc.h>
#include <sys/iomsg.h>
#include <sys/neutrino.h>
#include <sys/resmgr.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Names ---- */

typedef struct _name_attach {
    dispatch_t *dpp;
    int chid;
    int mntid;
    int zero[2];
} name_attach_t;

#define NAME_FLAG_ATTACH_GLOBAL 2 /* ENOTSUP: there is this node only */
#define NAME_FLAG_DETACH_SAVEDPP 1

name_attach_t *name_attach(dispatch_t *dpp, const char *path, unsigned flags);
int name_detach(name_attach_t *attach, unsigned flags);
int name_open(const char *name, int flags);
int name_close(int coid);

/* ---- Dispatching ---- */

typedef union _dispatch_context dispatch_context_t;

#define DISPATCH_FLAG_NOLOCK 1u

dispatch_t *dispatch_create(void);
int dispatch_destroy(dispatch_t *dpp);
dispatch_context_t *dispatch_context_alloc(dispatch_t *dpp);
void dispatch_context_free(dispatch_context_t *ctp);
dispatch_context_t *dispatch_block(dispatch_context_t *ctp);
void dispatch_unblock(dispatch_context_t *ctp);
int dispatch_handler(dispatch_context_t *ctp);
/* The time that dispatch_block waits at most; NULL: for ever. */
int dispatch_timeout(dispatch_t *dpp, struct timespec *timeout);

typedef struct _message_attr {
    unsigned flags;
    unsigned nparts_max, msg_max_size;
} message_attr_t;

/* A handler's context for what is not a resource manager's. */
typedef resmgr_context_t message_context_t;

union _dispatch_context {
    resmgr_context_t resmgr_context;
    message_context_t message_context;
};

#define MSG_FLAG_ALLOC_PULSE 1u /* pulse_attach: the code is chosen */
#define MSG_FLAG_DEFAULT_FUNC 2u

typedef int message_handler_t(message_context_t *ctp, int type, unsigned flags, void *handle);

/* Messages whose type is from `low` to `high`. */
int message_attach(dispatch_t *dpp, message_attr_t *attr, int low, int high,
                   message_handler_t *function, void *handle);
int message_detach(dispatch_t *dpp, int low, int high, int flags);
int message_connect(dispatch_t *dpp, int flags);
/* Pulses of a code; the code. */
int pulse_attach(dispatch_t *dpp, int flags, int code, message_handler_t *function, void *handle);
int pulse_detach(dispatch_t *dpp, int code, int flags);

/* ---- Files that become ready ---- */

typedef resmgr_context_t select_context_t;
typedef struct _select_attr {
    unsigned flags;
} select_attr_t;

#define SELECT_FLAG_READ 1u
#define SELECT_FLAG_WRITE 2u
#define SELECT_FLAG_REARM 4u /* again after each time; else once */

typedef int select_handler_t(select_context_t *ctp, int fd, unsigned flags, void *handle);

/* dispatch_handler calls the function when the file is ready. Once more for a file: anew. */
int select_attach(void *dpp, select_attr_t *attr, int fd, unsigned flags,
                  select_handler_t *function, void *handle);
int select_detach(void *dpp, int fd);

/* ---- Threads that dispatch ---- */

#ifndef THREAD_POOL_PARAM_T
#define THREAD_POOL_PARAM_T dispatch_context_t
#endif

typedef struct _thread_pool_attr {
    dispatch_t *handle;
    THREAD_POOL_PARAM_T *(*block_func)(THREAD_POOL_PARAM_T *ctp);
    void (*unblock_func)(THREAD_POOL_PARAM_T *ctp);
    int (*handler_func)(THREAD_POOL_PARAM_T *ctp);
    THREAD_POOL_PARAM_T *(*context_alloc)(dispatch_t *handle);
    void (*context_free)(THREAD_POOL_PARAM_T *ctp);
    pthread_attr_t *attr; /* of each; NULL: the usual ones */
    unsigned short lo_water, increment, hi_water, maximum;
} thread_pool_attr_t;

typedef struct _thread_pool thread_pool_t;

#define POOL_FLAG_EXIT_SELF 1u /* thread_pool_start: the calling thread ends */
#define POOL_FLAG_USE_SELF 2u  /* the calling thread joins */

thread_pool_t *thread_pool_create(thread_pool_attr_t *attr, unsigned flags);
int thread_pool_start(void *pool);
int thread_pool_destroy(thread_pool_t *pool);

#ifdef __cplusplus
}
#endif
#endif
