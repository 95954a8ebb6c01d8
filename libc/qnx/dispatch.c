/* SPDX-License-Identifier: MIT */
/* What a channel receives goes to functions: by message type, by pulse code, or to a resource
   manager. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/dispatch.h>
#include <unistd.h>

#include "dispatch_private.h"
#include "qnx.h"

#define MESSAGE_SIZE 4096u /* at least; more is read by MsgRead */
#define CODE_UNBLOCK (-64) /* dispatch_unblock */
#define CODE_OWN_FIRST (-128)
#define CODE_OWN_LAST (-65)

/* ---- Coming and going ---- */

int dispatch_channel(dispatch_t *dpp)
{
    iris_mutex_lock(&dpp->lock);
    if (dpp->chid == 0) {
        int chid =
            ChannelCreate_r(_NTO_CHF_UNBLOCK | _NTO_CHF_DISCONNECT | _NTO_CHF_COID_DISCONNECT);
        int coid = chid > 0 ? ConnectAttach_r(0, 0, chid, _NTO_SIDE_CHANNEL, 0) : chid;
        if (coid > 0) {
            dpp->chid = chid;
            dpp->coid = coid;
        } else if (chid > 0) {
            ChannelDestroy_r(chid);
        }
        iris_mutex_unlock(&dpp->lock);
        return coid > 0 ? chid : coid;
    }
    iris_mutex_unlock(&dpp->lock);
    return dpp->chid;
}

dispatch_t *dispatch_create(void)
{
    dispatch_t *dpp = calloc(1, sizeof *dpp);

    if (dpp != NULL)
        dpp->message_size = MESSAGE_SIZE;
    return dpp;
}

static void forget(struct handler *handler)
{
    if (handler->end != NULL)
        handler->end(handler->handle);
    free(handler);
}

int dispatch_destroy(dispatch_t *dpp)
{
    resmgr_end(dpp);
    for (struct handler *next, *handler = dpp->handlers; handler != NULL; handler = next) {
        next = handler->next;
        forget(handler);
    }
    if (dpp->chid != 0) {
        ConnectDetach_r(dpp->coid);
        ChannelDestroy_r(dpp->chid);
    }
    free(dpp);
    return 0;
}

dispatch_context_t *dispatch_context_alloc(dispatch_t *dpp)
{
    dispatch_context_t *ctp = calloc(1, sizeof *ctp + dpp->message_size);

    if (ctp == NULL || dispatch_channel(dpp) < 0) {
        free(ctp);
        errno = ENOMEM;
        return NULL;
    }
    ctp->resmgr_context.dpp = dpp;
    ctp->resmgr_context.msg = (resmgr_iomsgs_t *)(ctp + 1);
    ctp->resmgr_context.msg_max_size = dpp->message_size;
    return ctp;
}

void dispatch_context_free(dispatch_context_t *ctp) { free(ctp); }

/* ---- Handlers ---- */

/* A copy: another thread may take the handler away. False: nobody wants it. */
static bool find(dispatch_t *dpp, bool pulse, int type, struct handler *found)
{
    iris_mutex_lock(&dpp->lock);
    const struct handler *handler = dpp->handlers;
    while (handler != NULL &&
           (handler->pulse != pulse || type < handler->low || type > handler->high))
        handler = handler->next;
    if (handler != NULL)
        *found = *handler;
    iris_mutex_unlock(&dpp->lock);
    return handler != NULL;
}

static int overlaps(const dispatch_t *dpp, bool pulse, int low, int high)
{
    for (const struct handler *handler = dpp->handlers; handler != NULL; handler = handler->next)
        if (handler->pulse == pulse && low <= handler->high && high >= handler->low)
            return 1;
    return 0;
}

static int add(dispatch_t *dpp, const struct handler *wanted)
{
    struct handler *handler = malloc(sizeof *handler);

    if (handler == NULL)
        return ENOMEM;
    iris_mutex_lock(&dpp->lock);
    int error = overlaps(dpp, wanted->pulse, wanted->low, wanted->high) ? EINVAL : 0;
    if (error == 0) {
        *handler = *wanted;
        handler->next = dpp->handlers;
        dpp->handlers = handler;
    }
    iris_mutex_unlock(&dpp->lock);
    if (error != 0)
        free(handler);
    return error;
}

static int take_away(dispatch_t *dpp, bool pulse, int low, int high)
{
    iris_mutex_lock(&dpp->lock);
    struct handler **place = &dpp->handlers, *handler;
    while ((handler = *place) != NULL &&
           !(handler->pulse == pulse && handler->low == low && handler->high == high))
        place = &handler->next;
    if (handler != NULL)
        *place = handler->next;
    iris_mutex_unlock(&dpp->lock);
    if (handler != NULL)
        forget(handler);
    return handler != NULL ? 0 : EINVAL;
}

int message_attach(dispatch_t *dpp, message_attr_t *attr, int low, int high,
                   message_handler_t *function, void *handle)
{
    if (low > high || low < 0 || high > UINT16_MAX || function == NULL)
        return libc_result(-EINVAL);
    if (attr != NULL && attr->msg_max_size > dpp->message_size)
        dpp->message_size = attr->msg_max_size;
    return libc_result(-add(
        dpp, &(struct handler){.low = low, .high = high, .function = function, .handle = handle}));
}

int message_detach(dispatch_t *dpp, int low, int high, int flags)
{
    (void)flags;
    return libc_result(-take_away(dpp, false, low, high));
}

/* The first code from `low` on that nobody has; it may be above `high`. */
static int free_code(dispatch_t *dpp, int low, int high)
{
    int code = low;

    iris_mutex_lock(&dpp->lock);
    while (code <= high && overlaps(dpp, true, code, code))
        code++;
    iris_mutex_unlock(&dpp->lock);
    return code;
}

int dispatch_attach_own(dispatch_t *dpp, message_handler_t *function, void *handle,
                        void (*end)(void *handle), int *code)
{
    struct handler wanted = {.pulse = true, .function = function, .handle = handle, .end = end};
    int error;

    do {
        wanted.low = wanted.high = *code = free_code(dpp, CODE_OWN_FIRST, CODE_OWN_LAST);
        error = wanted.low > CODE_OWN_LAST ? EAGAIN : add(dpp, &wanted);
    } while (error == EINVAL); /* another thread was first */
    return error;
}

bool dispatch_detach_own(dispatch_t *dpp, int code)
{
    return take_away(dpp, true, code, code) == 0;
}

/* With the flag the first code that nobody has. */
int pulse_attach(dispatch_t *dpp, int flags, int code, message_handler_t *function, void *handle)
{
    if ((unsigned)flags & MSG_FLAG_ALLOC_PULSE)
        code = free_code(dpp, _PULSE_CODE_MINAVAIL + 1, _PULSE_CODE_MAXAVAIL);
    if (code < INT8_MIN || code > _PULSE_CODE_MAXAVAIL || function == NULL)
        return libc_result(-EINVAL);
    int error = add(
        dpp, &(struct handler){
                 .pulse = true, .low = code, .high = code, .function = function, .handle = handle});
    return error == 0 ? code : libc_result(-error);
}

int pulse_detach(dispatch_t *dpp, int code, int flags)
{
    (void)flags;
    return libc_result(-take_away(dpp, true, code, code));
}

int message_connect(dispatch_t *dpp, int flags)
{
    int chid = dispatch_channel(dpp);
    int coid = chid < 0 ? chid : ConnectAttach_r(0, 0, chid, _NTO_SIDE_CHANNEL, flags);

    return libc_result(coid);
}

/* ---- The loop ---- */

int dispatch_timeout(dispatch_t *dpp, struct timespec *timeout)
{
    dpp->timed = timeout != NULL;
    if (timeout != NULL)
        dpp->timeout = (uint64_t)timeout->tv_sec * 1000000000ull + (uint64_t)timeout->tv_nsec;
    return 0;
}

dispatch_context_t *dispatch_block(dispatch_context_t *both)
{
    resmgr_context_t *ctp = &both->resmgr_context;
    const dispatch_t *dpp = ctp->dpp;

    if (dpp->timed)
        TimerTimeout_r(CLOCK_MONOTONIC, _NTO_TIMEOUT_RECEIVE, NULL, &dpp->timeout, NULL);
    ctp->rcvid = MsgReceive_r(dpp->chid, ctp->msg, ctp->msg_max_size, &ctp->info);
    if (ctp->rcvid < 0)
        errno = -ctp->rcvid;
    else if (ctp->rcvid == 0 && ctp->msg->pulse.code == CODE_UNBLOCK)
        errno = EINTR;
    else
        return both;
    return NULL;
}

/* One thread that blocks there, or the next that does. */
void dispatch_unblock(dispatch_context_t *ctp)
{
    MsgSendPulse_r(ctp->resmgr_context.dpp->coid, -1, CODE_UNBLOCK, 0);
}

static int handle_pulse(resmgr_context_t *ctp)
{
    struct handler handler;

    if (find(ctp->dpp, true, ctp->msg->pulse.code, &handler))
        return handler.function(ctp, ctp->msg->pulse.code, 0, handler.handle);
    if (!resmgr_handle(ctp) && ctp->msg->pulse.code == _PULSE_CODE_DISCONNECT)
        ConnectDetach_r(ctp->msg->pulse.scoid);
    return 0;
}

int dispatch_handler(dispatch_context_t *both)
{
    resmgr_context_t *ctp = &both->resmgr_context;

    if (ctp->rcvid == 0)
        return handle_pulse(ctp);
    ctp->size = (size_t)ctp->info.msglen;
    ctp->status = 0;
    int type = ctp->info.msglen >= (int)sizeof ctp->msg->type ? ctp->msg->type : -1;
    struct handler handler;
    if (find(ctp->dpp, false, type, &handler))
        return handler.function(ctp, type, 0, handler.handle);
    if (resmgr_handle(ctp))
        return 0;
    /* Who opens a name is welcome; there is nothing else that everybody knows. */
    return MsgError_r(ctp->rcvid, type == _IO_CONNECT ? EOK : ENOSYS) < 0 ? -1 : 0;
}
