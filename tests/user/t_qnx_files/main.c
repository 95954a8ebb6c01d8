/* SPDX-License-Identifier: MIT */
/* A resource manager as its clients see it: a file like any other. */
#include <devctl.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iris/spawn.h>
#include <iris/summary.h>

#include "kit.h"
#include "names.h"

IRIS_SUMMARY("test: QNX's resource managers, as files");

#define PATH "/dev/sample"
#define DCMD_SAMPLE_COUNT __DIOF(_DCMD_MISC, 1, sizeof(int))
#define DCMD_SAMPLE_CLEAR __DION(_DCMD_MISC, 2)

static pid_t manager;

static int open_when_there(void)
{
    uint64_t end = kit_soon(KIT_PATIENCE / 2);
    int fd;

    while ((fd = open(PATH, O_RDWR)) < 0 && errno == ENOENT && iris_clock_monotonic() < end)
        usleep(1000);
    return fd;
}

static int failure(ssize_t result) { return result == -1 ? errno : 0; }

static void check_bytes(int fd)
{
    char text[32] = "";
    static char large[4500], back[4500];

    TEST_EQUAL(write(fd, "hello", 5), 5, "written");
    TEST_EQUAL(read(fd, text, sizeof text), 5, "read");
    TEST_CHECK(strcmp(text, "hello") == 0, "the same");
    TEST_EQUAL(read(fd, text, sizeof text), 0, "then it is the end");
    for (unsigned i = 0; i < sizeof large; i++)
        large[i] = (char)(i * 7);
    TEST_EQUAL(write(fd, large, sizeof large), sizeof large,
               "more than the manager receives at once");
    TEST_EQUAL(read(fd, back, sizeof back), sizeof back, "comes back");
    TEST_CHECK(memcmp(large, back, sizeof back) == 0, "unchanged");
    TEST_EQUAL(read(fd, back, 10), 0, "to the end");
    TEST_EQUAL(failure(pread(fd, text, 3, 1)), ESPIPE, "what the manager refuses is refused");
}

static void check_status(int fd)
{
    struct stat status;

    TEST_EQUAL(fstat(fd, &status), 0, "fstat");
    TEST_CHECK(S_ISCHR(status.st_mode) && status.st_size == 4500, "a device of so many bytes");
    TEST_EQUAL(stat(PATH, &status), 0, "stat by its path");
    TEST_EQUAL(chmod(PATH, 0444), 0, "chmod");
    stat(PATH, &status);
    TEST_EQUAL(status.st_mode & 0777, 0444, "is seen");
    TEST_EQUAL(failure(open(PATH, O_RDWR)), EACCES, "and heeded");
    chmod(PATH, 0666);
    TEST_EQUAL(lseek(fd, 3, SEEK_SET), 3, "lseek");
    TEST_EQUAL(lseek(fd, 2, SEEK_CUR), 5, "from where it is");
    TEST_EQUAL(failure(lseek(fd, -1, SEEK_SET)), EINVAL, "not before the beginning");
    lseek(fd, 0, SEEK_SET);
    TEST_EQUAL(failure(open(PATH "/below", O_RDONLY)), ENOTDIR, "there is nothing below a file");
}

static void check_orders(int fd)
{
    int count = 0, info = 0;

    TEST_EQUAL(devctl(fd, DCMD_SAMPLE_COUNT, &count, sizeof count, &info), 0, "devctl");
    TEST_CHECK(count == 4500 && info == 17, "with its data and its word");
    TEST_EQUAL(devctl(fd, __DION(_DCMD_MISC, 77), NULL, 0, NULL), ENOTTY, "an unknown order");
    TEST_EQUAL(devctl(99, DCMD_SAMPLE_COUNT, &count, sizeof count, NULL), EBADF, "to nobody");
    TEST_EQUAL(devctl(fd, DCMD_SAMPLE_CLEAR, NULL, 0, NULL), 0, "an order without data");
    int old = fcntl(fd, F_GETFL);
    TEST_EQUAL(old & O_ACCMODE, O_RDWR, "F_GETFL");
    TEST_EQUAL(fcntl(fd, F_SETFL, old | O_NONBLOCK), 0, "F_SETFL");
    TEST_EQUAL(failure(read(fd, &count, sizeof count)), EAGAIN, "is seen by the manager");
    fcntl(fd, F_SETFL, old);
}

static int write_later(void *argument)
{
    usleep(20000);
    return (int)write((int)(uintptr_t)argument, "late", 4);
}

static void check_waiting(int fd)
{
    struct iris_thread thread;
    char text[8] = "";
    int result, other = open(PATH, O_WRONLY);

    TEST_EQUAL(failure(read(other, text, 1)), EBADF, "a file that was opened to write");
    iris_thread_launch(&thread, write_later, (void *)other, NULL);
    TEST_EQUAL(read(fd, text, sizeof text), 4, "a reader waits for a writer");
    iris_thread_join(&thread, &result);
    TEST_CHECK(strcmp(text, "late") == 0 && result == 4, "and both go on");
    close(other);
}

/* The name service lets names of the dead go when somebody looks: so that nothing is left to count.
 */
static void look_at_names(void)
{
    char name[NAMES_MAX_PATH + 1];
    uint32_t port;

    names_entry(IRIS_SLOT_NAMES, 0, name, &port);
}

/* Its manager dies with a reader waiting. */
static int read_here(void *argument)
{
    char text[8];
    return failure(read((int)(uintptr_t)argument, text, sizeof text));
}

static void check_death(int fd)
{
    struct iris_thread thread;
    int status, result;

    devctl(fd, DCMD_SAMPLE_CLEAR, NULL, 0, NULL);
    iris_thread_launch(&thread, read_here, (void *)fd, NULL);
    usleep(20000);
    kill(manager, SIGKILL);
    iris_thread_join(&thread, &result);
    TEST_CHECK(result != 0, "a reader is let go when the manager is killed");
    waitpid(manager, &status, 0);
    TEST_EQUAL(failure(open(PATH, O_RDONLY)), ENOENT, "and the path is gone");
    look_at_names();
}

int main(void)
{
    char *arguments[] = {"t_qnx_sample", NULL};

    test_begin("qnx_files");
    manager = iris_spawn("t_qnx_sample", arguments, NULL, NULL);
    int fd = open_when_there();
    if (TEST_CHECK(manager > 0 && fd >= 0, "a manager's file is opened")) {
        check_bytes(fd);
        check_status(fd);
        check_orders(fd);
        check_waiting(fd);
        check_death(fd);
        close(fd);
    }
    return test_end();
}
