/* SPDX-License-Identifier: MIT */
/*
 * The descriptors of a program to be started. What the file actions of posix_spawn would do in the
 * child is done to this list instead; the caller's own descriptors stay as they are.
 */
#include "spawn_plan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libc.h"

int spawn_plan_begin(struct spawn_plan *plan)
{
    uint32_t mask = __atomic_load_n(&start_info.umask, __ATOMIC_RELAXED);
    *plan = (struct spawn_plan){.terms.flags = PROCESS_CONTROL_START_UMASK |
                                               mask << PROCESS_CONTROL_START_UMASK_SHIFT};
    return getcwd(plan->directory, sizeof plan->directory) != NULL ? 0 : -errno;
}

void spawn_plan_drop(struct spawn_plan *plan)
{
    for (uint32_t i = 0; i < plan->count; i++)
        files_drop(plan->files[i].file);
    free(plan->files);
}

static struct spawn_file *find(const struct spawn_plan *plan, int descriptor)
{
    for (uint32_t i = 0; i < plan->count; i++)
        if (plan->files[i].descriptor == descriptor)
            return &plan->files[i];
    return NULL;
}

static int grow(struct spawn_plan *plan)
{
    uint32_t capacity = 2 * plan->capacity + 8;
    struct spawn_file *larger = realloc(plan->files, capacity * sizeof *larger);
    if (larger == NULL)
        return -ENOMEM;
    plan->files = larger;
    plan->capacity = capacity;
    return 0;
}

/* The hold on the file becomes the list's, even after an error. */
static int put(struct spawn_plan *plan, struct spawn_file wanted)
{
    struct spawn_file *old = find(plan, wanted.descriptor);
    if (old != NULL) {
        files_drop(old->file);
        *old = wanted;
        return 0;
    }
    int error = plan->count == plan->capacity ? grow(plan) : 0;
    if (error == 0)
        plan->files[plan->count++] = wanted;
    else
        files_drop(wanted.file);
    return error;
}

int spawn_plan_add(struct spawn_plan *plan, int own, int descriptor)
{
    struct open_file *file = files_hold(own);
    return file == NULL ? -EBADF : put(plan, (struct spawn_file){descriptor, false, file});
}

int spawn_plan_add_all(struct spawn_plan *plan)
{
    int error = 0, limit = files_limit();
    for (int fd = 0; fd < limit && error == 0; fd++) {
        struct open_file *file = files_hold(fd);
        if (file != NULL)
            error = put(plan, (struct spawn_file){fd, files_close_on_exec(fd), file});
    }
    return error;
}

/* POSIX.1-2017, posix_spawn_file_actions_adddup2: onto itself it only stays open. */
int spawn_plan_dup2(struct spawn_plan *plan, int from, int to)
{
    struct spawn_file *source = find(plan, from);
    if (source == NULL)
        return -EBADF;
    if (from == to) {
        source->closes = false;
        return 0;
    }
    files_keep(source->file);
    return put(plan, (struct spawn_file){to, false, source->file});
}

int spawn_plan_close(struct spawn_plan *plan, int descriptor)
{
    struct spawn_file *file = find(plan, descriptor);
    if (file == NULL)
        return 0; /* POSIX lets it be no error, and programs rely on that */
    files_drop(file->file);
    *file = plan->files[--plan->count];
    return 0;
}

/* A path as the child would see it. */
static int locate(const struct spawn_plan *plan, const char *path, char full[2 * FILES_PATH_MAX])
{
    if (*path == '\0')
        return -ENOENT;
    if (strlen(path) >= FILES_PATH_MAX)
        return -ENAMETOOLONG;
    if (*path == '/')
        strcpy(full, path);
    else
        strcpy(stpcpy(stpcpy(full, plan->directory), "/"), path);
    return 0;
}

int spawn_plan_open(struct spawn_plan *plan, int descriptor, const char *path, int flags,
                    mode_t mode)
{
    char full[2 * FILES_PATH_MAX];
    int error = locate(plan, path, full);
    if (error != 0)
        return error;
    int own = open(full, flags | O_CLOEXEC, mode);
    if (own < 0)
        return -errno;
    error = spawn_plan_add(plan, own, descriptor);
    close(own);
    return error;
}

int spawn_plan_chdir(struct spawn_plan *plan, const char *path)
{
    char full[2 * FILES_PATH_MAX], resolved[FILES_PATH_MAX + 1];
    struct stat status;
    int error = locate(plan, path, full);
    if (error == 0)
        error = path_resolve(full, resolved);
    if (error == 0 && stat(full, &status) != 0)
        error = -errno;
    if (error == 0 && !S_ISDIR(status.st_mode))
        error = -ENOTDIR;
    if (error == 0)
        strcpy(stpcpy(plan->directory, "/"), resolved);
    return error;
}
