/* SPDX-License-Identifier: MIT */
/*
 * Paths and the current directory. What begins with /dev/ is looked up at the name service, all
 * else at the root of the file system, whose portal the name service knows as IRIS_NAME_FILES.
 */
#include <errno.h>
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
            if (length + size + 1 > FILES_PATH_MAX)
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

/* The portal of the file system's root directory, looked up once. */
static int root_directory(uint32_t *handle)
{
    static uint32_t root;
    uint32_t found, none = 0;
    if (__atomic_load_n(&root, __ATOMIC_ACQUIRE) == 0) {
        int error = names_lookup(IRIS_SLOT_NAMES, IRIS_NAME_FILES, &found);
        if (error != 0)
            return error;
        if (!__atomic_compare_exchange_n(&root, &none, found, 0, __ATOMIC_RELEASE,
                                         __ATOMIC_RELAXED))
            iris_handle_discard(found); /* another thread was quicker */
    }
    *handle = root;
    return 0;
}

int path_open(const char *path, uint32_t mode, uint32_t *handle)
{
    char resolved[FILES_PATH_MAX + 1];
    uint32_t root;
    int error = path_resolve(path, resolved);
    if (error != 0)
        return error;
    if (strncmp(resolved, "dev/", 4) == 0)
        return names_lookup(IRIS_SLOT_NAMES, resolved, handle);
    error = root_directory(&root);
    return error != 0 ? error : file_open(root, resolved, mode, handle);
}

int chdir(const char *path)
{
    char resolved[FILES_PATH_MAX + 1];
    struct stat status;
    int error = path_resolve(path, resolved);
    if (error != 0)
        return libc_result(error);
    if (stat(path, &status) != 0)
        return -1;
    if (!S_ISDIR(status.st_mode))
        return libc_result(-ENOTDIR);
    strcpy(current, resolved);
    return 0;
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
