/* SPDX-License-Identifier: MIT */
#include "complete.h"

#include <string.h>

/* Where the word before the cursor begins. A quoted blank is part of a word. */
static size_t word_start(const char *line, size_t cursor)
{
    size_t at = cursor;
    while (at > 0 && (strchr(" \t;&|", line[at - 1]) == NULL || (at > 1 && line[at - 2] == '\\')))
        at--;
    return at;
}

static bool is_first_word(const char *line, size_t start)
{
    while (start > 0 && line[start - 1] == ' ')
        start--;
    return start == 0 || strchr(";&|", line[start - 1]) != NULL;
}

bool complete_begin(struct completion *completion, const char *line, size_t cursor)
{
    size_t start = word_start(line, cursor), name = cursor;
    while (name > start && line[name - 1] != '/')
        name--;
    completion->count = completion->list_used = 0;
    completion->common[0] = completion->list[0] = '\0';
    completion->prefix_length = cursor - name;
    if (cursor - name > COMPLETE_NAME || name - start > COMPLETE_DIRECTORY)
        return false;
    memcpy(completion->directory, line + start, name - start);
    completion->directory[name - start] = '\0';
    memcpy(completion->prefix, line + name, cursor - name);
    completion->prefix[cursor - name] = '\0';
    completion->is_command = name == start && is_first_word(line, start);
    return true;
}

/* Puts a name into the list at its place; false if it is there already. */
static bool list_insert(struct completion *completion, const char *name)
{
    char *at = completion->list;
    size_t size = strlen(name) + 1;
    int order = 1;
    while (*at != '\0' && (order = strcmp(at, name)) < 0)
        at += strlen(at) + 1;
    if (*at != '\0' && order == 0)
        return false;
    if (completion->list_used + size >= COMPLETE_LIST)
        return true; /* counts, though it cannot be shown */
    size_t rest = completion->list_used - (size_t)(at - completion->list) + 1;
    memmove(at + size, at, rest);
    memcpy(at, name, size);
    completion->list_used += size;
    return true;
}

void complete_offer(struct completion *completion, const char *name, bool is_directory)
{
    size_t length = strlen(name), same = 0;
    if (length > COMPLETE_NAME || strncmp(name, completion->prefix, completion->prefix_length) != 0)
        return;
    if (!list_insert(completion, name))
        return;
    if (completion->count++ == 0) {
        memcpy(completion->common, name, length);
        completion->common[length] = is_directory ? '/' : ' ';
        completion->common[length + 1] = '\0';
        return;
    }
    while (completion->common[same] != '\0' && completion->common[same] == name[same])
        same++;
    completion->common[same] = '\0';
}

const char *complete_insertion(const struct completion *completion)
{
    return completion->count == 0 ? "" : completion->common + completion->prefix_length;
}
