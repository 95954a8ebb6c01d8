/* SPDX-License-Identifier: MIT */
/* POSIX.1-2017, <mqueue.h>. */
#ifndef LIBC_MQUEUE_H
#define LIBC_MQUEUE_H

#include <fcntl.h>
#include <signal.h>
#include <sys/types.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef int mqd_t; /* a file descriptor */

struct mq_attr {
    long mq_flags; /* O_NONBLOCK */
    long mq_maxmsg;
    long mq_msgsize;
    long mq_curmsgs;
};

mqd_t mq_open(const char *name, int flags, ...);
int mq_close(mqd_t queue);
int mq_unlink(const char *name);
int mq_getattr(mqd_t queue, struct mq_attr *attributes);
int mq_setattr(mqd_t queue, const struct mq_attr *__restrict attributes,
               struct mq_attr *__restrict old);
int mq_send(mqd_t queue, const char *message, size_t size, unsigned priority);
int mq_timedsend(mqd_t queue, const char *message, size_t size, unsigned priority,
                 const struct timespec *time);
ssize_t mq_receive(mqd_t queue, char *message, size_t size, unsigned *priority);
ssize_t mq_timedreceive(mqd_t queue, char *__restrict message, size_t size,
                        unsigned *__restrict priority, const struct timespec *__restrict time);
int mq_notify(mqd_t queue, const struct sigevent *event);

#ifdef __cplusplus
}
#endif
#endif
