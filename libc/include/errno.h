/* SPDX-License-Identifier: MIT */
/* newlib's error numbers, and those that QNX programs expect beside them. */
#ifndef IRIS_LIBC_ERRNO_H
#define IRIS_LIBC_ERRNO_H

#include_next <errno.h>

#ifndef EOK
#define EOK 0
#endif
#ifndef ERESTART
#define ERESTART 85 /* the call is to be made again */
#endif
#ifndef ESRVRFAULT
#define ESRVRFAULT 161 /* the server's buffer was no memory */
#endif

#endif
