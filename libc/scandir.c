/* SPDX-License-Identifier: MIT */
/* A directory read at once and sorted. */
#define _GNU_SOURCE /* strverscmp */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct list {
    struct dirent **entries;
    size_t count, room;
};

static int append(struct list *list, const struct dirent *entry)
{
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 16 : 2 * list->room;
        struct dirent **more = realloc(list->entries, room * sizeof *more);
        if (more == NULL)
            return ENOMEM;
        list->entries = more;
        list->room = room;
    }
    struct dirent *copy = malloc(sizeof *copy);
    if (copy == NULL)
        return ENOMEM;
    *copy = *entry;
    list->entries[list->count++] = copy;
    return 0;
}

/* All entries that are wanted; an error number. */
static int read_all(DIR *directory, int (*wanted)(const struct dirent *), struct list *list)
{
    const struct dirent *entry;
    int error = errno = 0;

    while (error == 0 && (entry = readdir(directory)) != NULL)
        if (wanted == NULL || wanted(entry))
            error = append(list, entry);
    return error != 0 ? error : errno;
}

int scandir(const char *path, struct dirent ***entries, int (*wanted)(const struct dirent *),
            int (*compare)(const struct dirent **, const struct dirent **))
{
    struct list list = {0};
    DIR *directory = opendir(path);

    if (directory == NULL)
        return -1;
    int error = read_all(directory, wanted, &list);
    closedir(directory);
    if (error != 0) {
        while (list.count > 0)
            free(list.entries[--list.count]);
        free(list.entries);
        errno = error;
        return -1;
    }
    if (compare != NULL && list.count > 1)
        qsort(list.entries, list.count, sizeof *list.entries,
              (int (*)(const void *, const void *))compare);
    *entries = list.entries;
    return (int)list.count;
}

int alphasort(const struct dirent **a, const struct dirent **b)
{
    return strcoll((*a)->d_name, (*b)->d_name);
}

int versionsort(const struct dirent **one, const struct dirent **other)
{
    return strverscmp((*one)->d_name, (*other)->d_name);
}
