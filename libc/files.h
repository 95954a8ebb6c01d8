/* SPDX-License-Identifier: MIT */
/* Open files and paths, as the files of the port see them. */
#ifndef LIBC_FILES_H
#define LIBC_FILES_H

#include <stdint.h>
#include <sys/stat.h>

#include "file.h" /* generated from servers/bootfs/file.idl */

#define FILES_PATH_MAX 160 /* of file.open */

/* An open file, shared by the descriptors that dup made from one another. */
struct open_file {
    uint32_t handle; /* file portal */
    uint32_t references;
    uint64_t offset;
    uint32_t kind; /* enum file_kind, 0: not asked yet */
    int flags;     /* O_* */
};

/* The open file behind a descriptor, held until files_drop; 0 if there is none. */
struct open_file *files_hold(int fd);
void files_drop(struct open_file *file);

/* A new descriptor not below `lowest` for a file that becomes its property; negative error number.
 */
int files_new(uint32_t handle, int flags, uint32_t kind);

/* Its kind, asked for once; 0 if the server does not tell. */
uint32_t files_kind(struct open_file *file);

/* Normalises a path against the current directory: no leading slash, no ".", no "..", "" is the
   root. 0 or -ENAMETOOLONG, -ENOENT (empty path). */
int path_resolve(const char *path, char resolved[FILES_PATH_MAX + 1]);

/* Opens a path; `mode` as file.open's flags. 0 or a negative error number. */
int path_open(const char *path, uint32_t mode, uint32_t *handle);

/* What the file server says, as POSIX wants it. */
void status_convert(const struct file_status *from, struct stat *to);

#endif
