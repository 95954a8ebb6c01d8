/* SPDX-License-Identifier: MIT */
/* Pipes. */
#include "behaviour.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>

enum { READER, WRITER };

static char block[PIPE_BUF];

/* Writes until the pipe says that it is full: how many bytes went in, -1 for another error. */
static long fill(int fd)
{
    long written = 0;
    ssize_t n;

    while ((n = write(fd, block, sizeof block)) > 0)
        written += n;
    return n == -1 && errno == EAGAIN ? written : -1;
}

static bool make_nonblocking(int fd)
{
    return fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0;
}

BEHAVIOUR(pipe_order, "XSH pipe: what is written to one end is read from the other, in order")
{
    int ends[2];

    REQUIRE(pipe(ends) == 0);
    EQUAL(write(ends[WRITER], "abc", 3), 3);
    EQUAL(write(ends[WRITER], "def", 3), 3);
    CHECK(reads_as(ends[READER], "abcdef"));
}

BEHAVIOUR(pipe_lowest,
          "XSH pipe: takes the two lowest descriptors that are free, both without flags")
{
    int ends[2];

    REQUIRE(pipe(ends) == 0);
    EQUAL(ends[READER] + ends[WRITER], 3 + 4);
    for (int i = READER; i <= WRITER; i++) {
        EQUAL(fcntl(ends[i], F_GETFD), 0);
        EQUAL(fcntl(ends[i], F_GETFL) & O_NONBLOCK, 0);
    }
}

BEHAVIOUR(pipe_directions, "XSH pipe: the first is open for reading, the second for writing")
{
    int ends[2];
    char byte = 0;

    REQUIRE(pipe(ends) == 0);
    EQUAL(fcntl(ends[READER], F_GETFL) & O_ACCMODE, O_RDONLY);
    EQUAL(fcntl(ends[WRITER], F_GETFL) & O_ACCMODE, O_WRONLY);
    FAILS(write(ends[READER], &byte, 1), EBADF);
    FAILS(read(ends[WRITER], &byte, 1), EBADF);
}

BEHAVIOUR(pipe_short_read, "XSH read: of a pipe returns what is there without waiting for more")
{
    int ends[2];
    char buffer[100];

    REQUIRE(pipe(ends) == 0);
    EQUAL(write(ends[WRITER], "abc", 3), 3);
    EQUAL(read(ends[READER], buffer, sizeof buffer), 3);
}

BEHAVIOUR(pipe_partial, "XSH read: leaves in a pipe what was not asked for")
{
    int ends[2];

    REQUIRE(pipe(ends) == 0);
    EQUAL(write(ends[WRITER], "abcdef", 6), 6);
    CHECK(reads_as(ends[READER], "ab"));
    CHECK(reads_as(ends[READER], "cdef"));
}

BEHAVIOUR(pipe_end, "XSH read: 0 when no writer is left, after all that was written")
{
    int ends[2];
    char byte;

    REQUIRE(pipe(ends) == 0);
    EQUAL(write(ends[WRITER], "abc", 3), 3);
    CHECK(close(ends[WRITER]) == 0);
    CHECK(reads_as(ends[READER], "abc"));
    EQUAL(read(ends[READER], &byte, 1), 0);
    EQUAL(read(ends[READER], &byte, 1), 0);
}

BEHAVIOUR(pipe_end_last_writer, "XSH read: a copy of the writing end keeps the pipe from ending")
{
    int ends[2];
    char byte;

    REQUIRE(pipe(ends) == 0 && make_nonblocking(ends[READER]));
    int copy = dup(ends[WRITER]);
    CHECK(close(ends[WRITER]) == 0);
    FAILS(read(ends[READER], &byte, 1), EAGAIN);
    CHECK(close(copy) == 0);
    EQUAL(read(ends[READER], &byte, 1), 0);
}

BEHAVIOUR(pipe_nobody_reads, "XSH write: EPIPE if no reader is left and SIGPIPE is ignored")
{
    int ends[2];

    REQUIRE(pipe(ends) == 0);
    CHECK(close(ends[READER]) == 0);
    signal(SIGPIPE, SIG_IGN);
    FAILS(write(ends[WRITER], "x", 1), EPIPE);
    signal(SIGPIPE, SIG_DFL);
}

static volatile sig_atomic_t broken;

static void note_broken(int signo) { broken = signo; }

BEHAVIOUR(pipe_sigpipe, "XSH write: SIGPIPE is sent to the writer if no reader is left")
{
    int ends[2];

    broken = 0;
    REQUIRE(pipe(ends) == 0);
    CHECK(close(ends[READER]) == 0);
    signal(SIGPIPE, note_broken);
    FAILS(write(ends[WRITER], "x", 1), EPIPE);
    EQUAL(broken, SIGPIPE);
    signal(SIGPIPE, SIG_DFL);
}

BEHAVIOUR(pipe_empty_nonblocking, "XSH read: O_NONBLOCK and an empty pipe with a writer is EAGAIN")
{
    int ends[2];
    char byte;

    REQUIRE(pipe(ends) == 0 && make_nonblocking(ends[READER]));
    FAILS(read(ends[READER], &byte, 1), EAGAIN);
    EQUAL(write(ends[WRITER], "x", 1), 1);
    EQUAL(read(ends[READER], &byte, 1), 1);
}

BEHAVIOUR(pipe_full_nonblocking, "XSH write: O_NONBLOCK and a full pipe is EAGAIN")
{
    int ends[2];

    REQUIRE(pipe(ends) == 0 && make_nonblocking(ends[WRITER]));
    long size = fill(ends[WRITER]);
    CHECK(size >= PIPE_BUF);
    FAILS(write(ends[WRITER], block, PIPE_BUF), EAGAIN);
    EQUAL(read(ends[READER], block, PIPE_BUF), PIPE_BUF);
    EQUAL(write(ends[WRITER], block, PIPE_BUF), PIPE_BUF);
}

BEHAVIOUR(pipe_atomic, "XSH write: up to PIPE_BUF bytes go into a pipe whole or not at all")
{
    int ends[2];
    char byte;

    REQUIRE(pipe(ends) == 0 && make_nonblocking(ends[WRITER]));
    long size = fill(ends[WRITER]);
    EQUAL(read(ends[READER], &byte, 1), 1);
    FAILS(write(ends[WRITER], block, PIPE_BUF), EAGAIN);
    make_nonblocking(ends[READER]);
    long left = 0;
    for (ssize_t n; (n = read(ends[READER], block, sizeof block)) > 0;)
        left += n;
    EQUAL(left, size - 1);
}

BEHAVIOUR(pipe_buf_size, "XBD limits.h: PIPE_BUF is at least 512; fpathconf tells it")
{
    int ends[2];

    REQUIRE(pipe(ends) == 0);
    CHECK(PIPE_BUF >= _POSIX_PIPE_BUF);
    CHECK(fpathconf(ends[READER], _PC_PIPE_BUF) >= _POSIX_PIPE_BUF);
}

BEHAVIOUR(pipe_seek, "XSH lseek: of a pipe fails with ESPIPE, as pread does")
{
    int ends[2];
    char byte;

    REQUIRE(pipe(ends) == 0);
    FAILS(lseek(ends[READER], 0, SEEK_CUR), ESPIPE);
    FAILS(pread(ends[READER], &byte, 1, 0), ESPIPE);
}

BEHAVIOUR(pipe_stat, "XSH fstat: a pipe is S_ISFIFO")
{
    int ends[2];
    struct stat status;

    REQUIRE(pipe(ends) == 0);
    CHECK(fstat(ends[READER], &status) == 0 && S_ISFIFO(status.st_mode));
    CHECK(fstat(ends[WRITER], &status) == 0 && S_ISFIFO(status.st_mode));
}

BEHAVIOUR(pipe_zero_write, "XSH write: of nothing writes nothing and succeeds")
{
    int ends[2];
    char byte;

    REQUIRE(pipe(ends) == 0 && make_nonblocking(ends[READER]));
    EQUAL(write(ends[WRITER], "", 0), 0);
    FAILS(read(ends[READER], &byte, 1), EAGAIN);
}

CHILD(say) { return write(STDOUT_FILENO, argv[1], strlen(argv[1])) < 0; }

CHILD(copy_through)
{
    char buffer[64];
    ssize_t n;

    while ((n = read(STDIN_FILENO, buffer, sizeof buffer)) > 0)
        if (write(STDOUT_FILENO, buffer, (size_t)n) != n)
            return 1;
    return n != 0;
}

/* Starts a child with these as its 0 and 1, and with no descriptor beyond 2. */
static pid_t start_between(const char *name, const char *argument, int input, int output)
{
    int saved_input = dup(STDIN_FILENO), saved_output = dup(STDOUT_FILENO);

    for (int fd = 3; fd < 20; fd++)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    pid_t child = start_child(name, argument, NULL);
    dup2(saved_input, STDIN_FILENO);
    dup2(saved_output, STDOUT_FILENO);
    close(saved_input);
    close(saved_output);
    return child;
}

BEHAVIOUR(pipe_from_child, "XSH pipe: a child that inherited the writing end writes to its parent")
{
    int ends[2];
    char byte;

    REQUIRE(pipe(ends) == 0);
    pid_t child = start_between("say", "hello", STDIN_FILENO, ends[WRITER]);
    CHECK(close(ends[WRITER]) == 0);
    CHECK(reads_as(ends[READER], "hello"));
    EQUAL(read(ends[READER], &byte, 1), 0);
    EQUAL(exit_status(child), 0);
}

BEHAVIOUR(pipe_through_child, "XSH pipe: a filter between two pipes ends when its input ends")
{
    int to[2], from[2];
    char byte;

    REQUIRE(pipe(to) == 0 && pipe(from) == 0);
    pid_t child = start_between("copy_through", NULL, to[READER], from[WRITER]);
    CHECK(close(to[READER]) == 0 && close(from[WRITER]) == 0);
    EQUAL(write(to[WRITER], "there and back", 14), 14);
    CHECK(reads_as(from[READER], "there and back"));
    CHECK(close(to[WRITER]) == 0);
    EQUAL(read(from[READER], &byte, 1), 0);
    EQUAL(exit_status(child), 0);
}

BEHAVIOUR(pipe_waits_for_writer, "XSH read: waits until a writer has written")
{
    int ends[2];

    REQUIRE(pipe(ends) == 0);
    pid_t child = start_between("say", "late", STDIN_FILENO, ends[WRITER]);
    CHECK(reads_as(ends[READER], "late"));
    EQUAL(exit_status(child), 0);
}

CHILD(write_twice_the_pipe)
{
    for (int i = 0; i < atoi(argv[1]); i++)
        if (write(STDOUT_FILENO, block, sizeof block) != (ssize_t)sizeof block)
            return 1;
    return 0;
}

BEHAVIOUR(pipe_waits_for_reader, "XSH write: waits until there is room, and loses nothing")
{
    int ends[2];
    char count[20], buffer[1000];
    long left = 0;
    ssize_t n;

    REQUIRE(pipe(ends) == 0 && make_nonblocking(ends[WRITER]));
    int blocks = 2 * (int)(fill(ends[WRITER]) / (long)sizeof block);
    CHECK(close(ends[READER]) == 0 && close(ends[WRITER]) == 0 && pipe(ends) == 0);
    snprintf(count, sizeof count, "%d", blocks);
    pid_t child = start_between("write_twice_the_pipe", count, STDIN_FILENO, ends[WRITER]);
    CHECK(close(ends[WRITER]) == 0);
    while ((n = read(ends[READER], buffer, sizeof buffer)) > 0)
        left += n;
    EQUAL(left, blocks * (long)sizeof block);
    EQUAL(exit_status(child), 0);
}

BEHAVIOUR(pipe_streams, "XSH fdopen: stdio streams on both ends of a pipe")
{
    int ends[2];
    char line[32];

    REQUIRE(pipe(ends) == 0);
    FILE *out = fdopen(ends[WRITER], "w"), *in = fdopen(ends[READER], "r");
    REQUIRE(out != NULL && in != NULL);
    CHECK(fprintf(out, "number %d\n", 7) > 0 && fclose(out) == 0);
    CHECK(fgets(line, sizeof line, in) != NULL && strcmp(line, "number 7\n") == 0);
    CHECK(fgets(line, sizeof line, in) == NULL && feof(in));
    fclose(in);
}

static void ignore_ring(int signo) { (void)signo; }

BEHAVIOUR(readv_interrupted, "XSH readv: a handled signal ends a waiting one with EINTR")
{
    char first[2], second[2];
    const struct iovec vector[2] = {{first, sizeof first}, {second, sizeof second}};
    int ends[2];

    REQUIRE(pipe(ends) == 0 && handle_signal(SIGALRM, ignore_ring, 0));
    ring_every(50);
    FAILS(readv(ends[READER], vector, 2), EINTR);
    ring_every(0);
    signal(SIGALRM, SIG_DFL);
}

BEHAVIOUR(write_interrupted, "XSH write: a handled signal ends one that waits for room with EINTR")
{
    int ends[2];

    REQUIRE(pipe(ends) == 0 && handle_signal(SIGALRM, ignore_ring, 0));
    REQUIRE(make_nonblocking(ends[WRITER]));
    fill(ends[WRITER]);
    REQUIRE(fcntl(ends[WRITER], F_SETFL, 0) == 0);
    ring_every(50);
    FAILS(write(ends[WRITER], "x", 1), EINTR);
    ring_every(0);
    signal(SIGALRM, SIG_DFL);
}
