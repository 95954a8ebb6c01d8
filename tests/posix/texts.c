/* SPDX-License-Identifier: MIT */
/* Random numbers and texts of errors. getrandom is Linux's: its manual page stands for the
 * standard. */
#include "behaviour.h"

#include <locale.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

/* ---- Texts ---- */

BEHAVIOUR(strerror_known, "XSH strerror: each error of the standard has a text of its own")
{
    const int errors[] = {E2BIG,   EACCES, EAGAIN,    EBADF,        EBUSY,     ECHILD, EDEADLK,
                          EDOM,    EEXIST, EFAULT,    EINTR,        EINVAL,    EIO,    EISDIR,
                          EMFILE,  EMLINK, ENFILE,    ENOENT,       ENOMEM,    ENOSPC, ENOSYS,
                          ENOTDIR, ENOTTY, EPERM,     EPIPE,        ERANGE,    EROFS,  ESPIPE,
                          ESRCH,   EXDEV,  ETIMEDOUT, ENAMETOOLONG, ENOTEMPTY, ENOTSUP};
    enum { COUNT = sizeof errors / sizeof *errors };
    static char texts[COUNT][80];

    for (int i = 0; i < COUNT; i++) {
        const char *text = strerror(errors[i]);
        CHECK(text != NULL && *text != '\0');
        snprintf(texts[i], sizeof texts[i], "%s", text);
        for (int j = 0; j < i; j++)
            CHECK(strcmp(texts[i], texts[j]) != 0);
    }
}

BEHAVIOUR(strerror_unknown, "XSH strerror: an unknown error has a text too")
{
    CHECK(strerror(99999) != NULL && *strerror(99999) != '\0');
    CHECK(strerror(-1) != NULL);
}

BEHAVIOUR(strerror_errno, "XSH strerror: does not change errno if it succeeds")
{
    errno = EXDEV;
    CHECK(strerror(ENOENT) != NULL);
    EQUAL(errno, EXDEV);
}

BEHAVIOUR(strerror_r_fits, "XSH strerror_r: stores the text strerror returns and returns 0")
{
    char text[100];

    EQUAL(strerror_r(ENOENT, text, sizeof text), 0);
    CHECK(strcmp(text, strerror(ENOENT)) == 0);
}

BEHAVIOUR(strerror_r_small, "XSH strerror_r: a buffer that is too small is ERANGE")
{
    char text[3];

    EQUAL(strerror_r(ENOENT, text, sizeof text), ERANGE);
}

BEHAVIOUR(strerror_l_locale, "XSH strerror_l: in the locale of the caller says the same")
{
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);

    REQUIRE(c != (locale_t)0);
    CHECK(strcmp(strerror_l(ENOENT, c), strerror(ENOENT)) == 0);
    freelocale(c);
}

/* What `say` writes to standard error. */
static bool says(void (*say)(void), const char *expected)
{
    int saved = dup(STDERR_FILENO), fd = open("said", O_CREAT | O_WRONLY | O_TRUNC, 0600);

    fflush(stderr);
    dup2(fd, STDERR_FILENO);
    say();
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    return file_holds("said", expected);
}

static void say_prefix(void)
{
    errno = ENOENT;
    perror("prefix");
}

static void say_plain(void)
{
    errno = ENOENT;
    perror(NULL);
}

static void say_empty(void)
{
    errno = ENOENT;
    perror("");
}

BEHAVIOUR(perror_prefix, "XSH perror: writes the prefix, a colon, a blank, the text and a newline")
{
    char expected[100];

    snprintf(expected, sizeof expected, "prefix: %s\n", strerror(ENOENT));
    CHECK(says(say_prefix, expected));
}

BEHAVIOUR(perror_plain, "XSH perror: without a prefix, or with an empty one, just the text")
{
    char expected[100];

    snprintf(expected, sizeof expected, "%s\n", strerror(ENOENT));
    CHECK(says(say_plain, expected) && says(say_empty, expected));
}

BEHAVIOUR(strsignal_known, "XSH strsignal: signals have texts of their own")
{
    char first[80];

    REQUIRE(strsignal(SIGINT) != NULL);
    snprintf(first, sizeof first, "%s", strsignal(SIGINT));
    CHECK(*first != '\0' && strcmp(first, strsignal(SIGSEGV)) != 0);
    CHECK(strsignal(9999) != NULL);
}

static void say_signal(void) { psignal(SIGINT, "prefix"); }

BEHAVIOUR(psignal_prefix,
          "XSH psignal: writes the prefix, a colon, a blank, the signal's text, newline")
{
    char expected[100];

    snprintf(expected, sizeof expected, "prefix: %s\n", strsignal(SIGINT));
    CHECK(says(say_signal, expected));
}

BEHAVIOUR(errno_values, "XBD errno.h: the errors are different positive numbers")
{
    const int errors[] = {EPERM,  ENOENT, ESRCH,  EINTR,  EIO,    E2BIG,   EBADF,
                          ECHILD, EAGAIN, ENOMEM, EACCES, EEXIST, ENOTDIR, EISDIR,
                          EINVAL, ENOSPC, EPIPE,  ENOSYS, ENOTSUP};
    const size_t many = sizeof errors / sizeof *errors;

    for (size_t i = 0; i < many; i++) {
        CHECK(errors[i] > 0);
        for (size_t j = 0; j < i; j++)
            CHECK(errors[i] != errors[j]);
    }
}

BEHAVIOUR(errno_kept, "XSH errno: no function sets it to zero")
{
    errno = EXDEV;
    CHECK(getpid() > 0 && strlen("a") == 1);
    CHECK(put_file("a", "") && access("a", F_OK) == 0);
    CHECK(errno != 0);
}

/* ---- Numbers that can be repeated ---- */

BEHAVIOUR(rand_repeats, "XSH srand: the same seed gives the same numbers")
{
    int first[8];

    srand(7);
    for (int i = 0; i < 8; i++)
        first[i] = rand();
    srand(7);
    for (int i = 0; i < 8; i++)
        EQUAL(rand(), first[i]);
    srand(8);
    int same = 0;
    for (int i = 0; i < 8; i++)
        same += rand() == first[i];
    CHECK(same < 8);
}

BEHAVIOUR(rand_range, "XSH rand: from 0 to RAND_MAX, which is at least 32767")
{
    CHECK(RAND_MAX >= 32767);
    for (int i = 0; i < 100; i++) {
        long long number = rand();
        CHECK(number >= 0 && number <= RAND_MAX);
    }
}

BEHAVIOUR(rand_r_own, "XSH rand_r: the state is the caller's")
{
    unsigned first = 5, second = 5;

    for (int i = 0; i < 8; i++)
        EQUAL(rand_r(&first), rand_r(&second));
    EQUAL(first, second);
    CHECK(first != 5);
}

BEHAVIOUR(random_repeats, "XSH srandom: the same seed gives the same numbers, from 0 to 2^31-1")
{
    long first[8];

    srandom(7);
    for (int i = 0; i < 8; i++) {
        first[i] = random();
        CHECK(first[i] >= 0 && first[i] <= 0x7fffffff);
    }
    srandom(7);
    for (int i = 0; i < 8; i++)
        EQUAL(random(), first[i]);
}

BEHAVIOUR(drand48_known, "XSH srand48, drand48: the linear congruence of the standard, from [0, 1)")
{
    srand48(1);
    uint64_t x = (1ull << 16) + 0x330e;
    for (int i = 0; i < 8; i++) {
        x = (x * 0x5deece66dull + 11) & 0xffffffffffffull;
        double number = drand48();
        CHECK(number >= 0 && number < 1 && number == (double)x / 281474976710656.0);
    }
}

BEHAVIOUR(lrand48_known, "XSH lrand48, mrand48: the high bits of the same sequence")
{
    srand48(1);
    uint64_t x = (1ull << 16) + 0x330e;
    x = (x * 0x5deece66dull + 11) & 0xffffffffffffull;
    EQUAL(lrand48(), (long)(x >> 17));
    x = (x * 0x5deece66dull + 11) & 0xffffffffffffull;
    EQUAL(mrand48(), (int32_t)(x >> 16));
}

BEHAVIOUR(erand48_own, "XSH erand48, nrand48: the state is the caller's")
{
    unsigned short first[3] = {1, 2, 3}, second[3] = {1, 2, 3};

    CHECK(erand48(first) == erand48(second));
    EQUAL(nrand48(first), nrand48(second));
    CHECK(first[0] != 1 || first[1] != 2);
}

/* ---- Numbers that cannot ---- */

BEHAVIOUR(getrandom_fills, "getrandom(2): returns as many bytes as were asked for")
{
    unsigned char bytes[256] = {0};
    unsigned zeros = 0;

    EQUAL(getrandom(bytes, sizeof bytes, 0), sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        zeros += bytes[i] == 0;
    CHECK(zeros < 20); /* one is expected */
}

BEHAVIOUR(getrandom_differs, "getrandom(2): two calls give different bytes")
{
    unsigned char first[16], second[16];

    EQUAL(getrandom(first, 16, 0), 16);
    EQUAL(getrandom(second, 16, 0), 16);
    CHECK(memcmp(first, second, 16) != 0);
}

CHILD(tells_random)
{
    unsigned char bytes[16];
    int fd = open(argv[1], O_CREAT | O_WRONLY, 0600);

    return getrandom(bytes, 16, 0) != 16 || write(fd, bytes, 16) != 16;
}

BEHAVIOUR(getrandom_processes, "getrandom(2): two processes get different bytes")
{
    char first[16], second[16];

    EQUAL(run_child("tells_random", "a", NULL), 0);
    EQUAL(run_child("tells_random", "b", NULL), 0);
    int a = open("a", O_RDONLY), b = open("b", O_RDONLY);
    CHECK(read(a, first, 16) == 16 && read(b, second, 16) == 16);
    CHECK(memcmp(first, second, 16) != 0);
}

BEHAVIOUR(getrandom_nothing, "getrandom(2): of no bytes is 0; an unknown flag is EINVAL")
{
    char byte;

    EQUAL(getrandom(&byte, 0, 0), 0);
    FAILS(getrandom(&byte, 1, 0x8000), EINVAL);
}

BEHAVIOUR(getrandom_flags, "getrandom(2): once it has answered, GRND_NONBLOCK need not wait")
{
    char byte;

    EQUAL(getrandom(&byte, 1, 0), 1);
    EQUAL(getrandom(&byte, 1, GRND_NONBLOCK), 1);
    EQUAL(getrandom(&byte, 1, GRND_RANDOM), 1);
}
