/* SPDX-License-Identifier: MIT */
/* What newlib's <sys/stat.h> declares for other systems only. */
#include_next <sys/stat.h>

#ifndef IRIS_SYS_STAT_H
#define IRIS_SYS_STAT_H

#define UTIME_NOW (-2L)
#define UTIME_OMIT (-1L)

#ifdef __cplusplus
extern "C" {
#endif

int lstat(const char *__restrict path, struct stat *__restrict status);

#ifdef __cplusplus
}
#endif
#endif
