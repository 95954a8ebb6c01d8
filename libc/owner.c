/* SPDX-License-Identifier: MIT */
/*
 * Owners of files. There is one user, to whom all files belong: giving him a file changes nothing,
 * and nobody else can be named (XSH chown: EINVAL, a user or group that is not supported).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libc.h"

static int owner_check(uid_t user, gid_t group)
{
    bool user_known = user == getuid() || user == (uid_t)-1;
    bool group_known = group == getgid() || group == (gid_t)-1;
    return libc_result(user_known && group_known ? 0 : -EINVAL);
}

int fchownat(int fd, const char *path, uid_t user, gid_t group, int flags)
{
    struct stat status;
    return fstatat(fd, path, &status, flags) != 0 ? -1 : owner_check(user, group);
}

int fchown(int fd, uid_t user, gid_t group)
{
    struct stat status;
    return fstat(fd, &status) != 0 ? -1 : owner_check(user, group);
}

int chown(const char *path, uid_t user, gid_t group)
{
    return fchownat(AT_FDCWD, path, user, group, 0);
}

int lchown(const char *path, uid_t user, gid_t group)
{
    return fchownat(AT_FDCWD, path, user, group, AT_SYMLINK_NOFOLLOW);
}
