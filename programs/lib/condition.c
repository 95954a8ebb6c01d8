/* SPDX-License-Identifier: MIT */
#include "condition.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH_MAX 50

/* What is left of the words, and the first thing found wrong. */
struct condition {
    char **at, **end;
    const char *error, *culprit;
    unsigned depth;
};

static bool either(struct condition *c);

static bool fail(struct condition *c, const char *error, const char *culprit)
{
    if (c->error == NULL) {
        c->error = error;
        c->culprit = culprit;
    }
    return false;
}

static size_t left(const struct condition *c) { return (size_t)(c->end - c->at); }

static long long number(struct condition *c, const char *text)
{
    char *end;
    long long value = strtoll(text, &end, 10);
    end += strspn(end, " \t");
    if (*end != '\0' || end == text)
        fail(c, "no number", text);
    return value;
}

/* ---- One operand ---- */

static bool mode_is(char letter, const struct stat *status)
{
    switch (letter) {
    case 'b':
        return S_ISBLK(status->st_mode);
    case 'c':
        return S_ISCHR(status->st_mode);
    case 'd':
        return S_ISDIR(status->st_mode);
    case 'e':
        return true;
    case 'f':
        return S_ISREG(status->st_mode);
    case 'p':
        return S_ISFIFO(status->st_mode);
    case 'r':
        return (status->st_mode & 0444) != 0;
    case 's':
        return status->st_size > 0;
    case 'w':
        return (status->st_mode & 0222) != 0;
    default:
        return (status->st_mode & 0111) != 0;
    }
}

static bool is_unary(const char *word)
{
    return word[0] == '-' && word[1] != '\0' && word[2] == '\0' &&
           strchr("bcdefhLnprstwxz", word[1]) != NULL;
}

static bool unary(struct condition *c, char letter, const char *operand)
{
    struct stat status;
    switch (letter) {
    case 'n':
        return *operand != '\0';
    case 'z':
        return *operand == '\0';
    case 't':
        return isatty((int)number(c, operand)) != 0;
    case 'h':
    case 'L':
        return stat(operand, &status) == 0 && S_ISLNK(status.st_mode);
    default:
        return stat(operand, &status) == 0 && mode_is(letter, &status);
    }
}

/* ---- Two operands ---- */

static const char *const binaries[] = {"=",   "!=",  "-eq", "-ne", "-gt", "-ge",
                                       "-lt", "-le", "-nt", "-ot", "-ef"};

static bool is_binary(const char *word)
{
    for (size_t i = 0; i < sizeof binaries / sizeof *binaries; i++)
        if (strcmp(word, binaries[i]) == 0)
            return true;
    return false;
}

static bool compare_numbers(struct condition *c, const char *a, const char *sign, const char *b)
{
    long long left_value = number(c, a), right_value = number(c, b);
    switch (sign[1]) {
    case 'e':
        return left_value == right_value;
    case 'n':
        return left_value != right_value;
    case 'g':
        return sign[2] == 'e' ? left_value >= right_value : left_value > right_value;
    default:
        return sign[2] == 'e' ? left_value <= right_value : left_value < right_value;
    }
}

/* -nt -ot -ef; a file that is not there is older than any. */
static bool compare_files(const char *a, const char *sign, const char *b)
{
    struct stat first, second;
    bool has_first = stat(a, &first) == 0, has_second = stat(b, &second) == 0;
    if (strcmp(sign, "-ef") == 0)
        return has_first && has_second && first.st_dev == second.st_dev &&
               first.st_ino == second.st_ino;
    if (!has_first || !has_second)
        return sign[1] == 'n' ? has_first && !has_second : has_second && !has_first;
    return sign[1] == 'n' ? first.st_mtime > second.st_mtime : first.st_mtime < second.st_mtime;
}

static bool binary(struct condition *c, const char *a, const char *sign, const char *b)
{
    if (sign[0] != '-')
        return (strcmp(a, b) == 0) == (*sign == '=');
    if (strcmp(sign, "-nt") == 0 || strcmp(sign, "-ot") == 0 || strcmp(sign, "-ef") == 0)
        return compare_files(a, sign, b);
    return compare_numbers(c, a, sign, b);
}

/* ---- Together ---- */

static bool primary(struct condition *c)
{
    char **words = c->at;
    if (left(c) == 0)
        return fail(c, "an argument is missing", "");
    if (left(c) >= 3 && is_binary(words[1])) {
        c->at += 3;
        return binary(c, words[0], words[1], words[2]);
    }
    if (strcmp(words[0], "!") == 0 && left(c) > 1) {
        c->at++;
        if (++c->depth > DEPTH_MAX)
            return fail(c, "nested too deeply", "");
        return !primary(c);
    }
    if (strcmp(words[0], "(") == 0 && left(c) > 1) {
        c->at++;
        if (++c->depth > DEPTH_MAX)
            return fail(c, "nested too deeply", "");
        bool inner = either(c);
        if (left(c) == 0 || strcmp(*c->at, ")") != 0)
            return fail(c, "missing )", "");
        c->at++;
        return inner;
    }
    if (is_unary(words[0]) && left(c) >= 2) {
        c->at += 2;
        return unary(c, words[0][1], words[1]);
    }
    c->at++;
    return *words[0] != '\0';
}

static bool both(struct condition *c)
{
    bool result = primary(c);
    while (left(c) > 0 && strcmp(*c->at, "-a") == 0) {
        c->at++;
        bool second = primary(c);
        result = result && second;
    }
    return result;
}

static bool either(struct condition *c)
{
    bool result = both(c);
    while (left(c) > 0 && strcmp(*c->at, "-o") == 0) {
        c->at++;
        bool second = both(c);
        result = result || second;
    }
    return result;
}

/* Up to four words mean what POSIX says by their number alone, whatever they look like. */
static bool few(struct condition *c)
{
    char **words = c->at;
    size_t count = left(c);
    bool negated = count > 1 && strcmp(words[0], "!") == 0 && !(count == 3 && is_binary(words[1]));
    if (negated) {
        c->at++;
        return !few(c);
    }
    if (count == 1) {
        c->at++;
        return *words[0] != '\0';
    }
    return either(c);
}

int command_test(int argc, char *argv[])
{
    const char *slash = strrchr(argv[0], '/'), *name = slash != NULL ? slash + 1 : argv[0];
    struct condition c = {.at = argv + 1, .end = argv + argc};
    if (strcmp(name, "[") == 0) {
        if (argc < 2 || strcmp(argv[argc - 1], "]") != 0) {
            fprintf(stderr, "[: missing ]\n");
            return 2;
        }
        c.end--;
    }
    if (left(&c) == 0)
        return 1;
    bool result = few(&c);
    if (c.error == NULL && left(&c) > 0)
        fail(&c, "unexpected word", *c.at);
    if (c.error == NULL)
        return result ? 0 : 1;
    fprintf(stderr, "%s: %s%s%s\n", name, c.culprit, *c.culprit != '\0' ? ": " : "", c.error);
    return 2;
}
