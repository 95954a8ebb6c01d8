/* SPDX-License-Identifier: MIT */
/* poll and select. */
#include "behaviour.h"

#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/select.h>

enum { READER, WRITER };

static char block[PIPE_BUF];

static int poll_one(int fd, short events, int timeout, short *revents)
{
    struct pollfd one = {.fd = fd, .events = events, .revents = -1};
    int n = poll(&one, 1, timeout);

    *revents = one.revents;
    return n;
}

static bool fill(int fd)
{
    if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
        return false;
    while (write(fd, block, sizeof block) > 0)
        ;
    return errno == EAGAIN;
}

CHILD(writes_after)
{
    pause_for(atoi(argv[1]));
    return write(STDERR_FILENO + 1 + WRITER, "x", 1) != 1;
}

/* ---- poll ---- */

BEHAVIOUR(poll_nothing, "XSH poll: an empty pipe is not readable; time 0 returns at once")
{
    int ends[2];
    short revents;

    REQUIRE(pipe(ends) == 0);
    EQUAL(poll_one(ends[READER], POLLIN, 0, &revents), 0);
    EQUAL(revents, 0);
}

BEHAVIOUR(poll_readable, "XSH poll: POLLIN when there is something to read")
{
    int ends[2];
    short revents;

    REQUIRE(pipe(ends) == 0 && write(ends[WRITER], "x", 1) == 1);
    EQUAL(poll_one(ends[READER], POLLIN, -1, &revents), 1);
    EQUAL(revents, POLLIN);
}

BEHAVIOUR(poll_rdnorm, "XSH poll: POLLRDNORM tells of normal data as POLLIN does")
{
    int ends[2];
    short revents;

    REQUIRE(pipe(ends) == 0 && write(ends[WRITER], "x", 1) == 1);
    EQUAL(poll_one(ends[READER], POLLRDNORM, -1, &revents), 1);
    EQUAL(revents, POLLRDNORM);
}

BEHAVIOUR(poll_writable, "XSH poll: POLLOUT while the pipe has room, not when it is full")
{
    int ends[2];
    short revents;

    REQUIRE(pipe(ends) == 0);
    EQUAL(poll_one(ends[WRITER], POLLOUT, -1, &revents), 1);
    EQUAL(revents, POLLOUT);
    REQUIRE(fill(ends[WRITER]));
    EQUAL(poll_one(ends[WRITER], POLLOUT, 0, &revents), 0);
}

BEHAVIOUR(poll_level, "XSH poll: tells the state, so again until it has been read")
{
    int ends[2];
    short revents;

    REQUIRE(pipe(ends) == 0 && write(ends[WRITER], "x", 1) == 1);
    EQUAL(poll_one(ends[READER], POLLIN, 0, &revents), 1);
    EQUAL(poll_one(ends[READER], POLLIN, 0, &revents), 1);
    CHECK(reads_as(ends[READER], "x"));
    EQUAL(poll_one(ends[READER], POLLIN, 0, &revents), 0);
}

BEHAVIOUR(poll_hangup, "XSH poll: POLLHUP when the last writer has gone, asked for or not")
{
    int ends[2];
    short revents;

    REQUIRE(pipe(ends) == 0 && close(ends[WRITER]) == 0);
    EQUAL(poll_one(ends[READER], 0, -1, &revents), 1);
    CHECK((revents & POLLHUP) != 0);
}

BEHAVIOUR(poll_hangup_data, "XSH poll: POLLIN too while there is still something to read")
{
    int ends[2];
    short revents;

    REQUIRE(pipe(ends) == 0 && write(ends[WRITER], "x", 1) == 1 && close(ends[WRITER]) == 0);
    EQUAL(poll_one(ends[READER], POLLIN, -1, &revents), 1);
    CHECK((revents & POLLIN) != 0);
}

BEHAVIOUR(poll_no_reader, "XSH poll: POLLERR at the writing end when the last reader has gone")
{
    int ends[2];
    short revents;

    REQUIRE(pipe(ends) == 0 && close(ends[READER]) == 0);
    EQUAL(poll_one(ends[WRITER], POLLOUT, -1, &revents), 1);
    CHECK((revents & POLLERR) != 0);
}

BEHAVIOUR(poll_not_open, "XSH poll: POLLNVAL for a descriptor that is not open, and it counts")
{
    short revents;

    EQUAL(poll_one(50, POLLIN, -1, &revents), 1);
    EQUAL(revents, POLLNVAL);
}

BEHAVIOUR(poll_negative, "XSH poll: a negative descriptor is passed over, with revents 0")
{
    short revents;

    EQUAL(poll_one(-1, POLLIN, 0, &revents), 0);
    EQUAL(revents, 0);
}

BEHAVIOUR(poll_file, "XSH poll: a regular file is always readable and writable")
{
    short revents;

    REQUIRE(put_file("a", ""));
    EQUAL(poll_one(open("a", O_RDWR), POLLIN | POLLOUT, -1, &revents), 1);
    EQUAL(revents, POLLIN | POLLOUT);
}

BEHAVIOUR(poll_counts, "XSH poll: returns how many are ready, and tells for each")
{
    int first[2], second[2];

    REQUIRE(pipe(first) == 0 && pipe(second) == 0 && write(second[WRITER], "x", 1) == 1);
    struct pollfd all[] = {{.fd = first[READER], .events = POLLIN},
                           {.fd = second[READER], .events = POLLIN},
                           {.fd = first[WRITER], .events = POLLOUT}};
    EQUAL(poll(all, 3, -1), 2);
    CHECK(all[0].revents == 0 && all[1].revents == POLLIN && all[2].revents == POLLOUT);
}

BEHAVIOUR(poll_timeout, "XSH poll: returns 0 not before the time is over")
{
    int ends[2];
    short revents;

    REQUIRE(pipe(ends) == 0);
    long long before = milliseconds();
    EQUAL(poll_one(ends[READER], POLLIN, 50, &revents), 0);
    CHECK(milliseconds() - before >= 49);
}

BEHAVIOUR(poll_sleeps, "XSH poll: of nothing is a sleep")
{
    long long before = milliseconds();

    EQUAL(poll(NULL, 0, 30), 0);
    CHECK(milliseconds() - before >= 29);
}

BEHAVIOUR(poll_wakes, "XSH poll: wakes when another process writes")
{
    int ends[2];
    short revents;

    REQUIRE(pipe(ends) == 0);
    pid_t child = start_child("writes_after", "30", NULL);
    EQUAL(poll_one(ends[READER], POLLIN, -1, &revents), 1);
    EQUAL(revents, POLLIN);
    EQUAL(exit_status(child), 0);
}

CHILD(ends_after)
{
    pause_for(atoi(argv[1]));
    return 0;
}

BEHAVIOUR(poll_wakes_at_end, "XSH poll: wakes with POLLHUP when the last writer exits")
{
    int ends[2];
    short revents;

    REQUIRE(pipe(ends) == 0);
    pid_t child = start_child("ends_after", "30", NULL);
    CHECK(close(ends[WRITER]) == 0);
    EQUAL(poll_one(ends[READER], POLLIN, -1, &revents), 1);
    CHECK((revents & POLLHUP) != 0);
    EQUAL(exit_status(child), 0);
}

static volatile sig_atomic_t caught;

static void note(int signo) { caught = signo; }

BEHAVIOUR(poll_interrupted, "XSH poll: a handled signal ends it with EINTR")
{
    int ends[2];
    short revents;

    REQUIRE(pipe(ends) == 0 && handle_signal(SIGALRM, note, 0));
    ring_every(50);
    FAILS(poll_one(ends[READER], POLLIN, 20000, &revents), EINTR);
    ring_every(0);
    EQUAL(caught, SIGALRM);
    signal(SIGALRM, SIG_DFL);
}

static void *polls(void *end)
{
    struct pollfd one = {.fd = *(int *)end, .events = POLLIN};

    return poll(&one, 1, -1) == 0 ? end : NULL;
}

BEHAVIOUR(poll_cancelled, "XSH 2.9.5: poll is a cancellation point")
{
    pthread_t thread;
    void *result = NULL;
    int ends[2];

    REQUIRE(pipe(ends) == 0 && pthread_create(&thread, NULL, polls, &ends[READER]) == 0);
    pause_for(20);
    EQUAL(pthread_cancel(thread), 0);
    EQUAL(pthread_join(thread, &result), 0);
    CHECK(result == PTHREAD_CANCELED);
}

/* ---- select ---- */

static fd_set set_of(int fd)
{
    fd_set set;

    FD_ZERO(&set);
    FD_SET(fd, &set);
    return set;
}

BEHAVIOUR(fd_set_macros, "XSH FD_SET, FD_CLR, FD_ISSET, FD_ZERO: one descriptor each")
{
    fd_set set;

    FD_ZERO(&set);
    CHECK(!FD_ISSET(3, &set));
    FD_SET(3, &set);
    FD_SET(40, &set);
    CHECK(FD_ISSET(3, &set) && FD_ISSET(40, &set) && !FD_ISSET(4, &set));
    FD_CLR(3, &set);
    CHECK(!FD_ISSET(3, &set) && FD_ISSET(40, &set));
    CHECK(FD_SETSIZE >= _POSIX_OPEN_MAX);
}

BEHAVIOUR(select_readable, "XSH select: leaves in the set what is readable")
{
    int first[2], second[2];

    REQUIRE(pipe(first) == 0 && pipe(second) == 0 && write(second[WRITER], "x", 1) == 1);
    fd_set set = set_of(first[READER]);
    FD_SET(second[READER], &set);
    EQUAL(select(second[READER] + 1, &set, NULL, NULL, NULL), 1);
    CHECK(!FD_ISSET(first[READER], &set) && FD_ISSET(second[READER], &set));
}

BEHAVIOUR(select_writable, "XSH select: tells who is writable in the second set")
{
    int ends[2];

    REQUIRE(pipe(ends) == 0);
    fd_set set = set_of(ends[WRITER]);
    EQUAL(select(ends[WRITER] + 1, NULL, &set, NULL, NULL), 1);
    CHECK(FD_ISSET(ends[WRITER], &set));
}

BEHAVIOUR(select_sum, "XSH select: returns the sum over the sets")
{
    int ends[2];

    REQUIRE(pipe(ends) == 0 && write(ends[WRITER], "x", 1) == 1);
    fd_set readers = set_of(ends[READER]), writers = set_of(ends[WRITER]);
    EQUAL(select(ends[WRITER] + 1, &readers, &writers, NULL, NULL), 2);
}

BEHAVIOUR(select_end, "XSH select: the end of the file counts as readable")
{
    int ends[2];

    REQUIRE(pipe(ends) == 0 && close(ends[WRITER]) == 0);
    fd_set set = set_of(ends[READER]);
    EQUAL(select(ends[READER] + 1, &set, NULL, NULL, NULL), 1);
}

BEHAVIOUR(select_timeout, "XSH select: when the time is over 0, and the sets are empty")
{
    struct timeval time = {0, 40000};
    int ends[2];

    REQUIRE(pipe(ends) == 0);
    fd_set set = set_of(ends[READER]);
    long long before = milliseconds();
    EQUAL(select(ends[READER] + 1, &set, NULL, NULL, &time), 0);
    CHECK(milliseconds() - before >= 39 && !FD_ISSET(ends[READER], &set));
}

BEHAVIOUR(select_first_only, "XSH select: looks at the first nfds descriptors only")
{
    struct timeval time = {0, 0};
    int ends[2];

    REQUIRE(pipe(ends) == 0 && write(ends[WRITER], "x", 1) == 1);
    fd_set set = set_of(ends[READER]);
    EQUAL(select(ends[READER], &set, NULL, NULL, &time), 0);
}

BEHAVIOUR(select_errors, "XSH select: a descriptor that is not open is EBADF, nfds below 0 EINVAL")
{
    struct timeval time = {0, 0};
    fd_set set = set_of(50);

    FAILS(select(51, &set, NULL, NULL, &time), EBADF);
    FAILS(select(-1, NULL, NULL, NULL, &time), EINVAL);
}

BEHAVIOUR(select_interrupted, "XSH select: a handled signal ends it with EINTR")
{
    struct timeval time = {20, 0};
    int ends[2];

    REQUIRE(pipe(ends) == 0 && handle_signal(SIGALRM, note, 0));
    fd_set set = set_of(ends[READER]);
    ring_every(50);
    FAILS(select(ends[READER] + 1, &set, NULL, NULL, &time), EINTR);
    ring_every(0);
    signal(SIGALRM, SIG_DFL);
}

BEHAVIOUR(pselect_mask, "XSH pselect: a signal that its mask lets in ends it with EINTR")
{
    const struct timespec time = {20, 0};
    sigset_t none, set, before;

    sigemptyset(&none);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    caught = 0;
    signal(SIGUSR1, note);
    sigprocmask(SIG_BLOCK, &set, &before);
    CHECK(raise(SIGUSR1) == 0 && caught == 0);
    FAILS(pselect(0, NULL, NULL, NULL, &time, &none), EINTR);
    EQUAL(caught, SIGUSR1);
    sigprocmask(SIG_SETMASK, &before, NULL);
    signal(SIGUSR1, SIG_DFL);
}
