/* SPDX-License-Identifier: MIT */
/*
 * How a program wants to be told of something (struct sigevent): for timers, message queues and
 * QNX's calls, in one place. SIGEV_THREAD is theirs: who has a thread for it calls the function.
 */
#ifndef LIBC_SIGEVENT_H
#define LIBC_SIGEVENT_H

#include <signal.h>

/* Whether it can be delivered here: 0, -EINVAL, or -ENOTSUP for a kind that has no meaning here. */
int event_check(const struct sigevent *event);

/* `info` is for a handler: code and sender, and of a timer its number. The value is the event's.
   `tid` is the thread that asked. 0 or a negative error number; -ESRCH: that thread is gone. */
int event_deliver(const struct sigevent *event, const siginfo_t *info, int tid);

#endif
