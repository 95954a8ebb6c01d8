/* SPDX-License-Identifier: MIT */
/* Waiting for several files at once (POSIX, <poll.h>). */
#ifndef _POLL_H
#define _POLL_H

#include <signal.h>
#include <sys/types.h>
#include <time.h>

#define POLLIN 0x0001
#define POLLPRI 0x0002 /* never comes: no file has urgent data */
#define POLLOUT 0x0004
#define POLLERR 0x0008
#define POLLHUP 0x0010
#define POLLNVAL 0x0020
#define POLLRDNORM 0x0040
#define POLLRDBAND 0x0080
#define POLLWRNORM 0x0100
#define POLLWRBAND 0x0200

typedef unsigned int nfds_t;

struct pollfd {
    int fd; /* negative: not asked */
    short events, revents;
};

#ifdef __cplusplus
extern "C" {
#endif

int poll(struct pollfd *files, nfds_t count, int milliseconds);

/* The mask is set before and after waiting, not in one go with it. */
int ppoll(struct pollfd *files, nfds_t count, const struct timespec *timeout, const sigset_t *mask);

#ifdef __cplusplus
}
#endif
#endif
