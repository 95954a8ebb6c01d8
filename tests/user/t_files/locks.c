/* SPDX-License-Identifier: MIT */
/* Locks beyond what tests/posix can say: limits, whose they are, and clients that cheat. */
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iris/object.h>

#include "file.h"
#include "kit.h"
#include "names.h"
#include "t_files.h"

#define PATH "/tmp/locked"
#define RANGES 32 /* that a process can have, LOCK_RANGES_MAX */
#define WAITERS 8 /* threads of it that can wait, WAITERS_EACH */

static uint32_t file; /* portal: PATH, opened past the C library */

static int set(uint32_t locker, enum file_lock_kind kind, uint32_t start, uint32_t last)
{
    return file_lock(file, kind, false, start, last, locker);
}

static bool is_locked(uint32_t start, uint32_t last, uint32_t *space)
{
    struct file_lock found = {.kind = FILE_LOCK_KIND_UNLOCKED};
    int status = file_lock_test(file, FILE_LOCK_KIND_EXCLUSIVE, start, last, &found, 0);
    *space = found.space;
    return status == 0 && found.kind != FILE_LOCK_KIND_UNLOCKED;
}

/* ---- A process that would like others' locks ---- */

static uint32_t own_space(void)
{
    struct iris_handle_info info;
    return iris_handle_identify(IRIS_SLOT_SPACE, 0, &info) == 0 ? info.object : 0;
}

/* Bytes 0 to 9 are its parent's. Exit status: what went wrong, 0 nothing. */
int lock_child(const char *what)
{
    uint32_t tmp, locker, other, space;

    if (names_lookup(IRIS_SLOT_NAMES, "files/tmp", &tmp) != 0 ||
        file_open(tmp, "locked", FILE_OPEN_READ | FILE_OPEN_WRITE, 0, &file) != 0 ||
        file_locker(file, IRIS_SLOT_SPACE, &locker) != 0)
        return 1;
    if (strcmp(what, "hold") == 0) {
        if (set(locker, FILE_LOCK_KIND_EXCLUSIVE, 100, 100) != 0 || write(1, "y", 1) != 1)
            return 2;
        pause();
    }
    if (set(locker, FILE_LOCK_KIND_UNLOCKED, 0, FILE_MAX_SIZE) != 0 || !is_locked(0, 9, &space))
        return 3; /* unlocking what is not one's own */
    if (space == own_space() || set(locker, FILE_LOCK_KIND_SHARED, 5, 5) != -EAGAIN)
        return 4;
    if (set(file, FILE_LOCK_KIND_UNLOCKED, 0, 9) != -EBADF ||
        set(tmp, FILE_LOCK_KIND_UNLOCKED, 0, 9) != -EBADF ||
        set(IRIS_SLOT_LOG, FILE_LOCK_KIND_UNLOCKED, 0, 9) != -EBADF)
        return 5; /* a portal that is no locker */
    for (uint32_t slot = 4; slot < 64; slot++)
        if (slot != locker && set(slot, FILE_LOCK_KIND_UNLOCKED, 0, 9) == 0)
            return 6; /* whatever else it has */
    if (file_locker(file, IRIS_SLOT_THREAD, &other) != -EINVAL ||
        file_locker(file, file, &other) != -EINVAL)
        return 7; /* showing something else than a space */
    iris_handle_discard(locker);
    return is_locked(0, 9, &space) ? 0 : 8;
}

static pid_t start(char *what, int output)
{
    char *argv[] = {"t_files", "lock-child", what, NULL};
    posix_spawn_file_actions_t actions;
    pid_t pid = -1;

    posix_spawn_file_actions_init(&actions);
    if (output >= 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1);
    posix_spawn(&pid, "/bin/t_files", &actions, NULL, argv, NULL);
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

static void check_others(void)
{
    uint32_t locker = 0, again = 0, space = 0;
    int status = -1;

    TEST_EQUAL(file_locker(file, IRIS_SLOT_SPACE, &locker), 0, "a locker");
    TEST_EQUAL(set(locker, FILE_LOCK_KIND_EXCLUSIVE, 0, 9), 0, "locks");
    TEST_CHECK(is_locked(9, 20, &space) && space == own_space(), "and is known by its space");
    pid_t pid = start("cheat", -1);
    TEST_CHECK(pid > 0 && waitpid(pid, &status, 0) == pid, "another process tries");
    TEST_EQUAL(status, 0, "and cannot end or change these locks");
    TEST_CHECK(is_locked(0, 0, &space) && space == own_space(), "which are as before");
    TEST_EQUAL(file_locker(file, IRIS_SLOT_SPACE, &again), 0, "a second locker");
    TEST_CHECK(!is_locked(0, 9, &space), "ends the first, with its locks");
    TEST_CHECK(set(locker, FILE_LOCK_KIND_SHARED, 0, 9) < 0, "which is none any more");
    iris_handle_discard(locker);
    TEST_EQUAL(set(again, FILE_LOCK_KIND_SHARED, 0, 9), 0, "the second locks");
    iris_handle_discard(again);
    TEST_CHECK(!is_locked(0, FILE_MAX_SIZE, &space), "until its handle is closed");
}

/* ---- Limits ---- */

static void check_limits(void)
{
    uint32_t locker = 0, space;
    int done = 0;

    TEST_EQUAL(file_locker(file, IRIS_SLOT_SPACE, &locker), 0, "a locker");
    TEST_EQUAL(set(locker, FILE_LOCK_KIND_SHARED, 1, 0), -EINVAL, "a range that is none");
    TEST_EQUAL(set(locker, FILE_LOCK_KIND_SHARED, 0, FILE_MAX_SIZE + 1u), -EINVAL, "or too long");
    TEST_EQUAL(set(locker, (enum file_lock_kind)7, 0, 1), -EINVAL, "or of no kind");
    for (uint32_t at = 0; at < 2 * RANGES + 20; at += 2)
        done += set(locker, FILE_LOCK_KIND_SHARED, at, at) == 0;
    TEST_EQUAL(done, RANGES, "so many ranges");
    TEST_EQUAL(set(locker, FILE_LOCK_KIND_SHARED, 1000, 1000), -ENOLCK, "then there are no more");
    TEST_CHECK(!is_locked(1000, 1000, &space), "and none is half made");
    TEST_EQUAL(set(locker, FILE_LOCK_KIND_SHARED, 1, 1), 0, "one that joins two");
    TEST_EQUAL(set(locker, FILE_LOCK_KIND_SHARED, 1000, 1000), 0, "makes room for one");
    TEST_EQUAL(set(locker, FILE_LOCK_KIND_UNLOCKED, 1, 1), -ENOLCK, "a cut needs room");
    TEST_CHECK(is_locked(1, 1, &space), "and is not made without");
    TEST_EQUAL(set(locker, FILE_LOCK_KIND_UNLOCKED, 0, FILE_MAX_SIZE), 0, "all can be unlocked");
    TEST_CHECK(!is_locked(0, FILE_MAX_SIZE, &space), "always");
    iris_handle_discard(locker);
}

static sem_t refusals;

static void *wait_for_lock(void *locker)
{
    int status = file_lock(file, FILE_LOCK_KIND_SHARED, true, 100, 100, (uint32_t)locker);
    if (status != 0)
        sem_post(&refusals);
    return (void *)status;
}

static void check_waiters(void)
{
    uint32_t locker = 0, space;
    int ends[2], got = 0, refused = 0;
    pthread_t thread[WAITERS + 1];
    char byte;

    TEST_CHECK(pipe(ends) == 0 && file_locker(file, IRIS_SLOT_SPACE, &locker) == 0, "beginning");
    pid_t pid = start("hold", ends[1]);
    TEST_CHECK(pid > 0 && read(ends[0], &byte, 1) == 1, "another process has a lock");
    sem_init(&refusals, 0, 0);
    for (int i = 0; i <= WAITERS; i++)
        pthread_create(&thread[i], NULL, wait_for_lock, (void *)locker);
    sem_wait(&refusals); /* one is too many, whichever comes last */
    TEST_CHECK(is_locked(100, 100, &space) && space != own_space(), "the server serves others");
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    for (int i = 0; i <= WAITERS; i++) {
        void *result = NULL;
        pthread_join(thread[i], &result);
        got += (int)result == 0;
        refused += (int)result == -ENOLCK;
    }
    TEST_CHECK(got == WAITERS && refused == 1, "%d got it, %d were too many", got, refused);
    iris_handle_discard(locker);
    close(ends[0]);
    close(ends[1]);
}

/* ---- flock ---- */

static void check_flock(void)
{
    int one = open(PATH, O_RDWR), other = open(PATH, O_RDONLY), copy = dup(one);
    struct flock record = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    TEST_EQUAL(flock(one, LOCK_SH), 0, "flock: shared");
    TEST_EQUAL(flock(other, LOCK_SH | LOCK_NB), 0, "by two");
    REFUSED(flock(one, LOCK_EX | LOCK_NB), EAGAIN, "not exclusive then");
    TEST_EQUAL(flock(other, LOCK_UN), 0, "one less");
    TEST_EQUAL(flock(copy, LOCK_EX | LOCK_NB), 0, "a copy has the lock of its original");
    REFUSED(flock(other, LOCK_SH | LOCK_NB), EAGAIN, "another open file has not");
    TEST_EQUAL(fcntl(one, F_SETLK, &record), 0, "record locks are another kind");
    close(one);
    REFUSED(flock(other, LOCK_EX | LOCK_NB), EAGAIN, "it stays while a copy is open");
    close(copy);
    TEST_EQUAL(flock(other, LOCK_EX | LOCK_NB), 0, "and no longer");
    REFUSED(flock(other, 77), EINVAL, "no such operation");
    close(other);
    REFUSED(flock(other, LOCK_SH), EBADF, "no descriptor");
    int null = open("/dev/null", O_RDWR);
    REFUSED(flock(null, LOCK_SH), EINVAL, "what has no locks");
    REFUSED(fcntl(null, F_SETLK, &record), EINVAL, "of either kind");
    close(null);
}

void check_locks(void)
{
    uint32_t tmp;

    if (!TEST_EQUAL(names_lookup(IRIS_SLOT_NAMES, "files/tmp", &tmp), 0, "/tmp's own portal"))
        return;
    file_open(tmp, "locked", FILE_OPEN_READ | FILE_OPEN_WRITE | FILE_OPEN_CREATE, 0600, &file);
    iris_handle_discard(tmp);
    check_others();
    check_limits();
    check_waiters();
    check_flock();
    iris_handle_discard(file);
    unlink(PATH);
}
