/* SPDX-License-Identifier: MIT */
/* Changes to directories: names of files made, moved and taken away. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "libc.h"
#include "newlib_hooks.h"
#include "slots.h"

#define PAIR_PATH_MAX 120 /* of the two paths of rename and link */

/* The place of a path that was given relative to a directory. */
static int find(int fd, const char *path, uint32_t most, char resolved[FILES_PATH_MAX + 1],
                struct place *place)
{
    int error = path_resolve_at(fd, path, resolved);
    return error != 0 ? error : place_find(resolved, most, place);
}

/* ---- One path ---- */

/* A path that ends with a slash leads to a directory, or to nothing that could be taken away. */
static int check_slash(const char *path)
{
    uint32_t handle;
    if (!path_wants_directory(path))
        return 0;
    int error = path_open(path, 0, &handle);
    if (error == 0)
        iris_handle_discard(handle);
    return error;
}

static int remove_name(int fd, const char *path, bool directory)
{
    char resolved[FILES_PATH_MAX + 1];
    struct place place;
    int error = directory ? 0 : check_slash(path);
    if (error == 0)
        error = find(fd, path, FILE_MAX_PATH, resolved, &place);
    if (error != 0)
        return error;
    error = file_remove(place.portal, place.rest, directory);
    iris_handle_discard(place.portal);
    return files_lacks(error, -EPERM);
}

int unlinkat(int fd, const char *path, int flags)
{
    if (flags & ~AT_REMOVEDIR)
        return libc_result(-EINVAL);
    return libc_result(remove_name(fd, path, flags & AT_REMOVEDIR));
}

int _unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }

int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

/* ISO C: whatever it is. tmpfile asks for the other name. */
int remove(const char *path)
{
    int error = remove_name(AT_FDCWD, path, false);
    if (error == -EISDIR || error == -EPERM)
        error = remove_name(AT_FDCWD, path, true);
    return libc_result(error);
}

int _remove_r(struct _reent *reent, const char *path)
{
    (void)reent; /* errno is the thread's */
    return remove(path);
}

int mkdirat(int fd, const char *path, mode_t mode)
{
    char resolved[FILES_PATH_MAX + 1];
    struct place place;
    int error = find(fd, path, FILE_MAX_PATH, resolved, &place);
    if (error != 0)
        return libc_result(error);
    error = file_make_directory(place.portal, place.rest, mode_created(mode));
    iris_handle_discard(place.portal);
    return libc_result(files_lacks(error, -EPERM));
}

int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

int _mkdir(const char *path, int mode) { return mkdir(path, (mode_t)mode); }

/* ---- Two paths ---- */

typedef int pair_method(uint32_t portal, const char *from, const char *path, uint32_t to);

static int change_pair(pair_method *method, int from_fd, const char *from, int to_fd,
                       const char *to)
{
    char from_resolved[FILES_PATH_MAX + 1], to_resolved[FILES_PATH_MAX + 1];
    struct place from_place, to_place;
    int error = find(from_fd, from, PAIR_PATH_MAX, from_resolved, &from_place);
    if (error != 0)
        return error;
    error = find(to_fd, to, PAIR_PATH_MAX, to_resolved, &to_place);
    if (error == 0) {
        error = method(from_place.portal, from_place.rest, to_place.rest, to_place.portal);
        iris_handle_discard(to_place.portal);
    }
    iris_handle_discard(from_place.portal);
    return files_lacks(error, -EPERM);
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    int error = check_slash(from);
    return libc_result(error != 0 ? error : change_pair(file_rename, from_fd, from, to_fd, to));
}

int _rename(const char *from, const char *to) { return renameat(AT_FDCWD, from, AT_FDCWD, to); }

int linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
    if (flags & ~AT_SYMLINK_FOLLOW)
        return libc_result(-EINVAL);
    return libc_result(change_pair(file_link, from_fd, from, to_fd, to));
}

int _link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }
