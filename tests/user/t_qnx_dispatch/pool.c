/* SPDX-License-Identifier: MIT */
/* Pools: how many threads there are, and who gets what. */
#include <pthread.h>
#include <semaphore.h>

#include "t_qnx_dispatch.h"

static sem_t arrived, go_on;
static uint32_t inside, most, stack_least;

/* Stays inside until it is let go, so that others are needed. */
static int stay(message_context_t *ctp, int type, unsigned flags, void *handle)
{
    pthread_attr_t attributes;
    size_t size = 0;

    (void)type, (void)flags, (void)handle;
    uint32_t now = __atomic_add_fetch(&inside, 1, __ATOMIC_ACQ_REL);
    if (now > most)
        most = now;
    if (pthread_getattr_np(pthread_self(), &attributes) == 0)
        pthread_attr_getstacksize(&attributes, &size);
    stack_least = (uint32_t)size;
    sem_post(&arrived);
    sem_wait(&go_on);
    __atomic_sub_fetch(&inside, 1, __ATOMIC_ACQ_REL);
    return MsgReply(ctp->rcvid, 0, NULL, 0);
}

static void *send(void *coid)
{
    uint16_t type = 0x200;
    return (void *)(intptr_t)MsgSend_r((int)(intptr_t)coid, &type, sizeof type, NULL, 0);
}

/* So many clients at once: how many were served at the same time. */
static uint32_t serve(dispatch_t *dpp, unsigned clients, unsigned together)
{
    pthread_t threads[4];
    unsigned answered = 0;
    void *status;
    int coid = message_connect(dpp, 0);

    most = 0;
    for (unsigned i = 0; i < clients; i++)
        pthread_create(&threads[i], NULL, send, (void *)(intptr_t)coid);
    for (unsigned i = 0; i < together; i++)
        sem_wait(&arrived);
    for (unsigned i = 0; i < clients; i++)
        sem_post(&go_on);
    for (unsigned i = 0; i < clients; i++)
        answered += pthread_join(threads[i], &status) == 0 && status == NULL;
    for (unsigned i = together; i < clients; i++)
        sem_wait(&arrived);
    ConnectDetach(coid);
    TEST_EQUAL(answered, clients, "%u clients at once are answered", clients);
    return most;
}

static void check_refusals(thread_pool_attr_t attr)
{
    thread_pool_attr_t wrong = attr;

    wrong.block_func = NULL;
    TEST_CHECK(thread_pool_create(&wrong, 0) == NULL && errno == EINVAL, "a pool without block");
    wrong = attr;
    wrong.lo_water = 0;
    TEST_CHECK(thread_pool_create(&wrong, 0) == NULL && errno == EINVAL, "one that nobody serves");
    wrong = attr;
    wrong.hi_water = 1;
    TEST_CHECK(thread_pool_create(&wrong, 0) == NULL && errno == EINVAL, "more at least than most");
    wrong = attr;
    wrong.maximum = 1;
    TEST_CHECK(thread_pool_create(&wrong, 0) == NULL && errno == EINVAL, "fewer in all than wait");
    wrong = attr;
    wrong.increment = 0;
    TEST_CHECK(thread_pool_create(&wrong, 0) == NULL && errno == EINVAL, "one that never grows");
}

void check_pool(void)
{
    dispatch_t *dpp = dispatch_create();
    pthread_attr_t large;

    pthread_attr_init(&large);
    pthread_attr_setstacksize(&large, 262144);
    pthread_attr_setdetachstate(&large, PTHREAD_CREATE_DETACHED); /* the pool joins them still */
    sem_init(&arrived, 0, 0);
    sem_init(&go_on, 0, 0);
    message_attach(dpp, NULL, 0x200, 0x200, stay, NULL);
    thread_pool_attr_t attr = {.handle = dpp,
                               .block_func = dispatch_block,
                               .unblock_func = dispatch_unblock,
                               .handler_func = dispatch_handler,
                               .context_alloc = dispatch_context_alloc,
                               .context_free = dispatch_context_free,
                               .attr = &large,
                               .lo_water = 2,
                               .increment = 1,
                               .hi_water = 2,
                               .maximum = 3};
    check_refusals(attr);
    thread_pool_t *pool = thread_pool_create(&attr, 0);
    TEST_CHECK(pool != NULL, "a sound one");
    TEST_EQUAL(thread_pool_start(pool), EOK, "starts and comes back");
    TEST_EQUAL(serve(dpp, 1, 1), 1, "one by one");
    TEST_CHECK(stack_least >= 262144, "its threads are as their attributes say");
    TEST_EQUAL(serve(dpp, 3, 3), 3, "it grows when few wait");
    TEST_EQUAL(serve(dpp, 4, 3), 3, "to its maximum");
    TEST_EQUAL(serve(dpp, 2, 2), 2, "and shrinks again without losing one");
    TEST_EQUAL(thread_pool_destroy(pool), 0, "its end");
    attr.unblock_func = NULL;
    pool = thread_pool_create(&attr, 0);
    TEST_CHECK(thread_pool_destroy(pool) == -1 && errno == EINVAL,
               "what nobody can unblock does not end");
    attr.unblock_func = dispatch_unblock;
    dispatch_destroy(dpp);
}
