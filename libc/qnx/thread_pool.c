/* SPDX-License-Identifier: MIT */
/*
 * Threads that dispatch. As many as `maximum` at most; one more is made whenever fewer than
 * `lo_water` are waiting, and one ends when more than `hi_water` are.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/dispatch.h>

#include <iris/sync.h>

#include "qnx.h"

struct member {
    pthread_t thread;
    struct _thread_pool *pool;
    struct member *next;
    volatile bool ended;
};

struct _thread_pool {
    thread_pool_attr_t attr;
    pthread_attr_t thread_attr;
    unsigned flags;
    struct iris_mutex lock;
    struct iris_condition changed;
    unsigned threads, waiting;
    bool ending;
    struct member *members;
};

static void *run(void *argument);

/* With the lock held. */
static int add_thread(thread_pool_t *pool)
{
    struct member *member = calloc(1, sizeof *member);
    if (member == NULL)
        return -ENOMEM;
    member->pool = pool;
    int error = pthread_create(&member->thread, &pool->thread_attr, run, member);
    if (error != 0) {
        free(member);
        return -error;
    }
    member->next = pool->members;
    pool->members = member;
    pool->threads++;
    return 0;
}

/* Gives back those that have ended. With the lock held. */
static void collect(thread_pool_t *pool)
{
    struct member **place = &pool->members, *member;

    while ((member = *place) != NULL) {
        if (!member->ended) {
            place = &member->next;
            continue;
        }
        *place = member->next;
        pthread_join(member->thread, NULL);
        free(member);
    }
}

/* About to wait, or back from it. False: this thread is one too many. */
static bool count_in(thread_pool_t *pool)
{
    iris_mutex_lock(&pool->lock);
    collect(pool);
    bool stays = !pool->ending && pool->waiting < pool->attr.hi_water;
    if (stays)
        pool->waiting++;
    iris_mutex_unlock(&pool->lock);
    return stays;
}

static void count_out(thread_pool_t *pool)
{
    iris_mutex_lock(&pool->lock);
    pool->waiting--;
    for (unsigned i = 0;
         i < pool->attr.increment && !pool->ending && pool->waiting + i < pool->attr.lo_water &&
         pool->threads < pool->attr.maximum;
         i++)
        if (add_thread(pool) < 0)
            break; /* those that there are go on */
    iris_mutex_unlock(&pool->lock);
}

static void serve(thread_pool_t *pool)
{
    const thread_pool_attr_t *attr = &pool->attr;
    THREAD_POOL_PARAM_T *ctp = attr->context_alloc(attr->handle);

    while (ctp != NULL && count_in(pool)) {
        THREAD_POOL_PARAM_T *next = attr->block_func(ctp);
        count_out(pool);
        if (next == NULL)
            continue;
        ctp = next;
        attr->handler_func(ctp);
    }
    if (ctp != NULL && attr->context_free != NULL)
        attr->context_free(ctp);
}

static void *run(void *argument)
{
    struct member *member = argument;
    thread_pool_t *pool = member->pool;

    serve(pool);
    iris_mutex_lock(&pool->lock);
    pool->threads--;
    member->ended = true;
    iris_condition_broadcast(&pool->changed);
    iris_mutex_unlock(&pool->lock);
    return NULL;
}

thread_pool_t *thread_pool_create(thread_pool_attr_t *attr, unsigned flags)
{
    bool sound = attr->block_func != NULL && attr->handler_func != NULL &&
                 attr->context_alloc != NULL && attr->lo_water > 0 && attr->increment > 0 &&
                 attr->hi_water >= attr->lo_water && attr->maximum >= attr->hi_water;
    thread_pool_t *pool = sound ? calloc(1, sizeof *pool) : NULL;

    if (pool == NULL) {
        errno = sound ? ENOMEM : EINVAL;
        return NULL;
    }
    pool->attr = *attr;
    pthread_attr_init(&pool->thread_attr);
    if (attr->attr != NULL)
        pool->thread_attr = *attr->attr;
    pthread_attr_setdetachstate(&pool->thread_attr, PTHREAD_CREATE_JOINABLE);
    pool->flags = flags;
    return pool;
}

int thread_pool_start(void *argument)
{
    thread_pool_t *pool = argument;
    int status = 0;

    iris_mutex_lock(&pool->lock);
    while (status == 0 && pool->threads < pool->attr.lo_water)
        status = add_thread(pool);
    iris_mutex_unlock(&pool->lock);
    if (status < 0) {
        errno = EAGAIN;
        return -1;
    }
    if (pool->flags & POOL_FLAG_USE_SELF)
        serve(pool);
    while (pool->flags & (POOL_FLAG_USE_SELF | POOL_FLAG_EXIT_SELF)) /* it never comes back */
        iris_word_sleep(&pool->changed.sequence, pool->changed.sequence, IRIS_DEADLINE_NONE);
    return EOK;
}

/* The threads end when what they are handling is done. */
int thread_pool_destroy(thread_pool_t *pool)
{
    const thread_pool_attr_t *attr = &pool->attr;
    THREAD_POOL_PARAM_T *ctp =
        attr->unblock_func != NULL ? attr->context_alloc(attr->handle) : NULL;

    if (ctp == NULL) {
        errno = EINVAL;
        return -1;
    }
    iris_mutex_lock(&pool->lock);
    pool->ending = true;
    while (pool->threads > 0) {
        attr->unblock_func(ctp);
        iris_condition_wait(&pool->changed, &pool->lock, IRIS_DEADLINE_NONE);
    }
    collect(pool);
    iris_mutex_unlock(&pool->lock);
    if (attr->context_free != NULL)
        attr->context_free(ctp);
    free(pool);
    return 0;
}
