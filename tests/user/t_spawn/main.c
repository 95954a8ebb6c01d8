/* SPDX-License-Identifier: MIT */
/*
 * Starting programs: what they inherit, how they end, and that nothing stays behind.
 *
 *     t_spawn [flat COUNT]
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <iris/summary.h>

#include "kit.h"
#include "t_spawn.h"

IRIS_SUMMARY("test: starting programs, and waiting for them: [flat COUNT]");

#define FLAT_USUAL 20u

static pid_t start(const char *path, const char *role, const char *argument,
                   const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes)
{
    char name[] = "t_spawn", mark[] = "role";
    char *const argv[] = {name, mark, (char *)(uintptr_t)role, (char *)(uintptr_t)argument, NULL};
    pid_t pid = -1;
    int error = posix_spawn(&pid, path, actions, attributes, argv, environ);

    errno = error;
    return error == 0 ? pid : -1;
}

pid_t role_start(const char *role, const char *argument, const posix_spawn_file_actions_t *actions,
                 const posix_spawnattr_t *attributes)
{
    return start(SELF, role, argument, actions, attributes);
}

pid_t role_start_of(const char *path, const char *role, const char *argument)
{
    return start(path, role, argument, NULL, NULL);
}

int role_end(pid_t pid)
{
    int status = 0;

    if (waitpid(pid, &status, 0) != pid)
        return -errno;
    return WIFSIGNALED(status) ? ENDED_BY(WTERMSIG(status)) : WEXITSTATUS(status);
}

int role_run(const char *role, const char *argument, const posix_spawn_file_actions_t *actions,
             const posix_spawnattr_t *attributes)
{
    pid_t pid = role_start(role, argument, actions, attributes);
    return pid < 0 ? -errno : role_end(pid);
}

int main(int argc, char *argv[])
{
    if (argc == 4 && strcmp(argv[1], "role") == 0)
        return role_play(argv[2], argv[3]);
    if (argc >= 3 && argv[1][0] != 'f')
        return role_loaded(argc, argv);
    test_begin("spawn");
    if (argc == 3 && strcmp(argv[1], "flat") == 0) {
        test_flat((unsigned)atoi(argv[2]));
        return test_end();
    }
    test_files();
    test_attributes();
    test_waiting();
    test_steps();
    test_loaded();
    test_liar();
    test_permission();
    test_flat(FLAT_USUAL);
    return test_end();
}
