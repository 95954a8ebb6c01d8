/* SPDX-License-Identifier: MIT */
/* The limits of files (POSIX, <limits.h>), in the place of newlib's guesses. */
#include_next <limits.h>

#ifndef IRIS_LIMITS_H
#define IRIS_LIMITS_H

#undef NAME_MAX
#undef PATH_MAX
#undef OPEN_MAX
#undef PIPE_BUF
#undef IOV_MAX

#define NAME_MAX 100  /* interface file: MAX_NAME */
#define PATH_MAX 1024 /* with the zero byte */
#define OPEN_MAX 1024 /* descriptors of a process */
#define PIPE_BUF 4096 /* a write of so much to a pipe is not mixed with others */
#define IOV_MAX 1024

#ifndef SSIZE_MAX
#define SSIZE_MAX 0x7fffffff
#endif

#endif
