/* SPDX-License-Identifier: MIT */
/* Orders to devices: number, direction and size of the data in one word. */
#ifndef _DEVCTL_H
#define _DEVCTL_H

#include <stddef.h>

#define _POSIX_DEVDIR_NONE 0u
#define _POSIX_DEVDIR_TO 0x80000000u
#define _POSIX_DEVDIR_FROM 0x40000000u
#define _POSIX_DEVDIR_TOFROM 0xc0000000u

#define __DIOF(group, number, size)                                                                \
    (int)(((size) << 16) + ((group) << 8) + (number) + _POSIX_DEVDIR_FROM)
#define __DIOT(group, number, size)                                                                \
    (int)(((size) << 16) + ((group) << 8) + (number) + _POSIX_DEVDIR_TO)
#define __DIOTF(group, number, size)                                                               \
    (int)(((size) << 16) + ((group) << 8) + (number) + _POSIX_DEVDIR_TOFROM)
#define __DION(group, number) (int)(((group) << 8) + (number) + _POSIX_DEVDIR_NONE)

#define _DCMD_ALL 0x01
#define _DCMD_MISC 0x05
#define DCMD_ALL_GETFLAGS __DIOF(_DCMD_ALL, 0x01, sizeof(int))
#define DCMD_ALL_SETFLAGS __DIOT(_DCMD_ALL, 0x02, sizeof(int))

#ifdef __cplusplus
extern "C" {
#endif

/* 0 or an error number. `info` becomes what the device says beside that. */
int devctl(int fd, int command, void *data, size_t bytes, int *info);

#ifdef __cplusplus
}
#endif
#endif
