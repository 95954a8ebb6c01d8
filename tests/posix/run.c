/* SPDX-License-Identifier: MIT */
#include "run.h"

#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

/* ---- Checks ---- */

static struct behaviour_result result;

const struct behaviour_result *behaviour_run(const struct behaviour *behaviour)
{
    result = (struct behaviour_result){.passed = true};
    behaviour->run();
    return &result;
}

bool behaviour_check(bool passed, int line, const char *text)
{
    if (!passed && result.passed) {
        result.passed = false;
        result.line = line;
        snprintf(result.what, sizeof result.what, "%.120s is false (errno %d)", text, errno);
    }
    return passed;
}

bool behaviour_equal(long long value, long long expected, int line, const char *text)
{
    char what[sizeof result.what];

    snprintf(what, sizeof what, "%.60s: %lld, not %lld; this", text, value, expected);
    return behaviour_check(value == expected, line, what);
}

bool behaviour_fails(long long value, int error, int expected, int line, const char *text)
{
    char what[sizeof result.what];

    snprintf(what, sizeof what, "%.40s: %lld with errno %d, not -1 with %d; this", text, value,
             error, expected);
    return behaviour_check(value == -1 && error == expected, line, what);
}

/* ---- Files ---- */

bool put_file(const char *name, const char *text)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

    return fd >= 0 && close(fd) == 0 && written;
}

bool reads_as(int fd, const char *text)
{
    char buffer[256];
    size_t length = strlen(text), have = 0;
    ssize_t n = 1;

    for (; n > 0 && have < length; have += (size_t)(n > 0 ? n : 0))
        n = read(fd, buffer + have, length - have);
    return have == length && memcmp(buffer, text, length) == 0;
}

bool file_holds(const char *name, const char *text)
{
    char more;
    int fd = open(name, O_RDONLY);
    bool right = fd >= 0 && reads_as(fd, text) && read(fd, &more, 1) == 0;

    if (fd >= 0)
        close(fd);
    return right;
}

/* ---- Time ---- */

long long milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000ll + now.tv_nsec / 1000000;
}

void pause_for(int ms)
{
    struct timespec rest = {ms / 1000, ms % 1000 * 1000000l};

    while (nanosleep(&rest, &rest) == -1 && errno == EINTR)
        ;
}

/* ---- Signals ---- */

bool handle_signal(int signo, void (*handler)(int), int flags)
{
    struct sigaction action = {.sa_flags = flags};

    sigemptyset(&action.sa_mask);
    action.sa_handler = handler;
    return sigaction(signo, &action, NULL) == 0;
}

void ring_every(int ms)
{
    const struct timeval time = {ms / 1000, ms % 1000 * 1000};
    const struct itimerval timer = {time, time};

    setitimer(ITIMER_REAL, &timer, NULL);
}

/* ---- Children ---- */

extern char **environ;
static char self[PATH_MAX];

bool behaviour_find_self(const char *name)
{
    if (strchr(name, '/') != NULL)
        return realpath(name, self) != NULL;
    snprintf(self, sizeof self, "/bin/%s", name);
    return true;
}

const char *own_path(void) { return self; }

void child_arguments(char *argv[CHILD_ARGUMENTS], const char *name, const char *first,
                     const char *second)
{
    const char *all[CHILD_ARGUMENTS] = {self, "--child", name, first, first ? second : NULL, NULL};

    memcpy(argv, all, sizeof all);
}

pid_t start_child(const char *name, const char *first, const char *second)
{
    char *argv[CHILD_ARGUMENTS];
    pid_t child;

    child_arguments(argv, name, first, second);
    errno = posix_spawn(&child, self, NULL, NULL, argv, environ);
    return errno == 0 ? child : -1;
}

int exit_status(pid_t child)
{
    int status;

    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}

int run_child(const char *name, const char *first, const char *second)
{
    return exit_status(start_child(name, first, second));
}
