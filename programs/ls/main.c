/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <iris/summary.h>

#include "command.h"
#include "files.h"
#include "options.h"
#include "stream.h"

#define ARGUMENTS "[-1AadlRrt] [PATH]..."

IRIS_SUMMARY("list directories: " ARGUMENTS);

#define WIDTH 80

static struct {
    bool all;  /* also names that begin with a dot */
    bool dots; /* and "." and ".." */
    bool one_a_line, details;
    bool itself; /* directories like other files */
    bool recursive, reverse, by_time;
} option;

/* Something to be listed. */
struct item {
    char *name, *path;
    bool is_directory;
    struct stat status; /* if one of the options needs it */
};

static int complain(const char *path) { return command_failed("ls", path, errno); }

/* ---- Printing ---- */

/* "drwxr-xr-x      1234 2026-11-28 07:15 name" */
static void print_details(const struct item *item)
{
    static const char letters[] = "rwxrwxrwx";
    const struct stat *status = &item->status;
    char mode[11] = "----------", when[20] = "";
    mode[0] = S_ISDIR(status->st_mode) ? 'd' : S_ISCHR(status->st_mode) ? 'c' : '-';
    for (int bit = 0; bit < 9; bit++)
        if (status->st_mode & (0400u >> bit))
            mode[bit + 1] = letters[bit];
    strftime(when, sizeof when, "%Y-%m-%d %H:%M", localtime(&status->st_mtime));
    printf("%s %9lu %s %s\n", mode, (unsigned long)status->st_size, when, item->name);
}

/* Longest name, the slash behind directories included. */
static size_t longest(const struct item *items, size_t count)
{
    size_t widest = 0;
    for (size_t i = 0; i < count; i++) {
        size_t size = strlen(items[i].name) + items[i].is_directory;
        widest = size > widest ? size : widest;
    }
    return widest;
}

/* Names side by side, in order line by line. */
static void print_names(const struct item *items, size_t count)
{
    bool lines = option.one_a_line || !isatty(STDOUT_FILENO);
    size_t cell = lines ? WIDTH : longest(items, count) + 2, column = 0;
    for (size_t i = 0; i < count; i++) {
        if (column > 0 && column + cell > WIDTH) {
            putchar('\n');
            column = 0;
        }
        if (column % cell != 0)
            column += (size_t)printf("%*s", (int)(cell - column % cell), "");
        column += (size_t)printf("%s%s", items[i].name, items[i].is_directory ? "/" : "");
    }
    if (column > 0)
        putchar('\n');
}

static int compare(const void *one, const void *other)
{
    const struct item *a = one, *b = other;
    const struct timespec *one_time = &a->status.st_mtim, *other_time = &b->status.st_mtim;
    int order = strcmp(a->name, b->name);
    if (option.by_time && one_time->tv_sec != other_time->tv_sec)
        order = one_time->tv_sec < other_time->tv_sec ? 1 : -1;
    else if (option.by_time && one_time->tv_nsec != other_time->tv_nsec)
        order = one_time->tv_nsec < other_time->tv_nsec ? 1 : -1;
    return option.reverse ? -order : order;
}

static void print(struct item *items, size_t count)
{
    if (count > 0)
        qsort(items, count, sizeof *items, compare);
    for (size_t i = 0; option.details && i < count; i++)
        print_details(&items[i]);
    if (!option.details)
        print_names(items, count);
}

/* ---- Directories ---- */

struct items {
    struct item *first;
    size_t count;
};

static int add(struct items *items, const char *directory, const char *name, bool is_directory)
{
    struct item item = {.path = directory != NULL ? stream_join(directory, name) : strdup(name),
                        .name = strdup(name),
                        .is_directory = is_directory};
    struct item *longer = realloc(items->first, (items->count + 1) * sizeof *longer);
    if (longer == NULL || item.name == NULL || item.path == NULL)
        exit(command_failed("ls", name, ENOMEM));
    items->first = longer;
    if ((option.details || option.by_time || directory == NULL) &&
        stat(item.path, &item.status) != 0) {
        int result = complain(item.path);
        free(item.name);
        free(item.path);
        return result;
    }
    if (directory == NULL)
        item.is_directory = S_ISDIR(item.status.st_mode);
    items->first[items->count++] = item;
    return COMMAND_OK;
}

static void items_free(struct items *items)
{
    for (size_t i = 0; i < items->count; i++) {
        free(items->first[i].name);
        free(items->first[i].path);
    }
    free(items->first);
}

static int read_items(const char *path, struct items *items)
{
    struct files_list list;
    int result = files_list("ls", path, &list);
    for (int dots = 1; option.dots && result == COMMAND_OK && dots <= 2; dots++)
        result = add(items, path, dots == 1 ? "." : "..", true);
    for (size_t i = 0; i < list.count; i++)
        if (option.all || *list.entries[i].name != '.')
            result |= add(items, path, list.entries[i].name, list.entries[i].is_directory);
    files_list_free(&list);
    return result;
}

static bool is_dots(const char *name) { return strcmp(name, ".") == 0 || strcmp(name, "..") == 0; }

/* The title tells which one it is, if there are several. */
static int list_directory(const char *path, bool has_title, bool is_first)
{
    struct items items = {0};
    int result = read_items(path, &items);
    if (has_title)
        printf("%s%s:\n", is_first ? "" : "\n", path);
    print(items.first, items.count);
    for (size_t i = 0; option.recursive && i < items.count; i++)
        if (items.first[i].is_directory && !is_dots(items.first[i].name))
            result |= list_directory(items.first[i].path, true, false);
    items_free(&items);
    return result;
}

/* Files first, then what is in directories. */
static int list(struct items *items, bool many)
{
    struct items files = {.first = calloc(items->count + 1, sizeof *files.first)};
    int result = COMMAND_OK;
    bool is_first = true;
    if (files.first == NULL)
        return command_failed("ls", ".", ENOMEM);
    for (size_t i = 0; i < items->count; i++)
        if (option.itself || !items->first[i].is_directory)
            files.first[files.count++] = items->first[i];
    for (size_t i = 0; i < files.count; i++)
        files.first[i].is_directory = false; /* as it was written, without a slash */
    is_first = files.count == 0;
    print(files.first, files.count);
    free(files.first);
    if (items->count > 0)
        qsort(items->first, items->count, sizeof *items->first, compare);
    for (size_t i = 0; i < items->count && !option.itself; i++)
        if (items->first[i].is_directory) {
            result |= list_directory(items->first[i].path, many || option.recursive, is_first);
            is_first = false;
        }
    return result;
}

static void take_option(int letter)
{
    option.all |= letter == 'a' || letter == 'A';
    option.dots |= letter == 'a';
    option.one_a_line |= letter == '1';
    option.details |= letter == 'l';
    option.itself |= letter == 'd';
    option.recursive |= letter == 'R';
    option.reverse |= letter == 'r';
    option.by_time |= letter == 't';
}

int main(int argc, char *argv[])
{
    static const struct options options = {"ls", ARGUMENTS, "1AadlRrt"};
    struct items items = {0};
    int result = COMMAND_OK;
    for (int letter; (letter = options_next(&options, argc, argv)) != 0;)
        take_option(letter);
    if (optind == argc)
        result = add(&items, NULL, ".", true);
    for (int i = optind; i < argc; i++)
        result |= add(&items, NULL, argv[i], false);
    result |= list(&items, argc - optind > 1);
    items_free(&items);
    return stream_finish("ls", result);
}
