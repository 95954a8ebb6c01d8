/* SPDX-License-Identifier: MIT */
/* Names of shared objects: files of the file system in memory, by kind. */
#ifndef LIBC_SHM_H
#define LIBC_SHM_H

#include <limits.h>

#define SHM_PATH_MAX (sizeof "/tmp/.shm-" + NAME_MAX)

/* "/NAME" of a kind of three letters as a path. 0, -EINVAL or -ENAMETOOLONG. */
int shm_path(const char *kind, const char *name, char path[SHM_PATH_MAX]);

#endif
