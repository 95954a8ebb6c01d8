/* SPDX-License-Identifier: MIT */
/*
 * Message queues: a file in memory that every user maps. A descriptor of a queue is the file's;
 * what belongs to it in this program is in a list. Messages are chosen by priority, then by the
 * order in which they came.
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

#include <iris/spawn.h>
#include <iris/sync.h>

#include "clocks.h"
#include "file.h" /* generated from servers/lib/file.idl */
#include "libc.h"
#include "queue.h"
#include "shm.h"
#include "threads.h"

#define KIND "msg" /* "mqu" was of queues that were laid out otherwise */
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

/* ---- The lock ---- */

static int lock_file(const struct queue_opened *opened, enum file_lock_kind kind)
{
    int error;

    do
        error = file_lock_whole(opened->handle, kind, true);
    while (error == -ECANCELED);
    return -error;
}

int queue_lock(struct queue_opened *opened)
{
    pthread_mutex_lock(&opened->mutex);
    return lock_file(opened, FILE_LOCK_KIND_EXCLUSIVE);
}

void queue_unlock(struct queue_opened *opened)
{
    lock_file(opened, FILE_LOCK_KIND_UNLOCKED);
    pthread_mutex_unlock(&opened->mutex);
}

void queue_rouse(uint32_t *word)
{
    __atomic_add_fetch(word, 1, __ATOMIC_RELEASE);
    iris_word_rouse_all(word);
}

/* ---- Opening ---- */

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
                                    .handle = (uint32_t)iris_file_handle(fd),
                                    .mutex = PTHREAD_MUTEX_INITIALIZER,
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
    int error = shm_path(KIND, name, path);
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
    int error = shm_path(KIND, name, path);

    return error != 0 ? libc_result(error == -EINVAL ? -ENOENT : error) : unlink(path);
}

/* ---- Attributes ---- */

static uint32_t count_messages(struct queue *queue)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < queue->messages; i++)
        count += slot_at(queue, i)->order != 0;
    return count;
}

int mq_getattr(mqd_t descriptor, struct mq_attr *attributes)
{
    struct queue_opened *opened = queue_find(descriptor);

    if (opened == NULL)
        return libc_result(-EBADF);
    int error = queue_lock(opened);
    *attributes = (struct mq_attr){.mq_flags = opened->flags & O_NONBLOCK,
                                   .mq_maxmsg = (long)opened->queue->messages,
                                   .mq_msgsize = (long)opened->queue->size,
                                   .mq_curmsgs = (long)count_messages(opened->queue)};
    queue_unlock(opened);
    return libc_result(-error);
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

/* The next one's. */
static uint32_t next_order(struct queue *queue)
{
    queue->order += queue->order + 1 == 0 ? 2 : 1;
    return queue->order;
}

/* What makes a slot a message, or free: whoever dies before has changed nothing. */
static void commit(struct queue_slot *slot, uint32_t order)
{
    __atomic_store_n(&slot->order, order, __ATOMIC_RELEASE);
}

/* Sleeps without the lock until somebody has sent or received. A handler with SA_RESTART does not
   end the wait. 0 or an error number, always with the lock, or what stands for it. */
static int sleep_on(struct queue_opened *opened, const uint32_t *word, uint64_t deadline)
{
    uint32_t value = __atomic_load_n(word, __ATOMIC_ACQUIRE);

    queue_unlock(opened);
    int error = -thread_sleep(word, value, deadline);
    bool goes_on = error == EINTR && thread_was_signalled() && !thread_was_broken();
    int lock_error = queue_lock(opened);
    return lock_error != 0 ? lock_error : goes_on ? 0 : error;
}

static int sleep_until_found(struct queue_opened *opened, bool free_one, uint64_t deadline,
                             struct queue_slot **slot)
{
    struct queue *queue = opened->queue;
    int error = 0;

    while (*slot == NULL && error == 0) {
        error = sleep_on(opened, free_one ? &queue->went : &queue->came, deadline);
        if (error == 0 || error == ETIMEDOUT)
            *slot = choose(queue, free_one);
    }
    return *slot != NULL ? 0 : error;
}

/* Until there is a free slot or a message. Who waits for one is entered: it goes before a
   notification. 0 or an error number. */
static int await(struct queue_opened *opened, bool free_one, const struct timespec *time,
                 struct queue_slot **slot)
{
    uint64_t deadline = IRIS_DEADLINE_NONE;
    int error = 0;

    *slot = choose(opened->queue, free_one);
    if (*slot != NULL)
        return 0;
    if (opened->flags & O_NONBLOCK)
        return EAGAIN;
    if (time != NULL)
        error = deadline_of(CLOCK_REALTIME, time, &deadline);
    if (error != 0 || deadline == IRIS_DEADLINE_POLL)
        return error != 0 ? error : ETIMEDOUT;
    struct queue_receiver *receiver = free_one ? NULL : queue_enter(opened->queue);
    error = sleep_until_found(opened, free_one, deadline, slot);
    queue_leave(receiver);
    return error;
}

static void put(struct queue *queue, struct queue_slot *slot, const char *message, size_t size,
                unsigned priority)
{
    bool was_empty = choose(queue, false) == NULL;

    memcpy(slot + 1, message, size);
    slot->priority = priority;
    slot->size = (uint32_t)size;
    if (was_empty)
        queue_ring(queue);
    queue_rouse(&queue->came);
    commit(slot, next_order(queue));
}

static size_t take(struct queue *queue, struct queue_slot *slot, char *message, size_t size,
                   unsigned *priority)
{
    size_t length = slot->size < size ? slot->size : size;

    memcpy(message, slot + 1, length);
    if (priority != NULL)
        *priority = slot->priority;
    queue_rouse(&queue->went);
    commit(slot, 0);
    return length;
}

/* A wait's end, without the lock: perhaps the thread's. */
static int finish(int error)
{
    if (error == EINTR && thread_cancel_now != NULL)
        thread_cancel_now();
    return libc_result(-error);
}

static void begin(void)
{
    if (thread_cancel_now != NULL)
        thread_cancel_now();
    thread_forget_handlers();
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
    begin();
    int error = queue_lock(opened);
    if (error == 0)
        error = await(opened, true, time, &slot);
    if (error == 0)
        put(opened->queue, slot, message, size, priority);
    queue_unlock(opened);
    return finish(error);
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
    size_t length = 0;

    if (opened == NULL || (opened->flags & O_ACCMODE) == O_WRONLY)
        return libc_result(-EBADF);
    if (size < opened->queue->size)
        return libc_result(-EMSGSIZE);
    begin();
    int error = queue_lock(opened);
    if (error == 0)
        error = await(opened, false, time, &slot);
    if (error == 0)
        length = take(opened->queue, slot, message, size, priority);
    queue_unlock(opened);
    return error == 0 ? (ssize_t)length : finish(error);
}

ssize_t mq_receive(mqd_t descriptor, char *message, size_t size, unsigned *priority)
{
    return mq_timedreceive(descriptor, message, size, priority, NULL);
}
