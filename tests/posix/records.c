/* SPDX-License-Identifier: MIT */
/* Record locks: fcntl's F_SETLK, F_SETLKW and F_GETLK, and lockf. */
#include "behaviour.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#define READY 30 /* a child's descriptors: it says that it has come so far, */
#define GO 31    /* and waits to be told to go on */

static struct flock range(short type, off_t start, off_t length)
{
    return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
}

static int set(int fd, int command, short type, off_t start, off_t length)
{
    struct flock wanted = range(type, start, length);
    return fcntl(fd, command, &wanted);
}

static int open_new(void) { return put_file("a", "0123456789") ? open("a", O_RDWR) : -1; }

/* ---- Other processes ---- */

/* "r 3 4": a read lock of 4 bytes from 3 on; "w", "u" likewise. */
static struct flock parse(const char *text)
{
    int start = 0, length = 0;
    char type = 0;

    sscanf(text, "%c %d %d", &type, &start, &length);
    return range(type == 'r' ? F_RDLCK : type == 'w' ? F_WRLCK : F_UNLCK, start, length);
}

CHILD(try)
{
    struct flock wanted = parse(argv[1]);
    int fd = open("a", wanted.l_type == F_RDLCK ? O_RDONLY : O_RDWR);

    return fd < 0 ? 100 : fcntl(fd, F_SETLK, &wanted) == 0 ? 0 : errno;
}

/* Whether another process can lock that now. */
static bool can(const char *text) { return run_child("try", text, NULL) == 0; }

static bool cannot(const char *text)
{
    int error = run_child("try", text, NULL);
    return error == EAGAIN || error == EACCES;
}

/* Locks, tells so, waits to be told, and does the second thing if there is one. */
CHILD(hold)
{
    struct flock first = parse(argv[1]), second = parse(argc > 2 ? argv[2] : "u 0 0");
    int fd = open("a", O_RDWR);
    char byte;

    if (fd < 0 || fcntl(fd, F_SETLKW, &first) != 0 || write(READY, "y", 1) != 1)
        return 100;
    while (read(GO, &byte, 1) < 0 && errno == EINTR)
        ;
    if (argc > 2 && fcntl(fd, F_SETLKW, &second) != 0)
        return errno;
    return argc > 2 && write(READY, "z", 1) != 1;
}

struct other {
    pid_t pid;
    int ready, go;
};

/* Its ends become READY and GO, ours are not for it. */
static bool start_other(struct other *other, const char *first, const char *second)
{
    int ready[2], go[2];

    if (pipe(ready) != 0 || pipe(go) != 0)
        return false;
    other->ready = fcntl(ready[0], F_DUPFD_CLOEXEC, 40);
    other->go = fcntl(go[1], F_DUPFD_CLOEXEC, 40);
    dup2(ready[1], READY);
    dup2(go[0], GO);
    for (int i = 0; i < 2; i++) {
        close(ready[i]);
        close(go[i]);
    }
    other->pid = start_child("hold", first, second);
    close(READY);
    close(GO);
    return other->pid > 0;
}

static bool is_ready(const struct other *other)
{
    char byte = 0;
    return read(other->ready, &byte, 1) == 1;
}

static bool says_nothing(const struct other *other)
{
    struct pollfd one = {.fd = other->ready, .events = POLLIN};
    return poll(&one, 1, 50) == 0;
}

static int end_other(const struct other *other)
{
    close(other->go);
    int status = exit_status(other->pid);
    close(other->ready);
    return status;
}

static void kill_other(const struct other *other)
{
    kill(other->pid, SIGKILL);
    waitpid(other->pid, NULL, 0);
}

/* ---- What excludes what ---- */

BEHAVIOUR(write_excludes,
          "XSH fcntl: F_SETLK where another process has a write lock: EAGAIN or EACCES")
{
    int fd = open_new();

    EQUAL(set(fd, F_SETLK, F_WRLCK, 0, 10), 0);
    CHECK(cannot("w 0 10"));
    CHECK(cannot("r 5 1"));
}

BEHAVIOUR(read_shares, "XSH fcntl: read locks of several processes overlap; a write lock cannot")
{
    int fd = open_new();

    EQUAL(set(fd, F_SETLK, F_RDLCK, 0, 10), 0);
    CHECK(can("r 0 10"));
    CHECK(cannot("w 9 1"));
}

BEHAVIOUR(other_bytes, "XSH fcntl: what is not locked other processes can lock, to the byte")
{
    int fd = open_new();

    EQUAL(set(fd, F_SETLK, F_WRLCK, 3, 4), 0);
    CHECK(can("w 0 3"));
    CHECK(can("w 7 1"));
    CHECK(cannot("w 2 2"));
    CHECK(cannot("w 6 1"));
}

BEHAVIOUR(other_file,
          "XSH fcntl: locks belong to the file: one of the same name after unlink is another")
{
    int fd = open_new();

    EQUAL(set(fd, F_SETLK, F_WRLCK, 0, 0), 0);
    CHECK(unlink("a") == 0);
    REQUIRE(put_file("a", ""));
    CHECK(can("w 0 0"));
}

BEHAVIOUR(renamed_file, "XSH fcntl: a renamed file keeps its locks")
{
    REQUIRE(put_file("b", "x"));
    int fd = open("b", O_RDWR);
    EQUAL(set(fd, F_SETLK, F_WRLCK, 0, 1), 0);
    CHECK(rename("b", "a") == 0);
    CHECK(cannot("w 0 1"));
}

/* ---- One's own ---- */

BEHAVIOUR(own_replaced,
          "XSH fcntl: a process's own lock is not in its way: the new one replaces it")
{
    int fd = open_new(), second = open("a", O_RDWR);

    EQUAL(set(fd, F_SETLK, F_WRLCK, 0, 10), 0);
    EQUAL(set(second, F_SETLK, F_RDLCK, 0, 10), 0);
    CHECK(can("r 0 10"));
    CHECK(cannot("w 0 10"));
}

BEHAVIOUR(middle_unlocked, "XSH fcntl: unlocking the middle of a lock leaves both ends locked")
{
    int fd = open_new();

    EQUAL(set(fd, F_SETLK, F_WRLCK, 0, 10), 0);
    EQUAL(set(fd, F_SETLK, F_UNLCK, 4, 2), 0);
    CHECK(can("w 4 2"));
    CHECK(cannot("r 3 1"));
    CHECK(cannot("r 6 1"));
}

BEHAVIOUR(middle_changed, "XSH fcntl: a lock of another type inside one leaves the rest as it was")
{
    int fd = open_new();

    EQUAL(set(fd, F_SETLK, F_RDLCK, 0, 10), 0);
    EQUAL(set(fd, F_SETLK, F_WRLCK, 4, 2), 0);
    CHECK(cannot("r 4 1"));
    CHECK(cannot("r 5 1"));
    CHECK(can("r 0 4"));
    CHECK(can("r 6 4"));
    CHECK(cannot("w 0 1"));
}

BEHAVIOUR(joined, "XSH fcntl: locks that touch are unlocked by one call, like those that overlap")
{
    int fd = open_new();

    EQUAL(set(fd, F_SETLK, F_WRLCK, 0, 5), 0);
    EQUAL(set(fd, F_SETLK, F_WRLCK, 5, 5), 0);
    EQUAL(set(fd, F_SETLK, F_WRLCK, 2, 6), 0);
    CHECK(cannot("w 9 1"));
    EQUAL(set(fd, F_SETLK, F_UNLCK, 1, 8), 0);
    CHECK(can("w 1 8"));
    CHECK(cannot("w 0 1"));
    CHECK(cannot("w 9 1"));
}

BEHAVIOUR(unlock_nothing, "XSH fcntl: to unlock what is not locked succeeds")
{
    int fd = open_new();

    EQUAL(set(fd, F_SETLK, F_UNLCK, 3, 4), 0);
    EQUAL(set(fd, F_SETLKW, F_UNLCK, 0, 0), 0);
}

/* ---- Ranges ---- */

BEHAVIOUR(length_zero, "XSH fcntl: l_len 0 locks from l_start on, however long the file becomes")
{
    int fd = open_new();

    EQUAL(set(fd, F_SETLK, F_WRLCK, 8, 0), 0);
    CHECK(can("w 0 8"));
    CHECK(cannot("w 8 1"));
    CHECK(cannot("r 1000000 1"));
}

BEHAVIOUR(length_negative, "XSH fcntl: with l_len below 0 the bytes before l_start are locked")
{
    int fd = open_new();

    EQUAL(set(fd, F_SETLK, F_WRLCK, 8, -3), 0);
    CHECK(cannot("r 5 1"));
    CHECK(cannot("r 7 1"));
    CHECK(can("w 4 1"));
    CHECK(can("w 8 1"));
}

BEHAVIOUR(whence,
          "XSH fcntl: l_start counts from the offset with SEEK_CUR, from the end with SEEK_END")
{
    int fd = open_new();
    struct flock wanted = {.l_type = F_WRLCK, .l_whence = SEEK_CUR, .l_start = -1, .l_len = 1};

    EQUAL(lseek(fd, 5, SEEK_SET), 5);
    EQUAL(fcntl(fd, F_SETLK, &wanted), 0);
    wanted = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_END, .l_start = -2, .l_len = 1};
    EQUAL(fcntl(fd, F_SETLK, &wanted), 0);
    CHECK(cannot("r 4 1"));
    CHECK(cannot("r 8 1"));
    CHECK(can("w 5 3"));
    CHECK(can("w 9 1"));
    EQUAL(lseek(fd, 0, SEEK_CUR), 5);
}

BEHAVIOUR(beyond_end, "XSH fcntl: bytes behind the end of the file can be locked")
{
    int fd = open_new();

    EQUAL(set(fd, F_SETLK, F_WRLCK, 5000, 10), 0);
    CHECK(cannot("w 5009 1"));
    CHECK(can("w 5010 1"));
}

BEHAVIOUR(before_start, "XSH fcntl: a range that begins before the file is EINVAL")
{
    int fd = open_new();

    FAILS(set(fd, F_SETLK, F_RDLCK, -1, 1), EINVAL);
    FAILS(set(fd, F_SETLK, F_RDLCK, 2, -3), EINVAL);
}

BEHAVIOUR(too_far, "XSH fcntl: a range whose last byte off_t cannot hold is EOVERFLOW")
{
    int fd = open_new();
    off_t most = (off_t)((1ull << (sizeof(off_t) * 8 - 1)) - 1);

    FAILS(set(fd, F_SETLK, F_RDLCK, most, 2), EOVERFLOW);
    EQUAL(set(fd, F_SETLK, F_RDLCK, most, 1), 0);
}

/* ---- Errors ---- */

BEHAVIOUR(mode_needed,
          "XSH fcntl: a read lock needs a file open for reading, a write lock for writing: EBADF")
{
    REQUIRE(put_file("a", "x"));
    int reader = open("a", O_RDONLY), writer = open("a", O_WRONLY);
    FAILS(set(reader, F_SETLK, F_WRLCK, 0, 1), EBADF);
    FAILS(set(writer, F_SETLK, F_RDLCK, 0, 1), EBADF);
    EQUAL(set(reader, F_SETLK, F_RDLCK, 0, 1), 0);
    EQUAL(set(writer, F_SETLK, F_WRLCK, 0, 1), 0);
}

BEHAVIOUR(lock_not_open, "XSH fcntl: F_SETLK, F_SETLKW and F_GETLK of no descriptor are EBADF")
{
    FAILS(set(50, F_SETLK, F_RDLCK, 0, 1), EBADF);
    FAILS(set(50, F_SETLKW, F_RDLCK, 0, 1), EBADF);
    FAILS(set(-1, F_GETLK, F_RDLCK, 0, 1), EBADF);
}

BEHAVIOUR(lock_invalid, "XSH fcntl: an unknown l_type or l_whence is EINVAL")
{
    int fd = open_new();
    struct flock wanted = range(77, 0, 1);

    FAILS(fcntl(fd, F_SETLK, &wanted), EINVAL);
    wanted = range(F_RDLCK, 0, 1);
    wanted.l_whence = 77;
    FAILS(fcntl(fd, F_SETLK, &wanted), EINVAL);
}

/* ---- F_GETLK ---- */

BEHAVIOUR(getlk_free, "XSH fcntl: F_GETLK of what could be locked sets l_type to F_UNLCK only")
{
    int fd = open_new();
    struct flock wanted = range(F_WRLCK, 2, 3);

    EQUAL(set(fd, F_SETLK, F_WRLCK, 0, 0), 0);
    EQUAL(fcntl(fd, F_GETLK, &wanted), 0);
    EQUAL(wanted.l_type, F_UNLCK);
    EQUAL(wanted.l_start, 2);
    EQUAL(wanted.l_len, 3);
}

BEHAVIOUR(getlk_hindered, "XSH fcntl: F_GETLK tells type, range and process of a lock in the way")
{
    int fd = open_new();
    struct flock wanted = range(F_RDLCK, 0, 0);
    struct other other;

    REQUIRE(start_other(&other, "w 3 4", NULL) && is_ready(&other));
    EQUAL(fcntl(fd, F_GETLK, &wanted), 0);
    EQUAL(wanted.l_type, F_WRLCK);
    EQUAL(wanted.l_whence, SEEK_SET);
    EQUAL(wanted.l_start, 3);
    EQUAL(wanted.l_len, 4);
    EQUAL(wanted.l_pid, other.pid);
    EQUAL(end_other(&other), 0);
}

BEHAVIOUR(getlk_endless, "XSH fcntl: F_GETLK tells a lock to the end of the file with l_len 0")
{
    int fd = open_new();
    struct flock wanted = range(F_WRLCK, 50, 1);
    struct other other;

    REQUIRE(start_other(&other, "r 3 0", NULL) && is_ready(&other));
    EQUAL(fcntl(fd, F_GETLK, &wanted), 0);
    EQUAL(wanted.l_type, F_RDLCK);
    EQUAL(wanted.l_len, 0);
    EQUAL(end_other(&other), 0);
}

/* ---- The end of locks ---- */

BEHAVIOUR(close_unlocks,
          "XSH close: closing any descriptor of a file ends all locks of the process on it")
{
    int fd = open_new(), second = open("a", O_RDONLY);

    EQUAL(set(fd, F_SETLK, F_WRLCK, 0, 10), 0);
    CHECK(cannot("w 0 1"));
    CHECK(close(second) == 0);
    CHECK(can("w 0 10"));
}

BEHAVIOUR(dup_unlocks,
          "XSH dup2: putting another file over a descriptor ends the locks on its file")
{
    int fd = open_new(), second = dup(fd);

    EQUAL(set(fd, F_SETLK, F_WRLCK, 0, 10), 0);
    EQUAL(dup2(STDERR_FILENO, second), second);
    CHECK(can("w 0 10"));
}

BEHAVIOUR(close_of_another, "XSH close: closing another file ends no locks")
{
    int fd = open_new(), other;

    REQUIRE(put_file("b", ""));
    other = open("b", O_RDWR);
    EQUAL(set(fd, F_SETLK, F_WRLCK, 0, 10), 0);
    CHECK(close(other) == 0);
    CHECK(cannot("r 0 1"));
}

BEHAVIOUR(exit_unlocks, "XSH _exit: a process that ends, even by SIGKILL, leaves no locks")
{
    int fd = open_new();
    struct other other;

    REQUIRE(start_other(&other, "w 0 0", NULL) && is_ready(&other));
    CHECK(set(fd, F_SETLK, F_RDLCK, 0, 1) == -1);
    kill_other(&other);
    EQUAL(set(fd, F_SETLK, F_RDLCK, 0, 1), 0);
    EQUAL(set(fd, F_SETLK, F_UNLCK, 0, 0), 0);
    REQUIRE(start_other(&other, "w 0 0", NULL) && is_ready(&other));
    EQUAL(end_other(&other), 0);
    EQUAL(set(fd, F_SETLK, F_WRLCK, 0, 1), 0);
}

CHILD(inherits)
{
    return set(atoi(argv[1]), F_SETLK, F_WRLCK, 0, 1) == 0 ? 1 : close(atoi(argv[1])) != 0;
}

BEHAVIOUR(not_inherited, "XSH posix_spawn: a child has no locks of its parent, and ends none")
{
    int fd = open_new();
    char text[12];

    snprintf(text, sizeof text, "%d", fd);
    EQUAL(set(fd, F_SETLK, F_WRLCK, 0, 10), 0);
    EQUAL(run_child("inherits", text, NULL), 0);
    CHECK(cannot("w 0 1"));
}

/* ---- Waiting ---- */

BEHAVIOUR(setlkw_waits, "XSH fcntl: F_SETLKW waits until the lock in the way is gone")
{
    int fd = open_new();
    struct other other;

    EQUAL(set(fd, F_SETLK, F_WRLCK, 0, 10), 0);
    REQUIRE(start_other(&other, "w 5 1", NULL));
    CHECK(says_nothing(&other));
    EQUAL(set(fd, F_SETLK, F_UNLCK, 0, 5), 0);
    CHECK(says_nothing(&other));
    EQUAL(set(fd, F_SETLK, F_UNLCK, 5, 1), 0);
    CHECK(is_ready(&other));
    FAILS(set(fd, F_SETLK, F_RDLCK, 5, 1), EAGAIN);
    EQUAL(end_other(&other), 0);
}

static void on_alarm(int signo) { (void)signo; }

BEHAVIOUR(setlkw_interrupted,
          "XSH fcntl: F_SETLKW that a signal handler interrupts is EINTR and locks nothing")
{
    int fd = open_new();
    struct other other;

    REQUIRE(start_other(&other, "w 0 10", NULL) && is_ready(&other));
    REQUIRE(handle_signal(SIGALRM, on_alarm, 0));
    ring_every(30);
    FAILS(set(fd, F_SETLKW, F_WRLCK, 5, 1), EINTR);
    ring_every(0);
    signal(SIGALRM, SIG_DFL);
    EQUAL(end_other(&other), 0);
    CHECK(can("w 5 1"));
}

BEHAVIOUR(setlkw_deadlock, "XSH fcntl: F_SETLKW in a circle of processes that wait is EDEADLK")
{
    int fd = open_new();
    struct other other;

    EQUAL(set(fd, F_SETLK, F_WRLCK, 0, 1), 0);
    REQUIRE(start_other(&other, "w 1 1", "w 0 1") && is_ready(&other));
    EQUAL(close(other.go), 0);
    /* Whoever comes second closes the circle, and is told. */
    int result = set(fd, F_SETLKW, F_WRLCK, 1, 1);
    CHECK(result == 0 || errno == EDEADLK);
    EQUAL(set(fd, F_SETLK, F_UNLCK, 0, 0), 0);
    EQUAL(exit_status(other.pid), result == 0 ? EDEADLK : 0);
}

BEHAVIOUR(setlkw_killed, "XSH fcntl: a process killed while it waits in F_SETLKW gets no lock")
{
    int fd = open_new();
    struct other other;

    EQUAL(set(fd, F_SETLK, F_WRLCK, 0, 10), 0);
    REQUIRE(start_other(&other, "w 0 10", NULL));
    CHECK(says_nothing(&other));
    kill_other(&other);
    EQUAL(set(fd, F_SETLK, F_UNLCK, 0, 0), 0);
    CHECK(can("w 0 10"));
}

/* ---- lockf ---- */

BEHAVIOUR(lockf_locks, "XSH lockf: F_TLOCK locks from the offset on, F_ULOCK unlocks")
{
    int fd = open_new();

    EQUAL(lseek(fd, 2, SEEK_SET), 2);
    EQUAL(lockf(fd, F_TLOCK, 3), 0);
    CHECK(cannot("r 2 1"));
    CHECK(can("w 5 1"));
    EQUAL(lockf(fd, F_ULOCK, 3), 0);
    CHECK(can("w 2 3"));
    EQUAL(lockf(fd, F_LOCK, 0), 0);
    CHECK(cannot("r 500 1"));
}

BEHAVIOUR(lockf_hindered,
          "XSH lockf: F_TLOCK and F_TEST of what another process has locked: EACCES or EAGAIN")
{
    int fd = open_new();
    struct other other;

    EQUAL(lockf(fd, F_TEST, 0), 0);
    REQUIRE(start_other(&other, "w 3 4", NULL) && is_ready(&other));
    EQUAL(lockf(fd, F_TEST, 3), 0);
    CHECK(lockf(fd, F_TEST, 0) == -1 && (errno == EACCES || errno == EAGAIN));
    CHECK(lockf(fd, F_TLOCK, 4) == -1 && (errno == EACCES || errno == EAGAIN));
    EQUAL(end_other(&other), 0);
}

BEHAVIOUR(lockf_invalid,
          "XSH lockf: no such function is EINVAL, no descriptor or one to read EBADF")
{
    int fd = open_new(), reader = open("a", O_RDONLY);

    FAILS(lockf(fd, 77, 0), EINVAL);
    FAILS(lockf(50, F_TLOCK, 0), EBADF);
    FAILS(lockf(reader, F_TLOCK, 0), EBADF);
}

BEHAVIOUR(program_locked, "XSH fcntl: a file that can only be read can have read locks")
{
    int fd = open(own_path(), O_RDONLY);

    REQUIRE(fd >= 0);
    EQUAL(set(fd, F_SETLK, F_RDLCK, 0, 0), 0);
    FAILS(set(fd, F_SETLK, F_WRLCK, 0, 0), EBADF);
    EQUAL(set(fd, F_SETLK, F_UNLCK, 0, 0), 0);
}
