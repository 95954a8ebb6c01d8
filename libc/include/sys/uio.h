/* SPDX-License-Identifier: MIT */
/* Reading and writing with several buffers (POSIX, <sys/uio.h>). */
#ifndef _SYS_UIO_H
#define _SYS_UIO_H

#include <sys/types.h>

struct iovec {
    void *iov_base;
    size_t iov_len;
};

#ifdef __cplusplus
extern "C" {
#endif

ssize_t readv(int fd, const struct iovec *vector, int count);
ssize_t writev(int fd, const struct iovec *vector, int count);

#ifdef __cplusplus
}
#endif
#endif
