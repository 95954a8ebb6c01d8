/* SPDX-License-Identifier: MIT */
/*
 * poll. All files are asked; if none is ready they are asked again, with a portal through which
 * each of them notifies. The thread waits at a port of its own for that. Afterwards the portal is
 * destroyed, which ends what the servers still know of it, and the thread is bound to the port
 * again that it was bound to before.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/select.h>

#include <iris/calls.h>
#include <iris/ipc.h>
#include <iris/object.h>
#include <iris/vdso.h>

#include "files.h"
#include "libc.h"
#include "slots.h"
#include "threads.h"

#define NS 1000000000ull

/* Where servers tell that something is ready, and handlers that they have run. */
struct bell {
    uint32_t port, portal; /* slots */
    uint32_t before;       /* slot of the port that the thread is bound to otherwise, 0: none */
};

/* ---- Asking ---- */

static uint32_t wanted(short events)
{
    return (events & (POLLIN | POLLRDNORM) ? FILE_POLL_READ : 0) |
           (events & (POLLOUT | POLLWRNORM) ? FILE_POLL_WRITE : 0);
}

static short answer(uint32_t ready, short events)
{
    short result = (short)(events & (ready & FILE_POLL_READ ? POLLIN | POLLRDNORM : 0));
    result |= (short)(events & (ready & FILE_POLL_WRITE ? POLLOUT | POLLWRNORM : 0));
    if (ready & FILE_POLL_HANGUP)
        result |= POLLHUP;
    if (ready & FILE_POLL_ERROR)
        result |= POLLERR;
    return result;
}

/* 1: it is ready for something, 0: not; a negative error number. */
static int ask_one(struct pollfd *file, uint32_t portal)
{
    struct open_file *open = files_hold(file->fd);
    uint32_t ready = 0;
    if (open == NULL) {
        file->revents = POLLNVAL;
        return 1;
    }
    int error = file_poll(open->handle, wanted(file->events), THREAD_BELL, portal, &ready);
    files_drop(open);
    if (error == -ENOSYS) { /* it never waits */
        ready = FILE_POLL_READ | FILE_POLL_WRITE;
        error = 0;
    }
    file->revents = answer(ready, file->events);
    return error != 0 ? error : file->revents != 0;
}

/* How many are ready, or a negative error number. */
static int ask(struct pollfd *files, nfds_t count, uint32_t portal)
{
    int ready = 0;
    for (nfds_t i = 0; i < count; i++) {
        files[i].revents = 0;
        /* Once something is ready nobody has to tell. */
        int result = files[i].fd < 0 ? 0 : ask_one(&files[i], ready > 0 ? 0 : portal);
        if (result < 0)
            return result;
        ready += result;
    }
    return ready;
}

/* ---- Waiting ---- */

/* The id of the port that this thread is bound to, 0: none. */
static uint32_t bound_port(void)
{
    struct iris_thread_info info;
    int count =
        iris_space_inspect(IRIS_SLOT_SPACE, IRIS_INSPECT_THREADS, iris_utcb()->slot, &info, 1);
    return count == 1 ? info.bound_port : 0;
}

/* A slot that leads to this port, with the right to wait there. */
static uint32_t slot_of_port(uint32_t id)
{
    struct iris_handle_info handle;
    uint32_t cursor = 0;
    while (iris_space_inspect(IRIS_SLOT_SPACE, IRIS_INSPECT_HANDLES, cursor, &handle, 1) == 1) {
        if (handle.type == IRIS_TYPE_PORT && handle.object == id &&
            handle.rights & IRIS_RIGHT_RECEIVE)
            return handle.slot;
        cursor = handle.slot + 1;
    }
    return 0;
}

static void set_signal_bell(uint32_t portal)
{
    struct thread *self = thread_record(thread_block());
    if (self != NULL)
        __atomic_store_n(&self->signal_bell, portal, __ATOMIC_SEQ_CST);
}

static int bell_begin(struct bell *bell)
{
    int port = iris_slot_alloc(), portal = iris_slot_alloc();
    uint32_t id = bound_port();
    *bell = (struct bell){port > 0 ? (uint32_t)port : 0, portal > 0 ? (uint32_t)portal : 0,
                          id != 0 ? slot_of_port(id) : 0};
    int error = port < 0 || portal < 0 ? -ENOMEM : iris_port_create(bell->port);
    if (error >= 0)
        error = iris_portal_create(bell->port, bell->portal, 0, IRIS_RIGHT_NOTIFY | IRIS_RIGHT_COPY,
                                   THREAD_BELL);
    if (error >= 0)
        set_signal_bell(bell->portal);
    return error < 0 ? error : iris_port_bind(bell->port);
}

static void bell_end(const struct bell *bell)
{
    set_signal_bell(0);
    iris_port_bind(bell->before);
    iris_object_destroy(bell->portal);
    iris_handle_discard(bell->portal);
    iris_handle_discard(bell->port);
}

/* 0: look again, or -ETIMEDOUT. From `calling` on signals and pthread_cancel end the wait. */
static int await_bell(uint64_t deadline)
{
    struct thread *self = thread_record(thread_block());
    struct iris_message m;
    if (self != NULL)
        __atomic_store_n(&self->calling, 1, __ATOMIC_SEQ_CST);
    int error = thread_is_cancelled() ? 0 : iris_ipc_wait_until(&m, deadline);
    if (self != NULL)
        __atomic_store_n(&self->calling, 0, __ATOMIC_SEQ_CST);
    return error == -ECANCELED ? 0 : error;
}

/* Handlers end it whether they have SA_RESTART or not, as everywhere. */
static int wait_ready(struct pollfd *files, nfds_t count, uint64_t deadline)
{
    struct bell bell;
    int error = bell_begin(&bell), ready = 0;
    while (error == 0 && (ready = ask(files, count, bell.portal)) == 0) {
        bool ends = thread_was_signalled() || thread_is_cancelled();
        error = ends ? -EINTR : await_bell(deadline);
    }
    bell_end(&bell);
    if (thread_cancel_now != NULL)
        thread_cancel_now();
    return error == -ETIMEDOUT ? 0 : error != 0 ? error : ready;
}

static int poll_until(struct pollfd *files, nfds_t count, uint64_t deadline)
{
    if (thread_cancel_now != NULL)
        thread_cancel_now();
    int ready = ask(files, count, 0);
    if (ready != 0 || deadline == IRIS_DEADLINE_POLL)
        return ready;
    return wait_ready(files, count, deadline);
}

int poll(struct pollfd *files, nfds_t count, int milliseconds)
{
    uint64_t deadline = IRIS_DEADLINE_NONE;
    if (milliseconds == 0)
        deadline = IRIS_DEADLINE_POLL;
    else if (milliseconds > 0)
        deadline = iris_clock_monotonic() + (uint64_t)milliseconds * 1000000;
    thread_forget_handlers();
    return libc_result(poll_until(files, count, deadline));
}

static int deadline_after(const struct timespec *timeout, uint64_t *deadline)
{
    *deadline = IRIS_DEADLINE_NONE;
    if (timeout == NULL)
        return 0;
    if (timeout->tv_sec < 0 || timeout->tv_nsec < 0 || timeout->tv_nsec >= (long)NS)
        return -EINVAL;
    uint64_t length = (uint64_t)timeout->tv_sec * NS + (uint64_t)timeout->tv_nsec;
    *deadline = length == 0 ? IRIS_DEADLINE_POLL : iris_clock_monotonic() + length;
    return 0;
}

int ppoll(struct pollfd *files, nfds_t count, const struct timespec *timeout, const sigset_t *mask)
{
    uint64_t deadline;
    sigset_t before;
    int error = deadline_after(timeout, &deadline);
    if (error != 0)
        return libc_result(error);
    thread_forget_handlers();
    if (mask != NULL)
        sigprocmask(SIG_SETMASK, mask, &before); /* what it lets in ends the wait */
    int result = poll_until(files, count, deadline);
    if (mask != NULL)
        sigprocmask(SIG_SETMASK, &before, NULL);
    return libc_result(result);
}

/* ---- select: the same with sets ---- */

static bool has(int fd, const fd_set *set) { return set != NULL && FD_ISSET(fd, set); }

/* What the sets ask for; how many files. */
static nfds_t sets_take(int count, const fd_set *read, const fd_set *write, const fd_set *except,
                        struct pollfd *files)
{
    nfds_t taken = 0;
    for (int fd = 0; fd < count; fd++) {
        short events = (short)((has(fd, read) ? POLLIN : 0) | (has(fd, write) ? POLLOUT : 0));
        if (events != 0 || has(fd, except))
            files[taken++] = (struct pollfd){.fd = fd, .events = events};
    }
    return taken;
}

/* Whoever is ready stays in its sets; how many bits that are. -EBADF: one is no file. */
static int sets_give(const struct pollfd *files, nfds_t count, fd_set *read, fd_set *write)
{
    int bits = 0;
    for (nfds_t i = 0; i < count; i++) {
        const struct pollfd *file = &files[i];
        if (file->revents & POLLNVAL)
            return -EBADF;
        if ((file->events & POLLIN) && (file->revents & (POLLIN | POLLHUP | POLLERR))) {
            FD_SET(file->fd, read);
            bits++;
        }
        if ((file->events & POLLOUT) && (file->revents & (POLLOUT | POLLERR))) {
            FD_SET(file->fd, write);
            bits++;
        }
    }
    return bits;
}

static void clear(fd_set *set)
{
    if (set != NULL)
        FD_ZERO(set);
}

static int select_until(int count, fd_set *read, fd_set *write, fd_set *except, uint64_t deadline)
{
    struct pollfd files[FD_SETSIZE];
    if (count < 0 || count > FD_SETSIZE)
        return -EINVAL;
    nfds_t taken = sets_take(count, read, write, except, files);
    int ready = poll_until(files, taken, deadline);
    if (ready < 0)
        return ready;
    fd_set read_ready, write_ready;
    FD_ZERO(&read_ready);
    FD_ZERO(&write_ready);
    int bits = sets_give(files, taken, &read_ready, &write_ready);
    if (bits < 0)
        return bits;
    clear(except);
    if (read != NULL)
        *read = read_ready;
    if (write != NULL)
        *write = write_ready;
    return bits;
}

int select(int count, fd_set *read, fd_set *write, fd_set *except, struct timeval *timeout)
{
    uint64_t deadline;
    struct timespec length = {.tv_sec = 0};
    if (timeout != NULL)
        length = (struct timespec){timeout->tv_sec, timeout->tv_usec * 1000};
    int error = deadline_after(timeout != NULL ? &length : NULL, &deadline);
    thread_forget_handlers();
    return libc_result(error != 0 ? error : select_until(count, read, write, except, deadline));
}

int pselect(int count, fd_set *read, fd_set *write, fd_set *except, const struct timespec *timeout,
            const sigset_t *mask)
{
    uint64_t deadline;
    sigset_t before;
    int error = deadline_after(timeout, &deadline);
    if (error != 0)
        return libc_result(error);
    thread_forget_handlers();
    if (mask != NULL)
        sigprocmask(SIG_SETMASK, mask, &before); /* what it lets in ends the wait */
    int result = select_until(count, read, write, except, deadline);
    if (mask != NULL)
        sigprocmask(SIG_SETMASK, &before, NULL);
    return libc_result(result);
}
