/* SPDX-License-Identifier: MIT */
/*
 * Paths and the current directory. The name service tells which file system or device a path leads
 * to: they have names below IRIS_NAME_FILES, which itself is that of the root.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <iris/names.h>
#include <iris/object.h>

#include "files.h"
#include "libc.h"
#include "names.h"
#include "slots.h"

static char current[FILES_PATH_MAX + 1]; /* like a resolved path */
static int current_known;

/* Appends the components of `path` to `resolved`, which is a resolved path itself. */
static int append_components(char *resolved, const char *path)
{
    size_t length = strlen(resolved);
    while (*path != '\0') {
        size_t size = strcspn(path, "/");
        if (size == 2 && path[0] == '.' && path[1] == '.') {
            char *last = strrchr(resolved, '/');
            length = last == NULL ? 0 : (size_t)(last - resolved);
        } else if (size > 0 && !(size == 1 && path[0] == '.')) {
            if (size > NAME_MAX || length + size + 1 > FILES_PATH_MAX)
                return -ENAMETOOLONG;
            if (length > 0)
                resolved[length++] = '/';
            memcpy(resolved + length, path, size);
            length += size;
        }
        resolved[length] = '\0';
        path += size;
        while (*path == '/')
            path++;
    }
    return 0;
}

/* The current directory at start: what the start block says, or the environment. */
static void find_current(void)
{
    const char *start = *start_info.cwd != '\0' ? start_info.cwd : getenv("PWD");
    if (start != NULL && append_components(current, start) != 0)
        current[0] = '\0';
    current_known = 1;
}

int path_resolve(const char *path, char resolved[FILES_PATH_MAX + 1])
{
    if (*path == '\0')
        return -ENOENT;
    if (!current_known)
        find_current();
    if (*path == '/')
        resolved[0] = '\0';
    else
        strcpy(resolved, current);
    return append_components(resolved, path);
}

int path_resolve_at(int fd, const char *path, char resolved[FILES_PATH_MAX + 1])
{
    if (fd == AT_FDCWD || *path == '/')
        return path_resolve(path, resolved);
    struct open_file *file = files_hold(fd);
    if (file == NULL)
        return -EBADF;
    int error = *path == '\0' ? -ENOENT : 0;
    if (file->path == NULL || files_kind(file) != FILE_KIND_DIRECTORY)
        error = -ENOTDIR;
    else
        strcpy(resolved, file->path);
    files_drop(file);
    return error != 0 ? error : append_components(resolved, path);
}

bool path_wants_directory(const char *path)
{
    size_t length = strlen(path);
    return length > 0 && path[length - 1] == '/';
}

/* ---- Places ---- */

/* How much of a path is passed on at once: as many whole components as `most` bytes hold. */
static size_t part(const char *path, size_t most)
{
    size_t length = strlen(path);
    if (length <= most)
        return length;
    for (length = most; length > 0 && path[length] != '/'; length--)
        ;
    return length;
}

/* Goes down by as many components as the interface can carry. */
static int descend(struct place *place)
{
    char path[FILE_MAX_PATH + 1];
    uint32_t next;
    size_t length = part(place->rest, FILE_MAX_PATH);
    if (place->rest[length] == '\0') /* it could be carried: leave the last component */
        length = part(place->rest, length - 1);
    memcpy(path, place->rest, length);
    path[length] = '\0';
    int error = file_open(place->portal, path, FILE_OPEN_DIRECTORY, 0, &next);
    if (error != 0)
        return error;
    iris_handle_discard(place->portal);
    *place = (struct place){next, place->rest + length + 1};
    return 0;
}

int place_find(const char *resolved, uint32_t most, struct place *place)
{
    static const char prefix[] = IRIS_NAME_FILES "/";
    char name[248 + 1];
    uint32_t matched;
    size_t length = part(resolved, sizeof name - sizeof prefix);
    strcpy(name, prefix);
    memcpy(name + sizeof prefix - 1, resolved, length);
    name[sizeof prefix - 1 + length - (length == 0)] = '\0'; /* the root has no slash */
    int error = names_resolve(IRIS_SLOT_NAMES, name, &matched, &place->portal);
    if (error != 0)
        return error;
    place->rest = matched < sizeof prefix ? resolved : resolved + matched - (sizeof prefix - 1);
    place->rest += *place->rest == '/';
    while (error == 0 && strlen(place->rest) > most)
        error = descend(place);
    if (error != 0)
        iris_handle_discard(place->portal);
    return error;
}

int place_open(const char *resolved, uint32_t flags, uint32_t mode, uint32_t *handle)
{
    struct place place;
    int error = place_find(resolved, FILE_MAX_PATH, &place);
    if (error != 0)
        return error;
    error = file_open(place.portal, place.rest, flags, mode, handle);
    iris_handle_discard(place.portal);
    return error;
}

int path_open(const char *path, uint32_t flags, uint32_t *handle)
{
    char resolved[FILES_PATH_MAX + 1];
    int error = path_resolve(path, resolved);
    if (path_wants_directory(path))
        flags |= FILE_OPEN_DIRECTORY;
    return error != 0 ? error : place_open(resolved, flags, 0, handle);
}

/* ---- The current directory ---- */

static int change_to(const char *resolved)
{
    uint32_t handle;
    int error = place_open(resolved, FILE_OPEN_DIRECTORY, 0, &handle);
    if (error != 0)
        return error;
    iris_handle_discard(handle);
    strcpy(current, resolved);
    return 0;
}

int chdir(const char *path)
{
    char resolved[FILES_PATH_MAX + 1];
    int error = path_resolve(path, resolved);
    return libc_result(error != 0 ? error : change_to(resolved));
}

int fchdir(int fd)
{
    char resolved[FILES_PATH_MAX + 1];
    int error = path_resolve_at(fd, ".", resolved);
    return libc_result(error != 0 ? error : change_to(resolved));
}

char *getcwd(char *buffer, size_t size)
{
    if (!current_known)
        find_current();
    size_t needed = strlen(current) + 2;
    if (buffer == NULL && size == 0)
        size = needed;
    if (size < needed) {
        errno = size == 0 ? EINVAL : ERANGE;
        return NULL;
    }
    if (buffer == NULL && (buffer = malloc(size)) == NULL)
        return NULL;
    buffer[0] = '/';
    strcpy(buffer + 1, current);
    return buffer;
}
