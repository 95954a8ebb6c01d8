/* SPDX-License-Identifier: MIT */
/*
 * Named semaphores: a file in memory that everybody maps. Within a program one name is one address
 * (POSIX.1-2017, sem_open), so what is open is kept in a list, by the file's number.
 */
#include <semaphore.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <iris/sync.h>

#include "libc.h"
#include "shm.h"

struct named {
    struct named *next;
    sem_t *semaphore;
    dev_t device;
    ino_t node;
    unsigned opened;
};

static struct named *all;
static struct iris_mutex lock;

/* The file's semaphore, mapped if this program has not done so yet. */
static sem_t *map(int fd)
{
    struct stat status;

    if (fstat(fd, &status) != 0)
        return SEM_FAILED;
    for (struct named *named = all; named != NULL; named = named->next)
        if (named->device == status.st_dev && named->node == status.st_ino) {
            named->opened++;
            return named->semaphore;
        }
    struct named *named = malloc(sizeof *named);
    sem_t *semaphore = mmap(NULL, sizeof *semaphore, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (semaphore == MAP_FAILED || named == NULL) {
        free(named);
        return SEM_FAILED;
    }
    *named = (struct named){all, semaphore, status.st_dev, status.st_ino, 1};
    all = named;
    return semaphore;
}

/* A new one appears with its value: it is written under another name first. */
static int create(const char *path, mode_t mode, unsigned value)
{
    const sem_t fresh = {.__count = value};
    char draft[SHM_PATH_MAX + 16];

    snprintf(draft, sizeof draft, "/tmp/.new-%d-%p", (int)getpid(), (const void *)&fresh);
    int fd = open(draft, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return -1;
    bool done = write(fd, &fresh, sizeof fresh) == sizeof fresh && link(draft, path) == 0;
    int error = errno;
    unlink(draft);
    if (done)
        return fd;
    close(fd);
    errno = error;
    return -1;
}

static int open_or_create(const char *path, int flags, mode_t mode, unsigned value)
{
    int fd = -1;

    errno = ENOENT;
    if (!(flags & O_CREAT) || !(flags & O_EXCL))
        fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd >= 0 || errno != ENOENT || !(flags & O_CREAT))
        return fd;
    fd = create(path, mode, value);
    if (fd < 0 && errno == EEXIST && !(flags & O_EXCL))
        fd = open(path, O_RDWR | O_CLOEXEC); /* another was quicker */
    return fd;
}

sem_t *sem_open(const char *name, int flags, ...)
{
    char path[SHM_PATH_MAX];
    mode_t mode = 0;
    unsigned value = 0;

    if (flags & O_CREAT) {
        va_list arguments;
        va_start(arguments, flags);
        mode = (mode_t)va_arg(arguments, int);
        value = va_arg(arguments, unsigned);
        va_end(arguments);
    }
    int error = value > SEM_VALUE_MAX ? -EINVAL : shm_path("sem", name, path);
    if (error != 0) {
        libc_result(error);
        return SEM_FAILED;
    }
    int fd = open_or_create(path, flags, mode, value);
    if (fd < 0)
        return SEM_FAILED;
    iris_mutex_lock(&lock);
    sem_t *semaphore = map(fd);
    iris_mutex_unlock(&lock);
    close(fd);
    return semaphore;
}

int sem_close(sem_t *semaphore)
{
    struct named **place = &all, *gone = NULL;
    int error = -EINVAL;

    iris_mutex_lock(&lock);
    while (*place != NULL && (*place)->semaphore != semaphore)
        place = &(*place)->next;
    if (*place != NULL) {
        error = 0;
        if (--(*place)->opened == 0) {
            gone = *place;
            *place = gone->next;
        }
    }
    iris_mutex_unlock(&lock);
    if (gone != NULL)
        munmap(semaphore, sizeof *semaphore);
    free(gone);
    return libc_result(error);
}

int sem_unlink(const char *name)
{
    char path[SHM_PATH_MAX];
    int error = shm_path("sem", name, path);

    return error != 0 ? libc_result(error == -EINVAL ? -ENOENT : error) : unlink(path);
}
