/* SPDX-License-Identifier: MIT */
#include "glob.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "pattern.h"

void list_add(struct arena *arena, struct list *list, char *item)
{
    if (list->count + 1 >= list->capacity) {
        size_t capacity = 2 * list->capacity + 8;
        char **larger = arena_take(arena, capacity * sizeof *larger);
        if (list->count > 0)
            memcpy(larger, list->items, list->count * sizeof *larger);
        list->items = larger;
        list->capacity = capacity;
    }
    list->items[list->count++] = item;
    list->items[list->count] = NULL;
}

struct glob {
    struct arena *arena;
    struct list *paths;
};

static char *joined(struct glob *glob, const char *path, const char *name, size_t length,
                    const char *behind)
{
    struct text text = {.arena = glob->arena};
    text_put_string(&text, path);
    text_put(&text, name, length);
    text_put_string(&text, behind);
    return text_string(&text);
}

static void walk(struct glob *glob, const char *path, const char *pattern);

/* One component without magic: it need not be looked for, and is found only if it is there. */
static void walk_plain(struct glob *glob, const char *path, const char *component, const char *rest)
{
    struct text name = {.arena = glob->arena};
    for (; *component != '\0'; component++) {
        if (*component == '\\' && component[1] != '\0')
            component++;
        text_put_char(&name, *component);
    }
    const char *plain = text_string(&name);
    walk(glob, joined(glob, path, plain, strlen(plain), *rest != '\0' ? "/" : ""), rest);
}

/* The names in a directory that match, in any order. */
static void match_names(struct glob *glob, const char *path, const char *component,
                        struct list *names)
{
    DIR *directory = opendir(*path != '\0' ? path : ".");
    if (directory == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        if ((*entry->d_name != '.' || *component == '.') && pattern_match(component, entry->d_name))
            list_add(glob->arena, names,
                     arena_text(glob->arena, entry->d_name, strlen(entry->d_name)));
    closedir(directory);
}

static bool is_directory(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static void walk_magic(struct glob *glob, const char *path, const char *component, const char *rest)
{
    struct list names = {0};
    match_names(glob, path, component, &names);
    for (size_t i = 0; i < names.count; i++) {
        char *full = joined(glob, path, names.items[i], strlen(names.items[i]), "");
        if (*rest == '\0')
            list_add(glob->arena, glob->paths, full);
        else if (is_directory(full))
            walk(glob, joined(glob, full, "", 0, "/"), rest);
    }
}

/* `path` is done ("" or ending in a slash, unless nothing is left), `pattern` is what is left. */
static void walk(struct glob *glob, const char *path, const char *pattern)
{
    struct stat status;
    if (*pattern == '\0') {
        if (stat(path, &status) == 0)
            list_add(glob->arena, glob->paths, arena_text(glob->arena, path, strlen(path)));
        return;
    }
    size_t slashes = strspn(pattern, "/"), length = strcspn(pattern + slashes, "/");
    if (slashes > 0 && *path == '\0')
        path = joined(glob, path, pattern, slashes, "");
    pattern += slashes;
    const char *component = arena_text(glob->arena, pattern, length);
    const char *rest = pattern + length;
    rest += strspn(rest, "/");
    if (*rest == '\0' && pattern[length] == '/') /* "x*" with a slash behind: directories only */
        rest = pattern + length;
    if (pattern_is_magic(component))
        walk_magic(glob, path, component, rest);
    else
        walk_plain(glob, path, component, rest);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

size_t glob_expand(struct arena *arena, const char *pattern, struct list *paths)
{
    struct glob glob = {arena, paths};
    size_t first = paths->count;
    walk(&glob, "", pattern);
    if (paths->count > first)
        qsort(paths->items + first, paths->count - first, sizeof *paths->items, by_name);
    return paths->count - first;
}
