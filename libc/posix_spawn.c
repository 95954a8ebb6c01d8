/* SPDX-License-Identifier: MIT */
/* posix_spawn and its file actions: POSIX.1-2017. These functions return their error. */
#include <spawn.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libc.h"
#include "spawn_plan.h"

#define PATH_DEFAULT "/bin"

enum action_kind { ACTION_OPEN, ACTION_DUP2, ACTION_CLOSE, ACTION_CHDIR };

struct __spawn_action {
    struct __spawn_action *next;
    enum action_kind kind;
    int descriptor, from; /* from: of dup2 */
    int flags;
    mode_t mode;
    char path[];
};

/* ---- File actions ---- */

int posix_spawn_file_actions_init(posix_spawn_file_actions_t *actions)
{
    *actions = (posix_spawn_file_actions_t){NULL, NULL};
    return 0;
}

int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *actions)
{
    while (actions->first != NULL) {
        struct __spawn_action *action = actions->first;
        actions->first = action->next;
        free(action);
    }
    actions->last = NULL;
    return 0;
}

static int add(posix_spawn_file_actions_t *actions, const struct __spawn_action *wanted,
               const char *path)
{
    if (wanted->descriptor < 0 || wanted->from < 0 ||
        wanted->descriptor > (int)PROCESS_CONTROL_DESCRIPTOR_MAX)
        return EBADF;
    struct __spawn_action *action = malloc(sizeof *action + strlen(path) + 1);
    if (action == NULL)
        return ENOMEM;
    *action = *wanted;
    strcpy(action->path, path);
    if (actions->last != NULL)
        actions->last->next = action;
    else
        actions->first = action;
    actions->last = action;
    return 0;
}

int posix_spawn_file_actions_addopen(posix_spawn_file_actions_t *restrict actions, int descriptor,
                                     const char *restrict path, int flags, mode_t mode)
{
    const struct __spawn_action action = {
        .kind = ACTION_OPEN, .descriptor = descriptor, .flags = flags, .mode = mode};
    return add(actions, &action, path);
}

int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *actions, int from, int to)
{
    const struct __spawn_action action = {.kind = ACTION_DUP2, .descriptor = to, .from = from};
    return add(actions, &action, "");
}

int posix_spawn_file_actions_addclose(posix_spawn_file_actions_t *actions, int descriptor)
{
    const struct __spawn_action action = {.kind = ACTION_CLOSE, .descriptor = descriptor};
    return add(actions, &action, "");
}

int posix_spawn_file_actions_addchdir(posix_spawn_file_actions_t *restrict actions,
                                      const char *restrict path)
{
    const struct __spawn_action action = {.kind = ACTION_CHDIR};
    return add(actions, &action, path);
}

int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *restrict actions,
                                         const char *restrict path)
{
    return posix_spawn_file_actions_addchdir(actions, path);
}

static int perform(struct spawn_plan *plan, const struct __spawn_action *action)
{
    switch (action->kind) {
    case ACTION_OPEN:
        return spawn_plan_open(plan, action->descriptor, action->path, action->flags, action->mode);
    case ACTION_DUP2:
        return spawn_plan_dup2(plan, action->from, action->descriptor);
    case ACTION_CLOSE:
        return spawn_plan_close(plan, action->descriptor);
    default:
        return spawn_plan_chdir(plan, action->path);
    }
}

/* ---- The start ---- */

static void take_attributes(struct spawn_plan *plan, const posix_spawnattr_t *attributes)
{
    struct start_terms *terms = &plan->terms;
    libc_signals_inherited(&terms->blocked, &terms->ignored);
    if (attributes == NULL)
        return;
    if (attributes->flags & POSIX_SPAWN_SETPGROUP) {
        terms->flags |= PROCESS_CONTROL_START_GROUP;
        terms->group = (uint32_t)attributes->group;
    }
    if (attributes->flags & POSIX_SPAWN_SETSID)
        terms->flags |= PROCESS_CONTROL_START_SESSION;
    if (attributes->flags & (POSIX_SPAWN_SETSCHEDPARAM | POSIX_SPAWN_SETSCHEDULER)) {
        terms->flags |= PROCESS_CONTROL_START_PRIORITY;
        terms->priority = (uint32_t)attributes->terms.sched_priority;
    }
    if (attributes->flags & POSIX_SPAWN_SETSIGMASK)
        terms->blocked = attributes->blocked;
    if (attributes->flags & POSIX_SPAWN_SETSIGDEF)
        terms->ignored &= ~attributes->defaults;
}

static int prepare(struct spawn_plan *plan, const posix_spawn_file_actions_t *actions,
                   const posix_spawnattr_t *attributes)
{
    int error = spawn_plan_begin(plan);
    if (error == 0)
        error = spawn_plan_add_all(plan);
    take_attributes(plan, attributes);
    if (actions != NULL)
        for (const struct __spawn_action *a = actions->first; a != NULL && error == 0; a = a->next)
            error = perform(plan, a);
    return error;
}

/* A pid or a negative error number. */
static int start_at(const struct spawn_plan *plan, const char *path, char *const argv[],
                    char *const environment[])
{
    return spawn_run(plan, path, argv, environment, NULL);
}

/* Tries the directories of PATH one after the other. What may not be started there (EACCES) does
   not hide what may: POSIX.1-2017, exec. */
static int start_named(const struct spawn_plan *plan, const char *name, char *const argv[],
                       char *const environment[])
{
    const char *path = getenv("PATH");
    char full[FILES_PATH_MAX + 1];
    int result = -ENOENT, refused = 0;
    if (path == NULL || *path == '\0')
        path = PATH_DEFAULT;
    while (result == -ENOENT || result == -ENOTDIR || result == -ENAMETOOLONG ||
           result == -EACCES) {
        size_t size = strcspn(path, ":");
        result = -ENAMETOOLONG;
        if (size + 1 + strlen(name) < sizeof full) {
            memcpy(full, path, size);
            strcpy(stpcpy(full + size, size > 0 ? "/" : ""), name);
            result = start_at(plan, full, argv, environment);
        }
        if (result == -EACCES)
            refused = result;
        if (path[size] == '\0')
            break;
        path += size + 1;
    }
    return result < 0 && refused != 0 ? refused : result;
}

static int start(pid_t *pid, const char *path, int search,
                 const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes,
                 char *const argv[], char *const environment[])
{
    struct spawn_plan plan;
    int result = prepare(&plan, actions, attributes);
    if (result == 0)
        result = (search ? start_named : start_at)(&plan, path, argv, environment);
    spawn_plan_drop(&plan);
    if (result < 0)
        return -result;
    if (pid != NULL)
        *pid = result;
    return 0;
}

int posix_spawn(pid_t *restrict pid, const char *restrict path,
                const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *restrict attributes, char *const argv[],
                char *const environment[])
{
    return start(pid, path, 0, actions, attributes, argv, environment);
}

int posix_spawnp(pid_t *restrict pid, const char *restrict file,
                 const posix_spawn_file_actions_t *actions,
                 const posix_spawnattr_t *restrict attributes, char *const argv[],
                 char *const environment[])
{
    return start(pid, file, strchr(file, '/') == NULL, actions, attributes, argv, environment);
}
