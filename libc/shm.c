/* SPDX-License-Identifier: MIT */
/* Shared memory objects: files in memory, which all programs can map. */
#include "shm.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "libc.h"

int shm_path(const char *kind, const char *name, char path[SHM_PATH_MAX])
{
    name += *name == '/';
    if (*name == '\0' || strchr(name, '/') != NULL)
        return -EINVAL;
    if (strlen(name) > NAME_MAX - strlen(".shm-"))
        return -ENAMETOOLONG;
    strcpy(stpcpy(stpcpy(stpcpy(path, "/tmp/."), kind), "-"), name);
    return 0;
}

int shm_open(const char *name, int flags, mode_t mode)
{
    char path[SHM_PATH_MAX];
    int error = shm_path("shm", name, path);

    return error != 0 ? libc_result(error) : open(path, flags | O_CLOEXEC, mode);
}

int shm_unlink(const char *name)
{
    char path[SHM_PATH_MAX];
    int error = shm_path("shm", name, path);

    return error != 0 ? libc_result(error == -EINVAL ? -ENOENT : error) : unlink(path);
}
