/* SPDX-License-Identifier: MIT */
/* Message queues. */
#include "behaviour.h"

#include <limits.h>
#include <mqueue.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#define NAME "/posix-queue"
#define NONE ((mqd_t)-1)
#define SIZE 32
#define COUNT 3

static mqd_t open_with(int flags)
{
    struct mq_attr attributes = {.mq_maxmsg = COUNT, .mq_msgsize = SIZE};

    mq_unlink(NAME);
    return mq_open(NAME, O_CREAT | O_EXCL | flags, 0600, &attributes);
}

static mqd_t open_queue(void) { return open_with(O_RDWR); }

static void done(mqd_t queue) { CHECK(mq_close(queue) == 0 && mq_unlink(NAME) == 0); }

static bool send(mqd_t queue, const char *text, unsigned priority)
{
    return mq_send(queue, text, strlen(text), priority) == 0;
}

/* Whether the next message is this one, of this priority. */
static bool receives(mqd_t queue, const char *text, unsigned priority)
{
    char buffer[SIZE];
    unsigned got = 99;
    ssize_t n = mq_receive(queue, buffer, sizeof buffer, &got);

    return n == (ssize_t)strlen(text) && memcmp(buffer, text, strlen(text)) == 0 && got == priority;
}

static struct timespec in_ms(long ms)
{
    struct timespec time;

    clock_gettime(CLOCK_REALTIME, &time);
    time.tv_sec += ms / 1000;
    time.tv_nsec += ms % 1000 * 1000000;
    time.tv_sec += time.tv_nsec / 1000000000;
    time.tv_nsec %= 1000000000;
    return time;
}

/* ---- Opening ---- */

BEHAVIOUR(mq_missing, "XSH mq_open: without O_CREAT one that does not exist is ENOENT")
{
    FAILS(mq_open("/posix-not-there", O_RDWR), ENOENT);
}

BEHAVIOUR(mq_exclusive, "XSH mq_open: O_CREAT|O_EXCL of one that exists is EEXIST")
{
    mqd_t queue = open_queue();

    REQUIRE(queue != NONE);
    FAILS(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, NULL), EEXIST);
    done(queue);
}

BEHAVIOUR(mq_invalid, "XSH mq_open: a length or size that is not above 0 is EINVAL")
{
    struct mq_attr none = {.mq_maxmsg = 0, .mq_msgsize = SIZE}, empty = {.mq_maxmsg = COUNT};

    mq_unlink(NAME);
    FAILS(mq_open(NAME, O_CREAT | O_RDWR, 0600, &none), EINVAL);
    FAILS(mq_open(NAME, O_CREAT | O_RDWR, 0600, &empty), EINVAL);
}

BEHAVIOUR(mq_attributes,
          "XSH mq_getattr: tells length, size, flags and how many messages there are")
{
    struct mq_attr now;
    mqd_t queue = open_queue();

    REQUIRE(queue != NONE && send(queue, "one", 0));
    CHECK(mq_getattr(queue, &now) == 0);
    CHECK(now.mq_maxmsg == COUNT && now.mq_msgsize == SIZE && now.mq_curmsgs == 1);
    EQUAL(now.mq_flags & O_NONBLOCK, 0);
    done(queue);
}

BEHAVIOUR(mq_default_attributes, "XSH mq_open: without attributes there are implementation's own")
{
    struct mq_attr now = {0};

    mq_unlink(NAME);
    mqd_t queue = mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, NULL);
    REQUIRE(queue != NONE);
    CHECK(mq_getattr(queue, &now) == 0 && now.mq_maxmsg > 0 && now.mq_msgsize > 0);
    done(queue);
}

BEHAVIOUR(mq_setattr_flags, "XSH mq_setattr: changes O_NONBLOCK only, and tells what was")
{
    struct mq_attr set = {.mq_flags = O_NONBLOCK, .mq_maxmsg = 99, .mq_msgsize = 99}, old, now;
    mqd_t queue = open_queue();

    REQUIRE(queue != NONE);
    CHECK(mq_setattr(queue, &set, &old) == 0 && old.mq_flags == 0 && old.mq_maxmsg == COUNT);
    CHECK(mq_getattr(queue, &now) == 0);
    CHECK(now.mq_flags == O_NONBLOCK && now.mq_maxmsg == COUNT && now.mq_msgsize == SIZE);
    done(queue);
}

BEHAVIOUR(mq_directions, "XSH mq_send, mq_receive: a queue not open for that is EBADF")
{
    char buffer[SIZE];
    mqd_t reader = open_with(O_RDONLY), writer = mq_open(NAME, O_WRONLY);

    REQUIRE(reader != NONE && writer != NONE);
    FAILS(mq_send(reader, "x", 1, 0), EBADF);
    FAILS(mq_receive(writer, buffer, sizeof buffer, NULL), EBADF);
    CHECK(mq_close(writer) == 0);
    done(reader);
}

BEHAVIOUR(mq_closed, "XSH mq_close: afterwards the descriptor is EBADF")
{
    struct mq_attr now;
    mqd_t queue = open_queue();

    REQUIRE(queue != NONE && mq_close(queue) == 0);
    FAILS(mq_getattr(queue, &now), EBADF);
    FAILS(mq_close(queue), EBADF);
    CHECK(mq_unlink(NAME) == 0);
}

BEHAVIOUR(mq_unlinked, "XSH mq_unlink: the name goes at once, who has it open goes on")
{
    mqd_t queue = open_queue();

    REQUIRE(queue != NONE && mq_unlink(NAME) == 0);
    FAILS(mq_open(NAME, O_RDWR), ENOENT);
    CHECK(send(queue, "still", 1) && receives(queue, "still", 1));
    CHECK(mq_close(queue) == 0);
    FAILS(mq_unlink(NAME), ENOENT);
}

BEHAVIOUR(mq_kept, "XSH mq_close: messages stay in the queue until it is unlinked")
{
    mqd_t queue = open_queue();

    REQUIRE(queue != NONE && send(queue, "kept", 2) && mq_close(queue) == 0);
    queue = mq_open(NAME, O_RDONLY);
    REQUIRE(queue != NONE);
    CHECK(receives(queue, "kept", 2));
    done(queue);
}

/* ---- Messages ---- */

BEHAVIOUR(mq_order, "XSH mq_receive: among equals the oldest first")
{
    mqd_t queue = open_queue();

    REQUIRE(queue != NONE && send(queue, "one", 0) && send(queue, "two", 0));
    CHECK(receives(queue, "one", 0) && receives(queue, "two", 0));
    done(queue);
}

BEHAVIOUR(mq_priority, "XSH mq_receive: the highest priority first")
{
    mqd_t queue = open_queue();

    REQUIRE(queue != NONE && send(queue, "low", 1) && send(queue, "high", 9));
    CHECK(send(queue, "middle", 5));
    CHECK(receives(queue, "high", 9) && receives(queue, "middle", 5) && receives(queue, "low", 1));
    done(queue);
}

BEHAVIOUR(mq_boundaries, "XSH mq_receive: messages stay apart, also empty ones")
{
    char buffer[SIZE];
    mqd_t queue = open_queue();

    REQUIRE(queue != NONE && send(queue, "ab", 0) && send(queue, "", 0) && send(queue, "c", 0));
    EQUAL(mq_receive(queue, buffer, sizeof buffer, NULL), 2);
    EQUAL(mq_receive(queue, buffer, sizeof buffer, NULL), 0);
    EQUAL(mq_receive(queue, buffer, sizeof buffer, NULL), 1);
    done(queue);
}

BEHAVIOUR(mq_largest, "XSH mq_send: a message of mq_msgsize fits, one more byte is EMSGSIZE")
{
    char text[SIZE + 1], buffer[SIZE];
    mqd_t queue = open_queue();

    memset(text, 'x', sizeof text);
    REQUIRE(queue != NONE && mq_send(queue, text, SIZE, 0) == 0);
    FAILS(mq_send(queue, text, SIZE + 1, 0), EMSGSIZE);
    EQUAL(mq_receive(queue, buffer, SIZE, NULL), SIZE);
    CHECK(memcmp(buffer, text, SIZE) == 0);
    done(queue);
}

BEHAVIOUR(mq_small_buffer,
          "XSH mq_receive: a buffer below mq_msgsize is EMSGSIZE, the message stays")
{
    char buffer[SIZE];
    mqd_t queue = open_queue();

    REQUIRE(queue != NONE && send(queue, "x", 0));
    FAILS(mq_receive(queue, buffer, SIZE - 1, NULL), EMSGSIZE);
    CHECK(receives(queue, "x", 0));
    done(queue);
}

BEHAVIOUR(mq_priority_invalid, "XSH mq_send: a priority of MQ_PRIO_MAX or more is EINVAL")
{
    mqd_t queue = open_queue();
    long most = sysconf(_SC_MQ_PRIO_MAX);

    REQUIRE(queue != NONE && most >= _POSIX_MQ_PRIO_MAX);
    FAILS(mq_send(queue, "x", 1, (unsigned)most), EINVAL);
    CHECK(send(queue, "x", (unsigned)most - 1) && receives(queue, "x", (unsigned)most - 1));
    done(queue);
}

BEHAVIOUR(mq_empty_nonblocking, "XSH mq_receive: O_NONBLOCK and an empty queue is EAGAIN")
{
    char buffer[SIZE];
    mqd_t queue = open_with(O_RDWR | O_NONBLOCK);

    REQUIRE(queue != NONE);
    FAILS(mq_receive(queue, buffer, sizeof buffer, NULL), EAGAIN);
    done(queue);
}

BEHAVIOUR(mq_full_nonblocking, "XSH mq_send: O_NONBLOCK and a full queue is EAGAIN")
{
    mqd_t queue = open_with(O_RDWR | O_NONBLOCK);

    REQUIRE(queue != NONE);
    for (int i = 0; i < COUNT; i++)
        CHECK(send(queue, "x", 0));
    FAILS(mq_send(queue, "x", 1, 0), EAGAIN);
    CHECK(receives(queue, "x", 0) && send(queue, "x", 0));
    done(queue);
}

BEHAVIOUR(mq_timed_receive, "XSH mq_timedreceive: ETIMEDOUT not before the time")
{
    char buffer[SIZE];
    mqd_t queue = open_queue();

    REQUIRE(queue != NONE);
    struct timespec end = in_ms(40);
    long long before = milliseconds();
    FAILS(mq_timedreceive(queue, buffer, sizeof buffer, NULL, &end), ETIMEDOUT);
    CHECK(milliseconds() - before >= 38);
    done(queue);
}

BEHAVIOUR(mq_timed_send, "XSH mq_timedsend: ETIMEDOUT if the queue stays full")
{
    mqd_t queue = open_queue();

    REQUIRE(queue != NONE);
    for (int i = 0; i < COUNT; i++)
        CHECK(send(queue, "x", 0));
    struct timespec end = in_ms(30);
    FAILS(mq_timedsend(queue, "x", 1, 0, &end), ETIMEDOUT);
    done(queue);
}

static int send_after(int ms, const char *name)
{
    mqd_t queue = mq_open(name, O_WRONLY);

    pause_for(ms);
    return queue == NONE || !send(queue, "late", 3);
}

CHILD(sends_late) { return send_after(20, argv[1]); }

BEHAVIOUR(mq_between, "XSH mq_receive: waits until another process sends")
{
    mqd_t queue = open_queue();

    REQUIRE(queue != NONE);
    pid_t child = start_child("sends_late", NAME, NULL);
    CHECK(receives(queue, "late", 3));
    EQUAL(exit_status(child), 0);
    done(queue);
}

static void *send_four(void *queue)
{
    for (int i = 0; i <= COUNT; i++)
        if (!send(*(mqd_t *)queue, "x", 0))
            return NULL;
    return queue;
}

BEHAVIOUR(mq_waits_for_room, "XSH mq_send: waits until there is room")
{
    mqd_t queue = open_queue();
    pthread_t thread;
    void *result = NULL;

    REQUIRE(queue != NONE && pthread_create(&thread, NULL, send_four, &queue) == 0);
    for (int i = 0; i <= COUNT; i++)
        CHECK(receives(queue, "x", 0));
    CHECK(pthread_join(thread, &result) == 0 && result == &queue);
    done(queue);
}

static volatile sig_atomic_t caught;

static void note(int signo) { caught = signo; }

BEHAVIOUR(mq_notified,
          "XSH mq_notify: a signal tells that a message came into the empty queue, once")
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    sigset_t set, before;
    mqd_t queue = open_queue();

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, &before);
    REQUIRE(handle_signal(SIGUSR1, note, 0));
    caught = 0;
    REQUIRE(queue != NONE && mq_notify(queue, &event) == 0);
    FAILS(mq_notify(queue, &event), EBUSY);
    CHECK(send(queue, "x", 0));
    while (caught == 0)
        sigsuspend(&before);
    CHECK(receives(queue, "x", 0) && mq_notify(queue, &event) == 0 && mq_notify(queue, NULL) == 0);
    sigprocmask(SIG_SETMASK, &before, NULL);
    signal(SIGUSR1, SIG_DFL);
    done(queue);
}

BEHAVIOUR(mq_notify_withdrawn, "XSH mq_notify: NULL ends the registration, and so does mq_close")
{
    const struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    mqd_t queue = open_queue(), other = mq_open(NAME, O_RDWR);

    REQUIRE(queue != NONE && other != NONE && handle_signal(SIGUSR1, note, 0));
    caught = 0;
    CHECK(mq_notify(queue, &event) == 0 && mq_notify(queue, NULL) == 0);
    CHECK(send(queue, "x", 0) && receives(queue, "x", 0));
    CHECK(mq_notify(other, &event) == 0 && mq_close(other) == 0);
    CHECK(send(queue, "x", 0) && receives(queue, "x", 0));
    CHECK(mq_notify(queue, &event) == 0 && mq_notify(queue, NULL) == 0);
    EQUAL(caught, 0);
    signal(SIGUSR1, SIG_DFL);
    done(queue);
}

BEHAVIOUR(mq_notify_value, "XSH mq_notify: the signal has SI_MESGQ and the value")
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    mqd_t queue = open_queue();
    sigset_t set, before;
    siginfo_t info = {.si_signo = 0};

    event.sigev_value.sival_int = 77;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, &before);
    REQUIRE(queue != NONE && mq_notify(queue, &event) == 0);
    pid_t child = start_child("sends_late", NAME, NULL);
    EQUAL(sigwaitinfo(&set, &info), SIGUSR1);
    CHECK(info.si_code == SI_MESGQ && info.si_value.sival_int == 77 && info.si_pid == child);
    EQUAL(exit_status(child), 0);
    CHECK(receives(queue, "late", 3));
    sigprocmask(SIG_SETMASK, &before, NULL);
    done(queue);
}

static sem_t told;
static volatile int told_value;

static void tell(union sigval value)
{
    told_value = value.sival_int;
    sem_post(&told);
}

BEHAVIOUR(mq_notify_thread, "XSH mq_notify: SIGEV_THREAD calls the function, with the value")
{
    struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = tell};
    mqd_t queue = open_queue();

    event.sigev_value.sival_int = 78;
    REQUIRE(queue != NONE && sem_init(&told, 0, 0) == 0 && mq_notify(queue, &event) == 0);
    CHECK(send(queue, "x", 0));
    CHECK(sem_wait(&told) == 0);
    EQUAL(told_value, 78);
    CHECK(sem_destroy(&told) == 0);
    done(queue);
}

BEHAVIOUR(mq_notify_receiver,
          "XSH mq_notify: a receiver that waits gets the message, nobody is told")
{
    const struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    mqd_t queue = open_queue();

    REQUIRE(queue != NONE && handle_signal(SIGUSR1, note, 0) && mq_notify(queue, &event) == 0);
    caught = 0;
    pid_t child = start_child("sends_late", NAME, NULL);
    CHECK(receives(queue, "late", 3));
    EQUAL(exit_status(child), 0);
    EQUAL(caught, 0);
    FAILS(mq_notify(queue, &event), EBUSY);
    CHECK(mq_notify(queue, NULL) == 0);
    signal(SIGUSR1, SIG_DFL);
    done(queue);
}

BEHAVIOUR(mq_receive_interrupted, "XSH mq_receive: a handled signal ends it with EINTR")
{
    char buffer[SIZE];
    mqd_t queue = open_queue();

    REQUIRE(queue != NONE && handle_signal(SIGALRM, note, 0));
    ring_every(50);
    FAILS(mq_receive(queue, buffer, sizeof buffer, NULL), EINTR);
    ring_every(0);
    signal(SIGALRM, SIG_DFL);
    done(queue);
}

BEHAVIOUR(mq_send_interrupted, "XSH mq_send: a handled signal ends it with EINTR, nothing is sent")
{
    struct mq_attr now;
    mqd_t queue = open_queue();

    REQUIRE(queue != NONE && handle_signal(SIGALRM, note, 0));
    for (int i = 0; i < COUNT; i++)
        CHECK(send(queue, "x", 0));
    ring_every(50);
    FAILS(mq_send(queue, "y", 1, 1), EINTR);
    ring_every(0);
    CHECK(mq_getattr(queue, &now) == 0 && now.mq_curmsgs == COUNT);
    CHECK(receives(queue, "x", 0));
    signal(SIGALRM, SIG_DFL);
    done(queue);
}

static volatile sig_atomic_t rings;

static void count_ring(int signo)
{
    (void)signo;
    rings++;
}

CHILD(sends_later) { return send_after(300, argv[1]); }

BEHAVIOUR(mq_receive_restarted, "XSH sigaction: with SA_RESTART mq_receive goes on waiting")
{
    mqd_t queue = open_queue();

    REQUIRE(queue != NONE && handle_signal(SIGALRM, count_ring, SA_RESTART));
    rings = 0;
    pid_t child = start_child("sends_later", NAME, NULL);
    ring_every(50);
    CHECK(receives(queue, "late", 3));
    ring_every(0);
    CHECK(rings > 0);
    signal(SIGALRM, SIG_DFL);
    EQUAL(exit_status(child), 0);
    done(queue);
}

/* ---- Processes that die ---- */

CHILD(receives_until_killed)
{
    mqd_t queue = mq_open(argv[1], O_RDWR);
    char buffer[SIZE];

    if (queue == NONE || (argc > 2 && write(atoi(argv[2]), "y", 1) != 1))
        return 1;
    while (mq_receive(queue, buffer, sizeof buffer, NULL) >= 0)
        ;
    return 2;
}

static void kill_child(pid_t child)
{
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

BEHAVIOUR(mq_dead_receiver,
          "XSH mq_notify: who was killed while it waited receives nothing any more")
{
    const struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    sigset_t set;
    mqd_t queue = open_queue();
    int signo = 0;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    REQUIRE(queue != NONE);
    int ends[2];
    char text[12], byte;
    REQUIRE(pipe(ends) == 0);
    snprintf(text, sizeof text, "%d", ends[1]);
    pid_t child = start_child("receives_until_killed", NAME, text);
    EQUAL(read(ends[0], &byte, 1), 1);
    pause_for(50);
    kill_child(child);
    CHECK(mq_notify(queue, &event) == 0);
    CHECK(send(queue, "x", 0));
    CHECK(sigwait(&set, &signo) == 0);
    EQUAL(signo, SIGUSR1);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    CHECK(receives(queue, "x", 0));
    done(queue);
}

/* Messages of one letter each, as long as it says. */
CHILD(sends_until_killed)
{
    mqd_t queue = mq_open(argv[1], O_WRONLY);
    char text[SIZE];

    for (unsigned i = 0; queue != NONE; i = (i + 1) % (SIZE - 1)) {
        memset(text, 'a' + (int)i % 26, i + 1);
        if (mq_send(queue, text, i + 1, i % 3) != 0)
            return 1;
    }
    return 2;
}

static bool receives_whole(mqd_t queue)
{
    struct timespec end = in_ms(10000);
    char buffer[SIZE];
    ssize_t n = mq_timedreceive(queue, buffer, sizeof buffer, NULL, &end);

    for (ssize_t i = 0; i < n; i++)
        if (buffer[i] != 'a' + (n - 1) % 26)
            return false;
    return n > 0;
}

BEHAVIOUR(mq_killed_within,
          "XSH mq_send: processes killed while they send and receive hold up no others")
{
    const char *const kinds[2] = {"sends_until_killed", "receives_until_killed"};
    unsigned random = 20171;
    mqd_t queue = open_queue();
    pid_t child[2];

    REQUIRE(queue != NONE);
    for (int i = 0; i < 2; i++)
        child[i] = start_child(kinds[i], NAME, NULL);
    for (int round = 0; round < 30; round++) {
        random = random * 1103515245u + 12345u;
        const struct timespec moment = {0, (long)(random >> 8) % 2000000};
        unsigned which = random >> 30 & 1;
        struct timespec end = in_ms(10000);
        nanosleep(&moment, NULL);
        kill_child(child[which]);
        CHECK(which == 0 ? mq_timedsend(queue, "a", 1, 0, &end) == 0 : receives_whole(queue));
        child[which] = start_child(kinds[which], NAME, NULL);
    }
    for (int i = 0; i < 2; i++)
        kill_child(child[i]);
    struct mq_attr left, old;
    const struct mq_attr at_once = {.mq_flags = O_NONBLOCK};
    CHECK(mq_setattr(queue, &at_once, &old) == 0);
    while (mq_getattr(queue, &left) == 0 && left.mq_curmsgs > 0)
        REQUIRE(receives_whole(queue));
    CHECK(send(queue, "x", 1) && receives(queue, "x", 1));
    done(queue);
}
