/* SPDX-License-Identifier: MIT */
/* Pipes, and waiting for files to be ready. */
#define _GNU_SOURCE /* pipe2 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iris/calls.h>
#include <iris/ipc.h>
#include <iris/object.h>
#include <iris/spawn.h>
#include <iris/vdso.h>

#include "kit.h"
#include "pipe.h"
#include "slots.h"

#define REFUSED(call, error, what) TEST_CHECK((call) < 0 && errno == (error), what)
#define LARGE 100000
#define PIPES 100

static int ends[2];

static void begin(int flags) { TEST_EQUAL(pipe2(ends, flags), 0, "a pipe"); }

static void end(void)
{
    close(ends[0]);
    close(ends[1]);
}

/* ---- One thread ---- */

static void check_bytes(void)
{
    char bytes[16];
    struct stat status;

    begin(0);
    TEST_CHECK(fstat(ends[0], &status) == 0 && S_ISFIFO(status.st_mode), "its kind");
    TEST_EQUAL(write(ends[1], "hello", 5), 5, "written");
    TEST_CHECK(read(ends[0], bytes, 3) == 3 && memcmp(bytes, "hel", 3) == 0, "read in part");
    TEST_CHECK(read(ends[0], bytes, 16) == 2 && memcmp(bytes, "lo", 2) == 0, "and the rest");
    REFUSED(read(ends[1], bytes, 1), EBADF, "the writer's end is not read");
    REFUSED(write(ends[0], bytes, 1), EBADF, "the reader's not written");
    REFUSED(lseek(ends[0], 0, SEEK_SET), ESPIPE, "a pipe has no places");
    REFUSED(pread(ends[0], bytes, 1, 0), ESPIPE, "for pread neither");
    write(ends[1], "x", 1);
    int copy = dup(ends[1]);
    close(ends[1]);
    TEST_EQUAL(read(ends[0], bytes, 16), 1, "what was written stays");
    close(copy);
    TEST_EQUAL(read(ends[0], bytes, 16), 0, "the end, when the last writer is gone");
    close(ends[0]);
}

static void check_broken(void)
{
    begin(0);
    close(ends[0]);
    signal(SIGPIPE, SIG_IGN);
    REFUSED(write(ends[1], "x", 1), EPIPE, "nobody reads any more");
    signal(SIGPIPE, SIG_DFL);
    close(ends[1]);
}

static void check_at_once(void)
{
    static char bytes[PIPE_CAPACITY + 1];

    begin(O_NONBLOCK);
    REFUSED(read(ends[0], bytes, 1), EAGAIN, "nothing to read now");
    TEST_EQUAL(write(ends[1], bytes, sizeof bytes), PIPE_CAPACITY, "as much as there is room for");
    REFUSED(write(ends[1], bytes, 1), EAGAIN, "no room now");
    TEST_EQUAL(read(ends[0], bytes, 100), 100, "some room");
    REFUSED(write(ends[1], bytes, 101), EAGAIN, "not for all of a small write");
    TEST_EQUAL(write(ends[1], bytes, 100), 100, "but for this");
    end();
}

/* ---- Two threads ---- */

static int read_one(void *unused)
{
    char byte = 0;
    (void)unused;
    ssize_t count = read(ends[0], &byte, 1);
    return count == 1 ? byte : count < 0 ? -errno : 1000;
}

static int read_all(void *unused)
{
    static unsigned char bytes[3000];
    int sum = 0;
    (void)unused;
    for (ssize_t count; (count = read(ends[0], bytes, sizeof bytes)) > 0;)
        for (ssize_t i = 0; i < count; i++)
            sum += bytes[i];
    return sum;
}

static bool start(struct iris_thread *thread, int (*function)(void *))
{
    return iris_thread_launch(thread, function, NULL, NULL) == 0;
}

static void check_waiting(void)
{
    static unsigned char bytes[LARGE];
    struct iris_thread thread;
    int result = 0, sum = 0;

    begin(0);
    TEST_CHECK(start(&thread, read_one), "a thread reads");
    usleep(20000);
    write(ends[1], "w", 1);
    TEST_CHECK(iris_thread_join(&thread, &result) == 0 && result == 'w', "until something comes");
    start(&thread, read_all);
    for (int i = 0; i < LARGE; i++)
        sum += bytes[i] = (unsigned char)(i % 251);
    TEST_EQUAL(write(ends[1], bytes, LARGE), LARGE, "a write larger than the pipe ends as a whole");
    close(ends[1]);
    TEST_CHECK(iris_thread_join(&thread, &result) == 0 && result == sum, "every byte arrives");
    close(ends[0]);
    begin(0);
    start(&thread, read_one);
    usleep(20000);
    close(ends[1]);
    TEST_CHECK(iris_thread_join(&thread, &result) == 0 && result == 1000,
               "who waits learns that the last writer is gone");
    close(ends[0]);
}

/* ---- Two processes ---- */

static void check_processes(void)
{
    char *cat[] = {"cat", NULL}, bytes[16];
    int back[2], status = -1;

    begin(O_CLOEXEC);
    pipe2(back, O_CLOEXEC);
    struct iris_spawn options = {ends[0], back[1], 2, NULL};
    pid_t pid = iris_spawn("cat", cat, &options, NULL);
    TEST_CHECK(pid > 0, "cat between two pipes");
    close(ends[0]);
    close(back[1]);
    write(ends[1], "meow\n", 5);
    close(ends[1]);
    TEST_CHECK(read(back[0], bytes, 16) == 5 && memcmp(bytes, "meow\n", 5) == 0, "what came back");
    TEST_EQUAL(read(back[0], bytes, 16), 0, "and the end, as cat has ended");
    TEST_CHECK(waitpid(pid, &status, 0) == pid && status == 0, "well");
    close(back[0]);
}

/* ---- Many ---- */

static void check_many(void)
{
    static int all[PIPES * 2][2];
    int made = 0;

    while (made < PIPES * 2 && pipe(all[made]) == 0)
        made++;
    TEST_CHECK(made >= PIPES && errno == ENFILE, "pipes end with an error: %d", made);
    for (int i = 0; i < made; i++) {
        close(all[i][0]);
        close(all[i][1]);
    }
    begin(0);
    end();
}

/* ---- poll and select ---- */

static void check_poll(void)
{
    struct pollfd files[2];
    struct iris_thread thread;
    static char bytes[PIPE_CAPACITY];
    int result;

    begin(0);
    files[0] = (struct pollfd){.fd = ends[0], .events = POLLIN};
    files[1] = (struct pollfd){.fd = ends[1], .events = POLLOUT};
    TEST_CHECK(poll(files, 2, 0) == 1 && files[0].revents == 0 && files[1].revents == POLLOUT,
               "an empty pipe can be written");
    uint64_t before = iris_clock_monotonic();
    TEST_EQUAL(poll(files, 1, 30), 0, "nothing comes");
    TEST_CHECK(iris_clock_monotonic() - before >= 30000000, "and the time is waited for");
    start(&thread, read_one); /* takes the first byte; poll sees the second or the first */
    write(ends[1], "ab", 2);
    TEST_CHECK(poll(files, 1, -1) == 1 && files[0].revents == POLLIN, "something comes");
    iris_thread_join(&thread, &result);
    read(ends[0], bytes, 1);
    write(ends[1], bytes, PIPE_CAPACITY);
    TEST_EQUAL(poll(&files[1], 1, 0), 0, "a full pipe cannot be written");
    read(ends[0], bytes, PIPE_CAPACITY);
    close(ends[1]);
    TEST_CHECK(poll(files, 1, -1) == 1 && files[0].revents & POLLHUP, "POLLHUP at the end");
    files[1].fd = -1;
    TEST_CHECK(poll(files, 2, 0) == 1 && files[1].revents == 0, "a negative one is not asked");
    files[1].fd = ends[1];
    TEST_CHECK(poll(&files[1], 1, 0) == 1 && files[1].revents == POLLNVAL,
               "POLLNVAL if it is none");
    close(ends[0]);
    begin(0);
    close(ends[0]);
    files[1].fd = ends[1];
    TEST_CHECK(poll(&files[1], 1, 0) == 1 && files[1].revents & POLLERR, "POLLERR: nobody reads");
    close(ends[1]);
}

static int write_later(void *unused)
{
    (void)unused;
    usleep(20000);
    return (int)write(ends[1], "x", 1);
}

static void check_select(void)
{
    struct timeval soon = {.tv_usec = 1000};
    struct iris_thread thread;
    fd_set read_set, write_set;
    int result;

    begin(0);
    FD_ZERO(&read_set);
    FD_ZERO(&write_set);
    FD_SET(ends[0], &read_set);
    FD_SET(ends[1], &write_set);
    TEST_CHECK(select(ends[1] + 1, &read_set, &write_set, NULL, NULL) == 1 &&
                   FD_ISSET(ends[1], &write_set) && !FD_ISSET(ends[0], &read_set),
               "select: one can be written");
    FD_SET(ends[0], &read_set);
    TEST_EQUAL(select(ends[0] + 1, &read_set, NULL, NULL, &soon), 0, "and none be read in time");
    FD_SET(ends[0], &read_set);
    start(&thread, write_later);
    TEST_CHECK(select(ends[0] + 1, &read_set, NULL, NULL, NULL) == 1 &&
                   FD_ISSET(ends[0], &read_set),
               "until something is written");
    iris_thread_join(&thread, &result);
    FD_ZERO(&read_set);
    FD_SET(50, &read_set);
    REFUSED(select(51, &read_set, NULL, NULL, NULL), EBADF, "not of what is no file");
    end();
}

/* The terminal, a file, a device. */
static void check_others(void)
{
    struct pollfd files[3] = {{.fd = open("/dev/console", O_RDWR), .events = POLLIN | POLLOUT},
                              {.fd = open("/boot.conf", O_RDONLY), .events = POLLIN},
                              {.fd = open("/dev/null", O_RDWR), .events = POLLIN | POLLOUT}};

    TEST_CHECK(poll(files, 3, -1) == 3 && files[0].revents == POLLOUT &&
                   files[1].revents == POLLIN && files[2].revents == (POLLIN | POLLOUT),
               "a terminal at which nobody types, a file, a device");
    files[0].events = POLLIN;
    TEST_EQUAL(poll(files, 1, 10), 0, "nobody types");
    for (int i = 0; i < 3; i++)
        close(files[i].fd);
}

/* A thread that is bound to a port is so afterwards, and what came meanwhile is still there. */
static void check_bound(void)
{
    uint32_t port = (uint32_t)iris_slot_alloc(), portal = (uint32_t)iris_slot_alloc();
    struct iris_message m = {.tag = 0};
    struct pollfd file;

    TEST_CHECK(iris_port_create(port) == 0 &&
                   iris_portal_create(port, portal, 0, IRIS_RIGHT_NOTIFY, 4) == 0 &&
                   iris_port_bind(port) == 0 && pipe(ends) == 0,
               "a port, and a pipe");
    file = (struct pollfd){.fd = ends[0], .events = POLLIN};
    TEST_EQUAL(iris_notify(portal, 4), 0, "something comes to the port");
    TEST_EQUAL(poll(&file, 1, 10), 0, "poll is not woken by it");
    TEST_EQUAL(iris_ipc_wait_until(&m, iris_clock_monotonic() + 1000000000), 0, "and it is there");
    TEST_EQUAL(m.word[0], 4, "the bit");
    iris_port_bind(0);
    iris_handle_discard(portal);
    iris_handle_discard(port);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    test_begin("pipe");
    check_bytes();
    check_broken();
    check_at_once();
    check_waiting();
    check_processes();
    check_many();
    check_poll();
    check_bound();
    check_select();
    check_others();
    return test_end();
}
