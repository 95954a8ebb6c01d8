/* SPDX-License-Identifier: MIT */
/*
 * Behaviours of POSIX.1-2017, one small function each. README.md tells how they are written and
 * run. Included first of all: it asks the C library for POSIX with XSI and nothing else.
 */
#ifndef TESTS_POSIX_BEHAVIOUR_H
#define TESTS_POSIX_BEHAVIOUR_H

#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

struct behaviour {
    const char *file; /* its name without folder and suffix is the group */
    const char *text;
    void (*run)(void);
};

/* A function that the program itself runs when started as a child: returns the exit status. */
struct child {
    const char *name;
    int (*run)(int argc, char *argv[]);
};

/* The linker collects pointers to all of them: that is the program's table. */
#define LISTED(list) __attribute__((used, section(list)))

#define BEHAVIOUR(name, text)                                                                      \
    static void name(void);                                                                        \
    static const struct behaviour behaviour_##name = {__FILE__, text, name};                       \
    static const struct behaviour *const listed_##name LISTED("behaviours") = &behaviour_##name;   \
    static void name(void)

#define CHILD(name)                                                                                \
    static int child_##name(int argc, char *argv[]);                                               \
    static const struct child about_##name = {#name, child_##name};                                \
    static const struct child *const listed_##name LISTED("children") = &about_##name;             \
    static int child_##name(int argc __attribute__((unused)), char *argv[] __attribute__((unused)))

/* ---- Checks: the first that fails is what the behaviour's line reports ---- */

bool behaviour_check(bool passed, int line, const char *text);
bool behaviour_equal(long long value, long long expected, int line, const char *text);
bool behaviour_fails(long long value, int error, int expected, int line, const char *text);

#define CHECK(condition) behaviour_check((condition), __LINE__, #condition)
#define EQUAL(value, expected)                                                                     \
    behaviour_equal((long long)(value), (long long)(expected), __LINE__, #value)
/* The call returns -1 and sets errno. */
#define FAILS(call, expected)                                                                      \
    do {                                                                                           \
        errno = 0;                                                                                 \
        long long returned = (long long)(call);                                                    \
        behaviour_fails(returned, errno, (expected), __LINE__, #call);                             \
    } while (0)
/* What the rest makes no sense without. */
#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!CHECK(condition))                                                                     \
            return;                                                                                \
    } while (0)

/* ---- What many need ---- */

/* A file of the current directory with this text; returns false with errno. */
bool put_file(const char *name, const char *text);
/* Whether a file, or the next bytes of a descriptor, are exactly this text. */
bool file_holds(const char *name, const char *text);
bool reads_as(int fd, const char *text);

/* Milliseconds of CLOCK_MONOTONIC, and a sleep that signals do not shorten. */
long long milliseconds(void);
void pause_for(int ms);

/* Catches a signal with these sa_flags; returns false with errno. */
bool handle_signal(int signo, void (*handler)(int), int flags);
/* SIGALRM again and again, so that one comes while a call waits; 0 ends that. */
void ring_every(int ms);

/* Starts the CHILD of this name with up to two arguments (0: none); -1 with errno. */
pid_t start_child(const char *name, const char *first, const char *second);
/* Starts it and waits: its exit status, or -1 if it did not exit by itself. */
int run_child(const char *name, const char *first, const char *second);
int exit_status(pid_t child);
/* The arguments of such a start, for those who call posix_spawn themselves; ends with 0. */
#define CHILD_ARGUMENTS 6
void child_arguments(char *argv[CHILD_ARGUMENTS], const char *name, const char *first,
                     const char *second);
const char *own_path(void);

#endif
