/* SPDX-License-Identifier: MIT */
/* Streams from and to programs that the shell runs: POSIX.1-2017, popen. */
#define _GNU_SOURCE /* pipe2 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libc.h"

/* Streams to programs that have not been closed. */
struct opened {
    struct opened *next;
    FILE *stream;
    pid_t pid;
};
static struct opened *opened; /* guarded by libc_lock */

static int is_mode(const char *mode)
{
    return (mode[0] == 'r' || mode[0] == 'w') &&
           (mode[1] == '\0' || (mode[1] == 'e' && mode[2] == '\0'));
}

/* Descriptors: ends[0] to read from, ends[1] to write to. The child gets the other than ours. */
static int start_with_pipe(pid_t *pid, const char *command, const int ends[2], int own)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    int error = posix_spawn_file_actions_adddup2(&actions, ends[!own], !own);
    if (error == 0)
        error = libc_start_shell(pid, command, &actions, NULL);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* Our end keeps FD_CLOEXEC: no later child may have it. */
static FILE *remember(struct opened *entry, const char *mode, int fd)
{
    entry->stream = fdopen(fd, mode[0] == 'r' ? "r" : "w");
    if (entry->stream == NULL)
        return NULL;
    libc_lock();
    entry->next = opened;
    opened = entry;
    libc_unlock();
    return entry->stream;
}

FILE *popen(const char *command, const char *mode)
{
    int ends[2], own = mode[0] == 'w';
    struct opened *entry = is_mode(mode) ? malloc(sizeof *entry) : NULL;
    if (entry == NULL || pipe2(ends, O_CLOEXEC) != 0) {
        if (!is_mode(mode))
            errno = EINVAL;
        free(entry);
        return NULL;
    }
    int error = start_with_pipe(&entry->pid, command, ends, own);
    close(ends[!own]);
    FILE *stream = error == 0 ? remember(entry, mode, ends[own]) : NULL;
    if (stream != NULL)
        return stream;
    close(ends[own]);
    free(entry);
    if (error != 0)
        errno = error;
    return NULL;
}

static struct opened *forget(const FILE *stream)
{
    struct opened *found = NULL;
    libc_lock();
    for (struct opened **place = &opened; *place != NULL && found == NULL;)
        if ((*place)->stream == stream) {
            found = *place;
            *place = found->next;
        } else {
            place = &(*place)->next;
        }
    libc_unlock();
    return found;
}

int pclose(FILE *stream)
{
    struct opened *entry = forget(stream);
    int status = -1;
    if (entry == NULL)
        return libc_result(-EINVAL);
    fclose(stream);
    while (waitpid(entry->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    free(entry);
    return status;
}
