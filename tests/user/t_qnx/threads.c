/* SPDX-License-Identifier: MIT */
/* Threads, their scheduling, and what they synchronise with: pthreads under QNX's names. */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include "t_qnx.h"

/* ---- Threads ---- */

static void *give_back(void *argument) { return argument; }

static void *end_itself(void *argument)
{
    ThreadDestroy(0, -1, argument);
    return NULL;
}

static void *sleep_long(void *argument)
{
    const struct timespec long_time = {.tv_sec = 3600};

    nanosleep(&long_time, NULL);
    return argument;
}

static int own_number;

static void *tell_number(void *chid)
{
    struct _msg_info info;
    int coid = ConnectAttach(0, 0, (int)(intptr_t)chid, _NTO_SIDE_CHANNEL, 0);

    MsgSend(coid, "", 1, &info, sizeof info);
    own_number = info.tid;
    ConnectDetach(coid);
    return NULL;
}

static void check_numbers(void)
{
    struct _msg_info info;
    char byte;
    int chid = ChannelCreate(_NTO_CHF_PRIVATE);
    int tid = ThreadCreate(0, tell_number, (void *)(intptr_t)chid, NULL);

    MsgReply(MsgReceive(chid, &byte, 1, &info), 0, &info, sizeof info);
    TEST_EQUAL(info.tid, tid, "the number that ThreadCreate gives is the sender's");
    ThreadJoin(tid, NULL);
    TEST_EQUAL(own_number, tid, "as the server says too");
    ChannelDestroy(chid);
}

static void check_life(void)
{
    pthread_attr_t detached;
    void *result = NULL;

    int tid = ThreadCreate(getpid(), give_back, (void *)5, NULL);
    TEST_CHECK(tid > 1, "ThreadCreate");
    TEST_EQUAL(ThreadJoin(tid, &result), 0, "ThreadJoin");
    TEST_EQUAL((intptr_t)result, 5, "with its result");
    TEST_FAILS(ThreadJoin(tid, NULL), ESRCH, "once");
    TEST_EQUAL(ThreadJoin_r(tid, NULL), ESRCH, "the twin gives a positive number");
    TEST_FAILS(ThreadJoin(0, NULL), EDEADLK, "nobody waits for himself");
    tid = ThreadCreate(0, end_itself, (void *)6, NULL);
    TEST_CHECK(ThreadJoin(tid, &result) == 0 && (intptr_t)result == 6, "ThreadDestroy of oneself");
    tid = ThreadCreate(0, sleep_long, NULL, NULL);
    TEST_FAILS(ThreadDestroy(tid, -1, NULL), ENOTSUP, "but not of others");
    TEST_FAILS(ThreadDestroy(9999, -1, NULL), ESRCH, "nor of nobody");
    TEST_FAILS(ThreadCancel(tid, (void (*)(void))getpid), ENOTSUP, "a stub is not called");
    TEST_EQUAL(ThreadCancel(tid, NULL), 0, "ThreadCancel");
    TEST_CHECK(ThreadJoin(tid, &result) == 0 && result == PTHREAD_CANCELED, "ends a thread");
    tid = ThreadCreate(0, sleep_long, NULL, NULL);
    TEST_EQUAL(ThreadDetach(tid), 0, "ThreadDetach");
    TEST_FAILS(ThreadDetach(tid), EINVAL, "once");
    TEST_FAILS(ThreadJoin(tid, NULL), EINVAL, "it cannot be joined");
    ThreadCancel(tid, NULL);
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    tid = ThreadCreate(0, give_back, NULL, &detached);
    TEST_CHECK(tid > 1, "a detached one");
    TEST_CHECK(ThreadJoin_r(tid, NULL) != 0, "cannot be joined");
    TEST_FAILS(ThreadCreate(getppid(), give_back, NULL, NULL), ENOTSUP, "in another process");
}

static void check_control(void)
{
    static char room[sizeof(struct _thread_name) + 100] __attribute__((aligned(4)));
    struct _thread_name *name = (struct _thread_name *)room;

    *name = (struct _thread_name){.new_name_len = 5, .name_buf_len = 100};
    memcpy(name->name_buf, "first", 5);
    TEST_EQUAL(ThreadCtl(_NTO_TCTL_NAME, name), 0, "a thread's name");
    TEST_EQUAL(name->name_buf[0], 0, "it had none");
    name->new_name_len = -1;
    TEST_EQUAL(ThreadCtl(_NTO_TCTL_NAME, name), 0, "asked for");
    TEST_CHECK(strcmp(name->name_buf, "first") == 0, "it is the one given");
    name->new_name_len = 90;
    TEST_FAILS(ThreadCtl(_NTO_TCTL_NAME, name), ERANGE, "one that is too long");
    TEST_FAILS(ThreadCtl(_NTO_TCTL_NAME, NULL), EINVAL, "none at all");
    name->new_name_len = 0;
    ThreadCtl(_NTO_TCTL_NAME, name);
    TEST_EQUAL(ThreadCtl(_NTO_TCTL_RUNMASK, (void *)3), 0, "a mask with the processor in it");
    TEST_FAILS(ThreadCtl(_NTO_TCTL_RUNMASK, (void *)2), EINVAL, "one without");
    TEST_FAILS(ThreadCtl(_NTO_TCTL_IO, NULL), EPERM, "no I/O ports for everybody");
    TEST_FAILS(ThreadCtl(_NTO_TCTL_IO_PRIV, NULL), EPERM, "in any way");
    TEST_FAILS(ThreadCtl(77, NULL), ENOTSUP, "another command");
}

static void check_scheduling(void)
{
    struct sched_param param = {.sched_priority = 0}, lower = {.sched_priority = 1};
    struct _sched_info info;
    int tid = ThreadCreate(0, sleep_long, NULL, NULL);

    TEST_EQUAL(SchedGet(0, 0, &param), SCHED_OTHER, "SchedGet");
    TEST_CHECK(param.sched_priority > 0, "with the priority");
    TEST_EQUAL(SchedSet(0, tid, SCHED_RR, &lower), 0, "SchedSet");
    TEST_EQUAL(SchedGet(getpid(), tid, &param), SCHED_RR, "is seen");
    TEST_EQUAL(param.sched_priority, 1, "with its priority");
    lower.sched_priority = 2;
    TEST_EQUAL(SchedSet(0, tid, SCHED_NOCHANGE, &lower), 0, "the priority alone");
    TEST_EQUAL(SchedGet(0, tid, NULL), SCHED_RR, "leaves the policy");
    TEST_FAILS(SchedSet(0, tid, 55, &lower), EINVAL, "a policy that is none");
    lower.sched_priority = 1000;
    TEST_FAILS(SchedSet(0, tid, SCHED_RR, &lower), EINVAL, "a priority that is none");
    TEST_FAILS(SchedSet(0, 9999, SCHED_RR, &param), ESRCH, "a thread that is none");
    TEST_FAILS(SchedGet(0, 9999, &param), ESRCH, "to be asked for");
    TEST_FAILS(SchedGet(getppid(), 1, &param), ENOTSUP, "another process's");
    TEST_FAILS(SchedSet(getppid(), 1, SCHED_RR, &param), ENOTSUP, "to be set");
    TEST_FAILS(SchedInfo(getppid(), SCHED_RR, &info), ENOTSUP, "or looked at");
    TEST_EQUAL(SchedInfo(0, SCHED_RR, &info), 0, "SchedInfo");
    TEST_CHECK(info.priority_min < info.priority_max && info.interval > 0, "has limits and a turn");
    TEST_FAILS(SchedInfo(0, 55, &info), EINVAL, "of no policy");
    TEST_EQUAL(SchedYield(), 0, "SchedYield");
    ThreadCancel(tid, NULL);
    ThreadJoin(tid, NULL);
}

void check_threads(void)
{
    check_numbers();
    check_life();
    check_control();
    check_scheduling();
}

/* ---- Synchronisation ---- */

static sync_t mutex, condition, semaphore;
static int turn;

static void *try_unlock(void *unused)
{
    (void)unused;
    return (void *)(intptr_t)SyncMutexUnlock_r(&mutex);
}

/* Waits for its turn, and gives it on. */
static void *take_turn(void *number)
{
    int error = SyncMutexLock_r(&mutex);

    while (error == 0 && turn != (int)(intptr_t)number)
        error = SyncCondvarWait_r(&condition, &mutex);
    turn++;
    SyncCondvarSignal_r(&condition, 1);
    SyncMutexUnlock_r(&mutex);
    return (void *)(intptr_t)error;
}

static void *take_semaphore(void *unused)
{
    (void)unused;
    return (void *)(intptr_t)SyncSemWait_r(&semaphore, 0);
}

static void check_mutex(void)
{
    void *result;
    const uint64_t soon = 1000000;

    TEST_FAILS(SyncTypeCreate(9, &mutex, NULL), EINVAL, "a type that is none");
    TEST_EQUAL(SyncTypeCreate_r(9, &mutex, NULL), EINVAL, "whose twin is positive");
    TEST_FAILS(SyncMutexLock(&mutex), EINVAL, "what was not created is not locked");
    TEST_EQUAL(SyncTypeCreate(_NTO_SYNC_MUTEX_FREE, &mutex, NULL), 0, "a mutex");
    TEST_EQUAL(SyncMutexLock(&mutex), 0, "locked");
    TEST_FAILS(SyncMutexLock(&mutex), EDEADLK, "once");
    int tid = ThreadCreate(0, try_unlock, NULL, NULL);
    ThreadJoin(tid, &result);
    TEST_EQUAL((intptr_t)result, EPERM, "not to be unlocked by another thread");
    TEST_FAILS(SyncDestroy(&mutex), EBUSY, "nor destroyed");
    TEST_EQUAL(SyncTypeCreate(_NTO_SYNC_COND, &condition, NULL), 0, "a condition");
    TimerTimeout(CLOCK_MONOTONIC, _NTO_TIMEOUT_CONDVAR, NULL, &soon, NULL);
    TEST_FAILS(SyncCondvarWait(&condition, &mutex), ETIMEDOUT, "waited for in time");
    TEST_FAILS(SyncCondvarWait(&mutex, &condition), EINVAL, "not the other way round");
    TEST_FAILS(SyncSemWait(&mutex, 1), EINVAL, "and it is no semaphore");
    TEST_EQUAL(SyncMutexUnlock(&mutex), 0, "unlocked");
    TEST_FAILS(SyncMutexUnlock(&mutex), EPERM, "once");
}

static void check_condition(void)
{
    int threads[3];
    unsigned right = 0;
    void *result;

    for (int i = 2; i >= 0; i--)
        threads[i] = ThreadCreate(0, take_turn, (void *)(intptr_t)i, NULL);
    for (unsigned i = 0; i < 3; i++)
        right += ThreadJoin(threads[i], &result) == 0 && result == NULL;
    TEST_EQUAL(right, 3, "three threads take turns by a condition");
    TEST_EQUAL(turn, 3, "each once");
    TEST_EQUAL(SyncCondvarSignal(&condition, 0), 0, "a signal to nobody");
    TEST_FAILS(SyncCondvarSignal(&mutex, 0), EINVAL, "or by no condition");
    TEST_EQUAL(SyncDestroy(&condition), 0, "destroyed");
    TEST_FAILS(SyncDestroy(&condition), EINVAL, "once");
    TEST_EQUAL(SyncDestroy(&mutex), 0, "its mutex too");
}

static void check_semaphore(void)
{
    const struct _sync_attr protect = {.__protocol = PTHREAD_PRIO_PROTECT, .__prioceiling = 1};
    const struct _sync_attr flags = {.__flags = 1};
    void *result;

    TEST_FAILS(SyncTypeCreate(_NTO_SYNC_SEM, &semaphore, &flags), EINVAL, "a flag that is none");
    TEST_EQUAL(SyncTypeCreate(_NTO_SYNC_SEM, &semaphore, NULL), 0, "a semaphore");
    TEST_FAILS(SyncSemWait(&semaphore, 1), EAGAIN, "has nothing at first");
    TEST_EQUAL(SyncSemPost(&semaphore), 0, "gets something");
    TEST_EQUAL(SyncSemWait(&semaphore, 1), 0, "and gives it");
    int tid = ThreadCreate(0, take_semaphore, NULL, NULL);
    SyncSemPost(&semaphore);
    ThreadJoin(tid, &result);
    TEST_EQUAL((intptr_t)result, 0, "to another thread as well");
    TEST_EQUAL(SyncSemWait_r(&semaphore, 1), EAGAIN, "the twin that spares errno");
    TEST_EQUAL(SyncDestroy(&semaphore), 0, "destroyed");
    TEST_FAILS(SyncSemPost(&semaphore), EINVAL, "it is of no use");
    TEST_EQUAL(SyncTypeCreate(_NTO_SYNC_MUTEX_FREE, &mutex, &protect), 0, "a mutex with a ceiling");
    TEST_FAILS(SyncMutexLock(&mutex), EINVAL, "which is below this thread's priority");
    SyncDestroy(&mutex);
}

void check_sync(void)
{
    check_mutex();
    check_condition();
    check_semaphore();
}
