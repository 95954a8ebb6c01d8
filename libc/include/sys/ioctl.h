/* SPDX-License-Identifier: MIT */
/* Orders to devices, as <devctl.h> has them: a request says by itself how large its data is. */
#ifndef _SYS_IOCTL_H
#define _SYS_IOCTL_H

#include <devctl.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The request's data follows it, if it has some. What the device says, or -1; ENOTTY: none of its.
 */
int ioctl(int fd, int request, ...);

#ifdef __cplusplus
}
#endif
#endif
