/* SPDX-License-Identifier: MIT */
#ifndef T_SPAWN_H
#define T_SPAWN_H

#include <spawn.h>
#include <stdbool.h>
#include <sys/types.h>

#define SELF "/bin/t_spawn"

extern char **environ;

/* Starts this program as `t_spawn role argument`; its pid, or -1 with the error in errno. */
pid_t role_start(const char *role, const char *argument, const posix_spawn_file_actions_t *actions,
                 const posix_spawnattr_t *attributes);
/* Waits for it: its exit status, or 1000 + the signal that ended it. */
int role_end(pid_t pid);
/* Both. */
int role_run(const char *role, const char *argument, const posix_spawn_file_actions_t *actions,
             const posix_spawnattr_t *attributes);
#define ENDED_BY(signal) (1000 + (signal))

/* roles.c: what it then does; the result is its exit status. */
int role_play(const char *role, const char *argument);

void test_files(void);          /* inheritance, file actions, FD_CLOEXEC */
void test_attributes(void);     /* groups, sessions, priority, signals, search */
void test_waiting(void);        /* waitpid, waitid, stops and continuations */
void test_steps(void);          /* children that never start, parents that end between the steps */
void test_permission(void);     /* who may signal whom */
void test_flat(unsigned count); /* many, and nothing stays behind */

#endif
