/* SPDX-License-Identifier: MIT */
/* What a program that is to be started will have; not for programs. */
#ifndef LIBC_SPAWN_PLAN_H
#define LIBC_SPAWN_PLAN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "child.h"
#include "files.h"
#include "process.h" /* generated from servers/proc/process.idl */

struct spawn_file {
    int descriptor; /* the child's */
    bool closes;    /* at its start: FD_CLOEXEC */
    struct open_file *file;
};

struct spawn_plan {
    struct spawn_file *files;
    uint32_t count, capacity;
    char directory[FILES_PATH_MAX + 2]; /* absolute */
    struct start_terms terms;
};

/* ---- spawn_files.c: descriptors. Each returns 0 or a negative error number ---- */

/* Nothing yet but the own directory; to be ended by spawn_plan_drop. */
int spawn_plan_begin(struct spawn_plan *plan);
void spawn_plan_drop(struct spawn_plan *plan);

int spawn_plan_add_all(struct spawn_plan *plan); /* all of the caller's descriptors */
int spawn_plan_add(struct spawn_plan *plan, int own, int descriptor);
int spawn_plan_dup2(struct spawn_plan *plan, int from, int to);
int spawn_plan_close(struct spawn_plan *plan, int descriptor);
int spawn_plan_open(struct spawn_plan *plan, int descriptor, const char *path, int flags,
                    mode_t mode);
int spawn_plan_chdir(struct spawn_plan *plan, const char *path);

/* ---- spawn.c ---- */

/* Starts it: its pid, or a negative error number. Unless `control` is 0, it becomes the handle of
   process_control. */
int spawn_run(const struct spawn_plan *plan, const char *path, char *const argv[],
              char *const *environment, uint32_t *control);

/* ---- spawn_load.c ---- */

struct program_file {
    uint32_t handle, size;
    uint32_t head_size; /* of its beginning, which is in `bytes` */
    char *bytes;        /* what was read last; NULL: nothing */
};

/* Opens a file and reads its beginning. program_close afterwards, also after an error. */
int program_open(struct program_file *file, const char *path);
void program_close(struct program_file *file);

/* Makes a child of it that has not begun. -ENOEXEC: its beginning is still in `bytes`, if it is
   that which is wrong. */
int program_make(struct program_file *file, const char *resolved, struct child *child);

/* ---- spawn_script.c ---- */

struct script {
    char **argv;             /* the interpreter's */
    const char *interpreter; /* its path */
};

/* What is to be started instead of a script. -ENOEXEC: it is none. script_end afterwards. */
int script_begin(struct script *script, const struct program_file *file, const char *path,
                 char *const argv[]);
void script_end(struct script *script);

#endif
