/* SPDX-License-Identifier: MIT */
/*
 * Being told of a message (POSIX.1-2017, mq_notify). The registration is in the queue's memory; the
 * process that registers has a thread asleep there. Whoever sends counts the round up, which wakes
 * the thread: it does what its process has asked for, and ends.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include <iris/ipc.h>
#include <iris/object.h>
#include <iris/sync.h>

#include "libc.h"
#include "process.h" /* generated from servers/proc/process.idl */
#include "queue.h"
#include "sigevent.h"
#include "threads.h"

/* A registration of this process. */
struct watch {
    struct watch *next;
    struct queue_opened *opened;
    struct sigevent event;
    int tid; /* who registered */
    uint32_t round;
    uint32_t gone; /* 1: the thread of a withdrawn one is done */
};

/* Under the lock. Its thread takes it out and frees it when it is done with the queue; but who
   withdraws it takes it out first, waits until the thread is done, and frees it then. */
static struct watch *all;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- In the queue ---- */

/* The space of a running process, 0: there is none. */
static uint32_t space_of(uint32_t pid)
{
    struct process_info info;
    char name[32 + 1];
    bool found = process_entry(IRIS_SLOT_PROCESS, pid, &info, name) == 0 && info.pid == pid;

    return found && info.state != PROCESS_STATE_ZOMBIE ? info.space : 0;
}

static struct queue_process own_process(void)
{
    uint32_t pid = (uint32_t)getpid();

    return (struct queue_process){.pid = pid, .space = space_of(pid)};
}

/* Whoever has ended, has it without a word. */
static bool is_running(const struct queue_process *process)
{
    return process->pid != 0 && space_of(process->pid) == process->space;
}

static bool is_watched(const struct queue_watcher *watcher)
{
    return watcher->armed == watcher->round && is_running(&watcher->process);
}

/* Nobody is registered: the thread of who was wakes up. */
static void clear(struct queue_watcher *watcher)
{
    queue_rouse(&watcher->bell);
    __atomic_add_fetch(&watcher->round, 1, __ATOMIC_RELEASE);
}

/* ---- Who waits ---- */

struct queue_receiver *queue_enter(struct queue *queue)
{
    const struct queue_process own = own_process();
    struct queue_receiver *place = NULL;

    for (struct queue_receiver *r = queue->receiver; r < queue->receiver + QUEUE_RECEIVERS; r++) {
        bool is_own = r->process.pid == own.pid && r->process.space == own.space;
        if (is_own || (place == NULL && (r->count == 0 || !is_running(&r->process))))
            place = r;
        if (is_own)
            break;
    }
    if (place == NULL)
        return NULL;
    if (place->process.pid != own.pid || place->process.space != own.space) {
        place->count = 0;
        place->process = own;
    }
    __atomic_add_fetch(&place->count, 1, __ATOMIC_RELAXED);
    return place;
}

void queue_leave(struct queue_receiver *receiver)
{
    if (receiver != NULL)
        __atomic_sub_fetch(&receiver->count, 1, __ATOMIC_RELAXED);
}

static bool has_receivers(const struct queue *queue)
{
    for (const struct queue_receiver *r = queue->receiver; r < queue->receiver + QUEUE_RECEIVERS;
         r++)
        if (__atomic_load_n(&r->count, __ATOMIC_RELAXED) != 0 && is_running(&r->process))
            return true;
    return false;
}

void queue_ring(struct queue *queue)
{
    struct queue_watcher *watcher = &queue->watcher;

    if (watcher->armed != watcher->round || has_receivers(queue))
        return;
    watcher->sender = (uint32_t)getpid();
    clear(watcher);
}

/* ---- The thread ---- */

static void tell(const struct watch *watch, uint32_t sender)
{
    const siginfo_t info = {.si_signo = watch->event.sigev_signo,
                            .si_code = SI_MESGQ,
                            .si_pid = (pid_t)sender,
                            .si_value = watch->event.sigev_value};

    if (watch->event.sigev_notify == SIGEV_THREAD)
        watch->event.sigev_notify_function(watch->event.sigev_value);
    else
        event_deliver(&watch->event, &info, watch->tid);
}

/* False: somebody else has. */
static bool take_out(const struct watch *watch)
{
    struct watch **place = &all;

    pthread_mutex_lock(&lock);
    while (*place != NULL && *place != watch)
        place = &(*place)->next;
    bool found = *place != NULL;
    if (found)
        *place = watch->next;
    pthread_mutex_unlock(&lock);
    return found;
}

/* The round is looked at with the lock: who rings the bell has it until the round is over. */
static uint32_t await_round(const struct watch *watch)
{
    const struct queue_watcher *watcher = &watch->opened->queue->watcher;

    for (;;) {
        queue_lock(watch->opened);
        uint32_t bell = watcher->bell, sender = watcher->sender;
        bool is_over = watcher->round != watch->round;
        queue_unlock(watch->opened);
        if (is_over)
            return sender;
        iris_word_sleep(&watcher->bell, bell, IRIS_DEADLINE_NONE);
    }
}

static void *keep_watch(void *argument)
{
    struct watch *watch = argument;
    uint32_t sender = await_round(watch);

    if (take_out(watch)) {
        tell(watch, sender);
        free(watch);
    } else {
        __atomic_store_n(&watch->gone, 1, __ATOMIC_RELEASE);
        iris_word_rouse_all(&watch->gone);
    }
    return NULL;
}

/* It takes no signals of the program. */
static int start_thread(struct watch *watch)
{
    pthread_attr_t attributes;
    sigset_t every, before;
    pthread_t thread;

    if (watch->event.sigev_notify == SIGEV_THREAD && watch->event.sigev_notify_attributes != NULL)
        attributes = *watch->event.sigev_notify_attributes;
    else
        pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    sigfillset(&every);
    pthread_sigmask(SIG_BLOCK, &every, &before);
    int error = pthread_create(&thread, &attributes, keep_watch, watch);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

/* ---- Registering ---- */

/* With the lock. 0 or an error number. */
static int enter(struct watch *watch)
{
    struct queue_watcher *watcher = &watch->opened->queue->watcher;

    if (is_watched(watcher))
        return EBUSY;
    clear(watcher);
    watcher->process = own_process();
    watcher->name = (uint32_t)watch;
    watch->round = watcher->round;
    pthread_mutex_lock(&lock);
    watch->next = all;
    all = watch;
    pthread_mutex_unlock(&lock);
    int error = start_thread(watch);
    if (error == 0)
        watcher->armed = watch->round;
    else
        take_out(watch);
    return error;
}

static int begin(struct queue_opened *opened, const struct sigevent *event)
{
    struct watch *watch = malloc(sizeof *watch);

    if (watch == NULL)
        return ENOMEM;
    *watch = (struct watch){.opened = opened, .event = *event, .tid = thread_number()};
    int error = queue_lock(opened);
    if (error == 0)
        error = enter(watch);
    queue_unlock(opened);
    if (error != 0)
        free(watch);
    return error;
}

/* The one made through this mapping of a queue, or the one of this name: it is out of the list. */
static struct watch *take(const struct queue *queue, uint32_t name)
{
    struct watch **place = &all;

    pthread_mutex_lock(&lock);
    while (*place != NULL && (*place)->opened->queue != queue && (uint32_t)*place != name)
        place = &(*place)->next;
    struct watch *watch = *place;
    if (watch != NULL)
        *place = watch->next;
    pthread_mutex_unlock(&lock);
    return watch;
}

static void withdraw(struct watch *watch)
{
    struct queue_watcher *watcher = &watch->opened->queue->watcher;

    queue_lock(watch->opened);
    if (watcher->round == watch->round)
        clear(watcher);
    queue_unlock(watch->opened);
    while (__atomic_load_n(&watch->gone, __ATOMIC_ACQUIRE) == 0)
        iris_word_sleep(&watch->gone, 0, IRIS_DEADLINE_NONE);
    free(watch);
}

void queue_unwatch(struct queue *queue)
{
    struct watch *watch = take(queue, 0);

    if (watch != NULL)
        withdraw(watch);
}

/* Without an event: whichever of its descriptors this process has registered with. */
int mq_notify(mqd_t descriptor, const struct sigevent *event)
{
    struct queue_opened *opened = queue_find(descriptor);

    if (opened == NULL)
        return libc_result(-EBADF);
    if (event != NULL) {
        int error = event_check(event);
        return libc_result(error < 0 ? error : -begin(opened, event));
    }
    const struct queue_watcher *watcher = &opened->queue->watcher;
    bool own = watcher->process.pid == (uint32_t)getpid() && is_watched(watcher);
    struct watch *watch = own ? take(NULL, watcher->name) : NULL;
    if (watch != NULL)
        withdraw(watch);
    return 0;
}
