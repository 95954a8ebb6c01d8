/* SPDX-License-Identifier: MIT */
/* Open files and paths, as the files of the port see them. */
#ifndef LIBC_FILES_H
#define LIBC_FILES_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include <iris/startup.h>

#include "file.h" /* generated from servers/lib/file.idl */

/* A resolved path: no leading slash, no ".", no "..", "" is the root. */
#define FILES_PATH_MAX 1022 /* PATH_MAX without the slash and the zero byte */

/* An open file, shared by the descriptors that dup made from one another. Position and flags are
   its server's. */
struct open_file {
    uint32_t handle; /* file portal */
    uint32_t references;
    uint32_t kind;   /* enum file_kind, 0: not asked yet */
    uint32_t device; /* which server's, as file_status says; asked for with the kind */
    char *path;      /* resolved: what the *at functions begin with; NULL: not known */
};

/* ---- files.c ---- */

/* The open file behind a descriptor, held until files_drop; 0 if there is none. */
struct open_file *files_hold(int fd);
void files_keep(struct open_file *file); /* once more */
void files_drop(struct open_file *file);

/* A new descriptor for a file that becomes its property, not for children if `close_on_exec`;
   negative error number. `path` is copied; NULL: it has none. */
int files_new(uint32_t handle, bool close_on_exec, const char *path);

/* For starting programs: one more than the highest descriptor in use, and FD_CLOEXEC of one. */
int files_limit(void);
bool files_close_on_exec(int fd);

/* The descriptors a program begins with, by the start-up code. */
void files_inherit(const struct iris_files *inherited);

/* Its kind, asked for once; 0 if the server does not tell. */
uint32_t files_kind(struct open_file *file);

/* Called before a descriptor of the file is closed, if somebody has set it: record_lock.c, in
   programs that lock. */
extern void (*files_closing)(struct open_file *file);

/* ---- record_lock.c ---- */

/* fcntl's F_GETLK, F_SETLK and F_SETLKW. 0 or a negative error number. */
int record_lock(struct open_file *file, int command, struct flock *lock);

/* ---- terminal_group.c ---- */

/* Before something that a background group must not do with a terminal: sends its group SIGTTIN (to
   read) or SIGTTOU (to change it) until it is in front. 0, -EIO or -EINTR. */
int terminal_await(const struct open_file *file, int signal);

/* ---- path.c ---- */

/* Normalises a path against the current directory. 0 or -ENAMETOOLONG, -ENOENT (empty path). */
int path_resolve(const char *path, char resolved[FILES_PATH_MAX + 1]);

/* The same against the directory behind `fd` (AT_FDCWD: the current one); also -EBADF, -ENOTDIR. */
int path_resolve_at(int fd, const char *path, char resolved[FILES_PATH_MAX + 1]);

/* Whether a path says by a slash at its end that it leads to a directory. */
bool path_wants_directory(const char *path);

/* Where a path leads: from a directory or device, as the name service knows it, the rest of it. */
struct place {
    uint32_t portal; /* to be given back by iris_handle_discard */
    const char *rest;
};

/* Finds the place of a resolved path, with a rest of at most `most` bytes. */
int place_find(const char *resolved, uint32_t most, struct place *place);

/* Opens a resolved path; `flags` as file.open's. 0 or a negative error number. */
int place_open(const char *resolved, uint32_t flags, uint32_t mode, uint32_t *handle);

/* path_resolve and place_open of what there is already. */
int path_open(const char *path, uint32_t flags, uint32_t *handle);

/* ---- stat.c ---- */

/* What the file server says, as POSIX wants it. */
void status_convert(const struct file_status *from, struct stat *to);

/* The permissions of a new file that is asked for with `mode`. */
uint32_t mode_created(uint32_t mode);

/* What a file that lacks a method is to say instead of ENOSYS. */
static inline int files_lacks(int result, int error) { return result == -ENOSYS ? error : result; }

#endif
