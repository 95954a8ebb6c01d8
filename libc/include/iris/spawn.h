/* SPDX-License-Identifier: MIT */
/* Starting programs. */
#ifndef IRIS_SPAWN_H
#define IRIS_SPAWN_H

#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a child gets. */
struct iris_spawn {
    int input, output, error; /* file descriptors that become its 0, 1 and 2 */
    char *const *environment; /* 0: a copy of the caller's */
};
#define IRIS_SPAWN_DEFAULT ((struct iris_spawn){0, 1, 2, 0})

/*
 * Starts the program `path` with the arguments argv (ended by 0; argv[0] by custom its name). A
 * path without a slash is looked for in /bin. The child's current directory is the caller's.
 * `options` 0 means IRIS_SPAWN_DEFAULT. Unless `child` is 0, *child becomes a handle for the
 * interface process_control, to be closed by iris_handle_discard (servers/lib/slots.h).
 * Returns its pid, or -1 with errno: ENOENT, ENOEXEC, E2BIG, EBADF, ENOMEM.
 */
pid_t iris_spawn(const char *path, char *const argv[], const struct iris_spawn *options,
                 uint32_t *child);

/* The file portal behind a descriptor, for calls that POSIX has not; -1 with EBADF. It belongs to
   the descriptor: do not close it. */
int iris_file_handle(int fd);

#ifdef __cplusplus
}
#endif
#endif
