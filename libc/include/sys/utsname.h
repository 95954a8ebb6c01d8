/* SPDX-License-Identifier: MIT */
/* The name of the system (POSIX, <sys/utsname.h>). */
#ifndef _SYS_UTSNAME_H
#define _SYS_UTSNAME_H

#ifdef __cplusplus
extern "C" {
#endif

struct utsname {
    char sysname[16], nodename[16], release[48], version[48], machine[16];
};

int uname(struct utsname *name);

#ifdef __cplusplus
}
#endif
#endif
