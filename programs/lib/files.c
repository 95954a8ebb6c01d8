/* SPDX-License-Identifier: MIT */
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "stream.h"

bool files_is_directory(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

char *files_name(const char *path)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    size_t start = length;
    while (start > 0 && path[start - 1] != '/')
        start--;
    if (start == length && length > 0)
        start = length - 1; /* the root */
    char *name = strndup(path + start, length - start);
    if (name == NULL)
        exit(command_failed("path", path, ENOMEM));
    return name;
}

/* ---- Directories ---- */

static bool is_dots(const char *name) { return strcmp(name, ".") == 0 || strcmp(name, "..") == 0; }

static int compare_names(const void *one, const void *other)
{
    const struct files_entry *a = one, *b = other;
    return strcmp(a->name, b->name);
}

int files_list(const char *command, const char *path, struct files_list *list)
{
    DIR *directory = opendir(path);
    *list = (struct files_list){0};
    if (directory == NULL)
        return command_failed(command, path, errno);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (is_dots(entry->d_name))
            continue;
        list->entries = realloc(list->entries, (list->count + 1) * sizeof *list->entries);
        char *name = list->entries != NULL ? strdup(entry->d_name) : NULL;
        if (name == NULL)
            exit(command_failed(command, path, ENOMEM));
        list->entries[list->count++] = (struct files_entry){name, entry->d_type == DT_DIR};
    }
    closedir(directory);
    if (list->count > 0)
        qsort(list->entries, list->count, sizeof *list->entries, compare_names);
    return COMMAND_OK;
}

void files_list_free(struct files_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->entries[i].name);
    free(list->entries);
}

/* ---- Copying ---- */

static int copy_bytes(const char *command, int from, const char *from_path, int to,
                      const char *to_path)
{
    static char bytes[8192];
    ssize_t count;
    while ((count = read(from, bytes, sizeof bytes)) > 0)
        for (ssize_t done = 0, written; done < count; done += written) {
            written = write(to, bytes + done, (size_t)(count - done));
            if (written <= 0)
                return command_failed(command, to_path, errno);
        }
    return count == 0 ? COMMAND_OK : command_failed(command, from_path, errno);
}

static bool is_same(const struct stat *from, const char *to)
{
    struct stat status;
    return stat(to, &status) == 0 && status.st_dev == from->st_dev && status.st_ino == from->st_ino;
}

static int copy_file(const char *command, const char *from, const struct stat *status,
                     const char *to)
{
    int input = open(from, O_RDONLY);
    if (input < 0)
        return command_failed(command, from, errno);
    int output = open(to, O_WRONLY | O_CREAT | O_TRUNC, status->st_mode & 0777);
    if (output < 0) {
        int error = errno;
        close(input);
        return command_failed(command, to, error);
    }
    int result = copy_bytes(command, input, from, output, to);
    close(input);
    if (close(output) != 0 && result == COMMAND_OK)
        result = command_failed(command, to, errno);
    return result;
}

static int copy_directory(const char *command, const char *from, const struct stat *status,
                          const char *to)
{
    struct files_list list;
    if (files_list(command, from, &list) != COMMAND_OK)
        return COMMAND_FAILED;
    int result = COMMAND_OK;
    if (mkdir(to, (status->st_mode & 0777) | 0700) != 0 && !files_is_directory(to))
        result = command_failed(command, to, errno);
    for (size_t i = 0; i < list.count; i++) {
        char *inner_from = stream_join(from, list.entries[i].name);
        char *inner_to = stream_join(to, list.entries[i].name);
        if (result == COMMAND_OK || files_is_directory(to))
            result |= files_copy(command, inner_from, inner_to, true);
        free(inner_from);
        free(inner_to);
    }
    files_list_free(&list);
    return result;
}

/* Whether `to` lies within `from`: such a copy would never end. */
static bool is_within(const char *to, const char *from)
{
    size_t length = strlen(from);
    return strncmp(to, from, length) == 0 && (to[length] == '/' || from[length - 1] == '/');
}

int files_copy(const char *command, const char *from, const char *to, bool deep)
{
    struct stat status;
    if (stat(from, &status) != 0)
        return command_failed(command, from, errno);
    if (is_same(&status, to) || (S_ISDIR(status.st_mode) && is_within(to, from))) {
        fprintf(stderr, "%s: %s: cannot be copied to itself\n", command, from);
        return COMMAND_FAILED;
    }
    if (!S_ISDIR(status.st_mode))
        return copy_file(command, from, &status, to);
    if (deep)
        return copy_directory(command, from, &status, to);
    return command_failed(command, from, EISDIR);
}

/* ---- Removing ---- */

static int remove_directory(const char *command, const char *path)
{
    struct files_list list;
    if (files_list(command, path, &list) != COMMAND_OK)
        return COMMAND_FAILED;
    int result = COMMAND_OK;
    for (size_t i = 0; i < list.count; i++) {
        char *inner = stream_join(path, list.entries[i].name);
        result |= files_remove(command, inner, true, true);
        free(inner);
    }
    files_list_free(&list);
    if (result == COMMAND_OK && rmdir(path) != 0)
        result = command_failed(command, path, errno);
    return result;
}

int files_remove(const char *command, const char *path, bool deep, bool force)
{
    if (files_is_directory(path))
        return deep ? remove_directory(command, path) : command_failed(command, path, EISDIR);
    if (unlink(path) == 0 || (force && errno == ENOENT))
        return COMMAND_OK;
    return command_failed(command, path, errno);
}

/* ---- Sources and a target ---- */

int files_each(const char *command, char *sources[], int count, const char *target,
               int (*work)(const char *from, const char *to))
{
    int result = COMMAND_OK;
    bool into = files_is_directory(target);
    if (count > 1 && !into)
        return command_failed(command, target, ENOTDIR);
    for (int i = 0; i < count; i++) {
        char *name = files_name(sources[i]), *inner = stream_join(target, name);
        result |= work(sources[i], into ? inner : target);
        free(inner);
        free(name);
    }
    return result;
}
