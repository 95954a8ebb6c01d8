/* SPDX-License-Identifier: MIT */
/* Orders to devices, as <devctl.h> has them: a request says by itself how large its data is. */
#ifndef _SYS_IOCTL_H
#define _SYS_IOCTL_H

#include <devctl.h>

/* A terminal's size, 80 by 24 until somebody says otherwise; SIGWINCH tells the group in front. */
struct winsize {
    unsigned short ws_row, ws_col; /* characters */
    unsigned short ws_xpixel, ws_ypixel;
};
#define TIOCGWINSZ __DIOF('t', 104, sizeof(struct winsize))
#define TIOCSWINSZ __DIOT('t', 103, sizeof(struct winsize))

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
