/* SPDX-License-Identifier: MIT */
/*
 * The expression is evaluated as it is read, for each file anew: what does not count any more is
 * read without being done (`live`). So it needs no tree, and the first reading, with nothing done,
 * finds all that is wrong with it.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <iris/summary.h>

#include "command.h"
#include "files.h"
#include "pattern.h"
#include "run.h"
#include "stream.h"

#define ARGUMENTS "[PATH]... [EXPRESSION]"
#define DEPTH_MAX 64 /* of parentheses and ! */

IRIS_SUMMARY("find files: [PATH]... [-name PATTERN] [-type f|d|c] [-exec COMMAND {} ;]");

static const char help[] =
    "expressions: -name PATTERN, -path PATTERN, -type f|d|c, -newer FILE, -size N[c], -prune,\n"
    "  -print, -exec COMMAND {} ;, ! A, A [-a] B, A -o B, ( A )\n";

/* What is found. */
struct found {
    const char *path, *name;
    struct stat status;
    bool pruned;
};

static char **words; /* the expression */
static size_t at;    /* in it, while it is read */
static unsigned depth;
static bool has_action;
static int result;

static void refuse(const char *why, const char *word)
{
    fprintf(stderr, "find: %s%s%s\n", word != NULL ? word : "", word != NULL ? ": " : "", why);
    exit(COMMAND_FAILED);
}

static bool next_is(const char *text)
{
    if (words[at] == NULL || strcmp(words[at], text) != 0)
        return false;
    at++;
    return true;
}

static char *argument(const char *primary)
{
    if (words[at] == NULL)
        refuse("needs an argument", primary);
    return words[at++];
}

/* ---- Primaries: each reads its arguments, and is done if `found` is not NULL ---- */

static bool test_type(const char *kind, const struct found *found)
{
    if (strlen(kind) != 1 || strchr("fdc", *kind) == NULL)
        refuse("no type: f, d or c", kind);
    if (found == NULL)
        return false;
    mode_t mode = found->status.st_mode;
    return *kind == 'f' ? S_ISREG(mode) : *kind == 'd' ? S_ISDIR(mode) : S_ISCHR(mode);
}

static bool test_newer(const char *path, const struct found *found)
{
    struct stat other;
    if (stat(path, &other) != 0)
        refuse(strerror(errno), path);
    if (found == NULL)
        return false;
    const struct timespec *a = &found->status.st_mtim, *b = &other.st_mtim;
    return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

/* N, +N (more), -N (less): blocks of 512 bytes, or bytes. */
static bool test_size(const char *text, const struct found *found)
{
    const char *digits = text + (*text == '+' || *text == '-');
    char *end;
    unsigned long long wanted = strtoull(digits, &end, 10);
    bool bytes = *end == 'c';
    if (end == digits || end[bytes] != '\0' || *digits == '-')
        refuse("no size", text);
    if (found == NULL)
        return false;
    unsigned long long size = (unsigned long long)found->status.st_size;
    size = bytes ? size : (size + 511) / 512;
    return *text == '+' ? size > wanted : *text == '-' ? size < wanted : size == wanted;
}

static bool run_command_for(char **command, size_t count, const struct found *found)
{
    char **copy = calloc(count + 1, sizeof *copy), *path = strdup(found->path);
    if (copy == NULL || path == NULL)
        exit(command_failed("find", found->path, ENOMEM));
    for (size_t i = 0; i < count; i++)
        copy[i] = strcmp(command[i], "{}") == 0 ? path : command[i];
    fflush(stdout);
    int status = run_command("find", copy);
    free(copy);
    free(path);
    return status == 0;
}

static bool test_exec(const struct found *found)
{
    size_t first = at;
    while (words[at] != NULL && strcmp(words[at], ";") != 0)
        at++;
    if (words[at] == NULL || at == first)
        refuse(words[at] == NULL ? "needs ; at its end" : "needs a command", "-exec");
    size_t count = at++ - first;
    return found != NULL && run_command_for(words + first, count, found);
}

static bool primary(struct found *found)
{
    const char *word = words[at++];
    if (strcmp(word, "-name") == 0) {
        const char *pattern = argument(word);
        return found != NULL && pattern_match(pattern, found->name);
    }
    if (strcmp(word, "-path") == 0) {
        const char *pattern = argument(word);
        return found != NULL && pattern_match(pattern, found->path);
    }
    if (strcmp(word, "-type") == 0)
        return test_type(argument(word), found);
    if (strcmp(word, "-newer") == 0)
        return test_newer(argument(word), found);
    if (strcmp(word, "-size") == 0)
        return test_size(argument(word), found);
    if (strcmp(word, "-prune") == 0) {
        if (found != NULL)
            found->pruned = true;
        return true;
    }
    if (strcmp(word, "-print") == 0) {
        has_action = true;
        if (found != NULL)
            printf("%s\n", found->path);
        return true;
    }
    if (strcmp(word, "-exec") == 0) {
        has_action = true;
        return test_exec(found);
    }
    refuse("no such expression", word);
    return false;
}

/* ---- The expression ---- */

static bool any(struct found *found);

static bool factor(struct found *found)
{
    bool value;
    if (words[at] == NULL)
        refuse("something is missing at its end", NULL);
    if (++depth > DEPTH_MAX)
        refuse("nested too deeply", NULL);
    if (next_is("!")) {
        value = !factor(found);
    } else if (next_is("(")) {
        value = any(found);
        if (!next_is(")"))
            refuse("a ) is missing", NULL);
    } else {
        value = primary(found);
    }
    depth--;
    return value;
}

/* Only read once one of them is false. */
static bool every(struct found *found)
{
    bool value = factor(found);
    while (words[at] != NULL && strcmp(words[at], "-o") != 0 && strcmp(words[at], ")") != 0) {
        next_is("-a");
        value &= factor(value ? found : NULL);
    }
    return value;
}

/* Only read once one of them is true. */
static bool any(struct found *found)
{
    bool value = every(found);
    while (next_is("-o"))
        value |= every(value ? NULL : found);
    return value;
}

static bool evaluate(struct found *found)
{
    at = 0;
    return words[0] == NULL || any(found);
}

/* ---- The tree ---- */

static void visit(const char *path)
{
    struct found found = {.path = path};
    struct files_list list = {0};
    if (stat(path, &found.status) != 0) {
        result = command_failed("find", path, errno);
        return;
    }
    char *name = files_name(path);
    found.name = name;
    if (evaluate(&found) && !has_action)
        printf("%s\n", path);
    free(name);
    if (S_ISDIR(found.status.st_mode) && !found.pruned)
        result |= files_list("find", path, &list);
    for (size_t i = 0; i < list.count; i++) {
        char *inner = stream_join(path, list.entries[i].name);
        visit(inner);
        free(inner);
    }
    files_list_free(&list);
}

static bool begins_expression(const char *word)
{
    return *word == '-' || strcmp(word, "!") == 0 || strcmp(word, "(") == 0;
}

int main(int argc, char *argv[])
{
    int paths = 1;
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        printf("usage: find %s\n%s", ARGUMENTS, help);
        return COMMAND_OK;
    }
    while (paths < argc && !begins_expression(argv[paths]))
        paths++;
    words = argv + paths;
    evaluate(NULL);
    if (words[0] != NULL && words[at] != NULL)
        refuse("unexpected", words[at]);
    if (paths == 1)
        visit(".");
    for (int i = 1; i < paths; i++)
        visit(argv[i]);
    return stream_finish("find", result);
}
