/* SPDX-License-Identifier: MIT */
/*
 * Files that become ready, as pulses of a dispatch's channel. Each has a thread that waits in poll
 * for it and then for the handler; the pulse's code stands for the file.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/dispatch.h>
#include <unistd.h>

#include "dispatch_private.h"
#include "qnx.h"

#define FLAGS (SELECT_FLAG_READ | SELECT_FLAG_WRITE | SELECT_FLAG_REARM)

struct selection {
    dispatch_t *dpp;
    int fd, code;
    unsigned flags, ready; /* SELECT_FLAG_* */
    select_handler_t *function;
    void *handle;
    pthread_t thread;
    sem_t handled;
    unsigned references; /* the handler's, and who is calling its function */
};

/* ---- Its thread, which pthread_cancel ends where it waits ---- */

static unsigned ready_of(short events)
{
    unsigned ready = events & POLLOUT ? SELECT_FLAG_WRITE : 0;
    return ready | (events & ~POLLOUT ? SELECT_FLAG_READ : 0); /* read tells of an error, too */
}

static void *keep_watch(void *argument)
{
    struct selection *selection = argument;
    struct pollfd file = {.fd = selection->fd,
                          .events = (short)((selection->flags & SELECT_FLAG_READ ? POLLIN : 0) |
                                            (selection->flags & SELECT_FLAG_WRITE ? POLLOUT : 0))};

    do {
        if (poll(&file, 1, -1) < 1)
            continue; /* a signal */
        __atomic_store_n(&selection->ready, ready_of(file.revents), __ATOMIC_RELEASE);
        while (MsgSendPulse_r(selection->dpp->coid, -1, selection->code, 0) == -EAGAIN)
            usleep(10000); /* no memory: nobody tells when there is some */
        sem_wait(&selection->handled);
    } while (!(file.revents & POLLNVAL) && selection->flags & SELECT_FLAG_REARM);
    return NULL;
}

/* It takes no signals of the program. */
static int start_thread(struct selection *selection)
{
    sigset_t every, before;

    sigfillset(&every);
    pthread_sigmask(SIG_BLOCK, &every, &before);
    int error = pthread_create(&selection->thread, NULL, keep_watch, selection);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

/* ---- Its handler ---- */

static void drop(struct selection *selection)
{
    dispatch_t *dpp = selection->dpp;

    iris_mutex_lock(&dpp->lock);
    bool last = --selection->references == 0;
    iris_mutex_unlock(&dpp->lock);
    if (last)
        free(selection);
}

static void end(void *handle)
{
    struct selection *selection = handle;

    pthread_cancel(selection->thread);
    pthread_join(selection->thread, NULL);
    drop(selection);
}

static int pass(message_context_t *ctp, int code, unsigned flags, void *handle);

/* The one with this code or, with fd >= 0, of this file: with one more reference. NULL: none. */
static struct selection *hold(dispatch_t *dpp, int code, int fd)
{
    struct selection *found = NULL;

    iris_mutex_lock(&dpp->lock);
    for (const struct handler *h = dpp->handlers; h != NULL && found == NULL; h = h->next) {
        struct selection *selection = h->function == pass ? h->handle : NULL;
        if (selection != NULL && (fd >= 0 ? selection->fd == fd : h->low == code))
            found = selection;
    }
    if (found != NULL)
        found->references++;
    iris_mutex_unlock(&dpp->lock);
    return found;
}

/* The function may detach it, and so may another thread meanwhile. */
static int pass(message_context_t *ctp, int code, unsigned flags, void *handle)
{
    struct selection *selection = hold(ctp->dpp, code, -1);

    (void)flags, (void)handle;
    if (selection == NULL)
        return 0;
    unsigned ready = __atomic_exchange_n(&selection->ready, 0, __ATOMIC_ACQUIRE);
    int result = 0;
    if (ready != 0) { /* it is no pulse of somebody else's */
        result = selection->function(ctp, selection->fd, ready, selection->handle);
        sem_post(&selection->handled);
    }
    drop(selection);
    return result;
}

/* ---- The calls ---- */

static int detach(dispatch_t *dpp, int fd)
{
    struct selection *selection = hold(dpp, 0, fd);
    if (selection == NULL)
        return EINVAL;
    bool taken = dispatch_detach_own(dpp, selection->code);
    drop(selection);
    return taken ? 0 : EINVAL;
}

/* The channel and the handler are there before a pulse is sent. 0 or an error number. */
static int attach(const struct selection *wanted)
{
    int status = dispatch_channel(wanted->dpp);
    struct selection *selection = status < 0 ? NULL : malloc(sizeof *selection);

    if (selection == NULL)
        return status < 0 ? -status : ENOMEM;
    *selection = *wanted;
    selection->references = 2; /* the handler's and ours */
    sem_init(&selection->handled, 0, 0);
    status = dispatch_attach_own(selection->dpp, pass, selection, end, &selection->code);
    if (status != 0) {
        free(selection);
        return status;
    }
    status = start_thread(selection);
    if (status != 0)
        dispatch_detach_own(selection->dpp, selection->code);
    drop(selection);
    return status;
}

int select_attach(void *dpp, select_attr_t *attr, int fd, unsigned flags,
                  select_handler_t *function, void *handle)
{
    const struct selection wanted = {
        .dpp = dpp, .fd = fd, .flags = flags, .function = function, .handle = handle};

    (void)attr;
    if (flags & ~FLAGS || !(flags & (SELECT_FLAG_READ | SELECT_FLAG_WRITE)) || function == NULL)
        return libc_result(-EINVAL);
    if (fcntl(fd, F_GETFD) < 0)
        return -1;
    detach(dpp, fd); /* once more: anew */
    return libc_result(-attach(&wanted));
}

int select_detach(void *dpp, int fd) { return libc_result(-detach(dpp, fd)); }
