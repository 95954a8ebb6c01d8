/* SPDX-License-Identifier: MIT */
#ifndef T_SPAWN_H
#define T_SPAWN_H

#include <spawn.h>
#include <stdbool.h>
#include <sys/types.h>

#define SELF "/bin/t_spawn"
#define SCRIPT "/tmp/t_spawn.script"
#define LOADED "/tmp/t_spawn" /* a copy, while loaded_begin ... loaded_end */

extern char **environ;

/* Starts this program as `t_spawn role argument`; its pid, or -1 with the error in errno. */
pid_t role_start(const char *role, const char *argument, const posix_spawn_file_actions_t *actions,
                 const posix_spawnattr_t *attributes);
/* The same without file actions and attributes, of any of the two. */
pid_t role_start_of(const char *path, const char *role, const char *argument);
/* Waits for it: its exit status, or 1000 + the signal that ended it. */
int role_end(pid_t pid);
/* Both. */
int role_run(const char *role, const char *argument, const posix_spawn_file_actions_t *actions,
             const posix_spawnattr_t *attributes);
#define ENDED_BY(signal) (1000 + (signal))

/* roles.c: what it then does; the result is its exit status. */
int role_play(const char *role, const char *argument);
/* What a loaded program or a script's interpreter does: `quick STATUS`, `crash x`, `script PATH
   ...`; 1, 2, 4: what a script's interpreter should be told, 8: it was told a path first. */
int role_loaded(int argc, char *argv[]);

void test_files(void);      /* inheritance, file actions, FD_CLOEXEC */
void test_attributes(void); /* groups, sessions, priority, signals, search */
void test_waiting(void);    /* waitpid, waitid, stops and continuations */
void test_steps(void);      /* children that never start, parents that end between the steps */
void test_loaded(void);     /* programs that are not in the boot archive */
bool loaded_begin(void);
void loaded_end(void);
void test_liar(void);           /* such of a server that lies */
void test_permission(void);     /* who may signal whom */
void test_flat(unsigned count); /* many, and nothing stays behind */

#endif
