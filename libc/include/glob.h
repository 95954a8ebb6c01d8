/* SPDX-License-Identifier: MIT */
/* newlib's, with what POSIX has beyond its age: glob_posix.c. */
#ifndef _IRIS_GLOB_H
#define _IRIS_GLOB_H

#include_next <glob.h>

#define GLOB_NOESCAPE 0x2000 /* a backslash is a character like others */
#define GLOB_ABORTED GLOB_ABEND
#define GLOB_NOMATCH (-3)

#endif
