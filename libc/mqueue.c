/* SPDX-License-Identifier: MIT */
/*
 * Message queues: a file in memory that every user maps, with a mutex and two conditions shared
 * between processes. A descriptor of a queue is the file's; what belongs to it in this program is
 * in a list. Messages are chosen by priority, then by the order in which they came.
 */
#include <mqueue.h>

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clocks.h"
#include "libc.h"
#include "queue.h"
#include "shm.h"
#include "threads.h"

#define MESSAGES_USUAL 10
#define SIZE_USUAL 1024
#define BYTES_MOST (1u << 20) /* of a whole queue */

static struct queue_opened *all;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static size_t stride(const struct queue *queue)
{
    return sizeof(struct queue_slot) + ((queue->size + 3) & ~3u);
}

static size_t bytes_of(const struct queue *queue)
{
    return sizeof *queue + queue->messages * stride(queue);
}

static struct queue_slot *slot_at(struct queue *queue, uint32_t index)
{
    return (struct queue_slot *)(void *)((char *)(queue + 1) + index * stride(queue));
}

struct queue_opened *queue_find(mqd_t descriptor)
{
    pthread_mutex_lock(&lock);
    struct queue_opened *opened = all;
    while (opened != NULL && opened->descriptor != descriptor)
        opened = opened->next;
    pthread_mutex_unlock(&lock);
    return opened;
}

/* ---- Opening ---- */

static void prepare(struct queue *queue)
{
    pthread_mutexattr_t mutex;
    pthread_condattr_t condition;

    pthread_mutexattr_init(&mutex);
    pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&queue->mutex, &mutex);
    pthread_condattr_init(&condition);
    pthread_condattr_setpshared(&condition, PTHREAD_PROCESS_SHARED);
    pthread_cond_init(&queue->not_empty, &condition);
    pthread_cond_init(&queue->not_full, &condition);
}

/* Written under another name first: a queue appears whole. */
static int create(const char *path, mode_t mode, const struct mq_attr *wanted)
{
    struct queue fresh = {.messages = wanted != NULL ? (uint32_t)wanted->mq_maxmsg : MESSAGES_USUAL,
                          .size = wanted != NULL ? (uint32_t)wanted->mq_msgsize : SIZE_USUAL};
    char draft[SHM_PATH_MAX + 16];

    if (wanted != NULL && (wanted->mq_maxmsg <= 0 || wanted->mq_msgsize <= 0))
        return libc_result(-EINVAL);
    if (fresh.size > BYTES_MOST || fresh.messages > BYTES_MOST / stride(&fresh))
        return libc_result(-ENOSPC);
    prepare(&fresh);
    snprintf(draft, sizeof draft, "/tmp/.new-%d-%p", (int)getpid(), (void *)&fresh);
    int fd = open(draft, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return -1;
    bool done = write(fd, &fresh, sizeof fresh) == sizeof fresh &&
                ftruncate(fd, (off_t)bytes_of(&fresh)) == 0 && link(draft, path) == 0;
    int error = errno;
    unlink(draft);
    if (done)
        return fd;
    close(fd);
    return libc_result(-error);
}

static int open_file(const char *path, int flags, mode_t mode, const struct mq_attr *wanted)
{
    int fd = -1;

    errno = ENOENT;
    if (!(flags & O_CREAT) || !(flags & O_EXCL))
        fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd >= 0 || errno != ENOENT || !(flags & O_CREAT))
        return fd;
    fd = create(path, mode, wanted);
    if (fd < 0 && errno == EEXIST && !(flags & O_EXCL))
        fd = open(path, O_RDWR | O_CLOEXEC); /* another was quicker */
    return fd;
}

static int enter(int fd, int flags)
{
    struct stat status;
    struct queue_opened *opened = malloc(sizeof *opened);

    if (opened == NULL || fstat(fd, &status) != 0)
        goto fail;
    *opened = (struct queue_opened){.descriptor = fd,
                                    .flags = flags & (O_ACCMODE | O_NONBLOCK),
                                    .bytes = (size_t)status.st_size};
    opened->queue = mmap(NULL, opened->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (opened->queue == MAP_FAILED)
        goto fail;
    pthread_mutex_lock(&lock);
    opened->next = all;
    all = opened;
    pthread_mutex_unlock(&lock);
    return fd;
fail:
    free(opened);
    close(fd);
    return -1;
}

mqd_t mq_open(const char *name, int flags, ...)
{
    const struct mq_attr *wanted = NULL;
    char path[SHM_PATH_MAX];
    mode_t mode = 0;

    if (flags & O_CREAT) {
        va_list arguments;
        va_start(arguments, flags);
        mode = (mode_t)va_arg(arguments, int);
        wanted = va_arg(arguments, const struct mq_attr *);
        va_end(arguments);
    }
    int error = shm_path("mqu", name, path);
    if (error != 0)
        return libc_result(error);
    int fd = open_file(path, flags, mode, wanted);
    return fd < 0 ? -1 : enter(fd, flags);
}

int mq_close(mqd_t descriptor)
{
    struct queue_opened **place = &all;

    pthread_mutex_lock(&lock);
    while (*place != NULL && (*place)->descriptor != descriptor)
        place = &(*place)->next;
    struct queue_opened *opened = *place;
    if (opened != NULL)
        *place = opened->next;
    pthread_mutex_unlock(&lock);
    if (opened == NULL)
        return libc_result(-EBADF);
    queue_unwatch(opened->queue);
    munmap(opened->queue, opened->bytes);
    free(opened);
    return close(descriptor);
}

int mq_unlink(const char *name)
{
    char path[SHM_PATH_MAX];
    int error = shm_path("mqu", name, path);

    return error != 0 ? libc_result(error == -EINVAL ? -ENOENT : error) : unlink(path);
}

/* ---- Attributes ---- */

int mq_getattr(mqd_t descriptor, struct mq_attr *attributes)
{
    struct queue_opened *opened = queue_find(descriptor);

    if (opened == NULL)
        return libc_result(-EBADF);
    pthread_mutex_lock(&opened->queue->mutex);
    *attributes = (struct mq_attr){.mq_flags = opened->flags & O_NONBLOCK,
                                   .mq_maxmsg = (long)opened->queue->messages,
                                   .mq_msgsize = (long)opened->queue->size,
                                   .mq_curmsgs = (long)opened->queue->count};
    pthread_mutex_unlock(&opened->queue->mutex);
    return 0;
}

int mq_setattr(mqd_t descriptor, const struct mq_attr *restrict attributes,
               struct mq_attr *restrict old)
{
    struct queue_opened *opened = queue_find(descriptor);

    if (opened == NULL)
        return libc_result(-EBADF);
    if (old != NULL)
        mq_getattr(descriptor, old);
    opened->flags = (opened->flags & O_ACCMODE) | (int)(attributes->mq_flags & O_NONBLOCK);
    return 0;
}

/* ---- Messages ---- */

/* A free slot, or the message that is next; NULL: there is none. */
static struct queue_slot *choose(struct queue *queue, bool free_one)
{
    struct queue_slot *best = NULL;

    for (uint32_t i = 0; i < queue->messages; i++) {
        struct queue_slot *slot = slot_at(queue, i);
        if ((slot->order == 0) != free_one)
            continue;
        if (free_one)
            return slot;
        if (best == NULL || slot->priority > best->priority ||
            (slot->priority == best->priority && (int32_t)(slot->order - best->order) < 0))
            best = slot;
    }
    return best;
}

/* Who receives is counted: it goes before a notification. */
static void begin_wait(struct queue *queue, bool free_one)
{
    queue->receivers += !free_one;
    thread_forget_handlers();
}

static void end_wait(struct queue *queue, bool free_one) { queue->receivers -= !free_one; }

static void cancelled_sender(void *queue) { pthread_mutex_unlock(&((struct queue *)queue)->mutex); }

static void cancelled_receiver(void *queue)
{
    end_wait(queue, false);
    cancelled_sender(queue);
}

/* Waits, with the queue's mutex, for a free slot or a message. 0 or an error number. */
static int await(struct queue_opened *opened, bool free_one, const struct timespec *time,
                 struct queue_slot **slot)
{
    struct queue *queue = opened->queue;
    pthread_cond_t *condition = free_one ? &queue->not_full : &queue->not_empty;
    int error = 0;

    begin_wait(queue, free_one);
    pthread_cleanup_push(free_one ? cancelled_sender : cancelled_receiver, queue);
    while ((*slot = choose(queue, free_one)) == NULL && error == 0) {
        if (opened->flags & O_NONBLOCK)
            error = EAGAIN;
        else if (thread_was_broken())
            error = EINTR;
        else
            error = time != NULL ? pthread_cond_timedwait(condition, &queue->mutex, time)
                                 : pthread_cond_wait(condition, &queue->mutex);
    }
    pthread_cleanup_pop(0);
    end_wait(queue, free_one);
    return *slot != NULL ? 0 : error;
}

int mq_timedsend(mqd_t descriptor, const char *message, size_t size, unsigned priority,
                 const struct timespec *time)
{
    struct queue_opened *opened = queue_find(descriptor);
    struct queue_slot *slot;

    if (opened == NULL || (opened->flags & O_ACCMODE) == O_RDONLY)
        return libc_result(-EBADF);
    if (priority >= MQ_PRIO_MAX || size > opened->queue->size)
        return libc_result(priority >= MQ_PRIO_MAX ? -EINVAL : -EMSGSIZE);
    struct queue *queue = opened->queue;
    pthread_mutex_lock(&queue->mutex);
    int error = await(opened, true, time, &slot);
    if (error == 0) {
        memcpy(slot + 1, message, size);
        queue->order += queue->order + 1 == 0 ? 2 : 1;
        *slot = (struct queue_slot){
            .order = queue->order, .priority = priority, .size = (uint32_t)size};
        if (queue->count++ == 0 && queue->receivers == 0)
            queue_ring(queue);
        pthread_cond_signal(&queue->not_empty);
    }
    pthread_mutex_unlock(&queue->mutex);
    return libc_result(-error);
}

int mq_send(mqd_t descriptor, const char *message, size_t size, unsigned priority)
{
    return mq_timedsend(descriptor, message, size, priority, NULL);
}

ssize_t mq_timedreceive(mqd_t descriptor, char *restrict message, size_t size,
                        unsigned *restrict priority, const struct timespec *restrict time)
{
    struct queue_opened *opened = queue_find(descriptor);
    struct queue_slot *slot;

    if (opened == NULL || (opened->flags & O_ACCMODE) == O_WRONLY)
        return libc_result(-EBADF);
    if (size < opened->queue->size)
        return libc_result(-EMSGSIZE);
    struct queue *queue = opened->queue;
    pthread_mutex_lock(&queue->mutex);
    int error = await(opened, false, time, &slot);
    ssize_t length = 0;
    if (error == 0) {
        length = (ssize_t)(slot->size < size ? slot->size : size);
        memcpy(message, slot + 1, (size_t)length);
        if (priority != NULL)
            *priority = slot->priority;
        slot->order = 0;
        queue->count--;
        pthread_cond_signal(&queue->not_full);
    }
    pthread_mutex_unlock(&queue->mutex);
    return error == 0 ? length : libc_result(-error);
}

ssize_t mq_receive(mqd_t descriptor, char *message, size_t size, unsigned *priority)
{
    return mq_timedreceive(descriptor, message, size, priority, NULL);
}
