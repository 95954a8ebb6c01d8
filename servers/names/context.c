/* SPDX-License-Identifier: MIT */
#include "context.h"

#include <stdlib.h>
#include <string.h>

#include <iris/calls.h>

#include "slots.h"

static struct {
    struct entry *entry;
    uint32_t count, capacity;
    uint32_t order; /* of the last registered */
} context;

/* ---- Entries ---- */

static void remove_at(uint32_t index)
{
    struct entry *entry = &context.entry[index];

    iris_handle_discard(entry->portal);
    free(entry->path);
    context.count--;
    memmove(entry, entry + 1, (context.count - index) * sizeof *entry);
}

static bool is_dead(const struct entry *entry)
{
    struct iris_handle_info info;

    return entry->mortal &&
           (iris_handle_identify(entry->portal, 0, &info) < 0 || info.type != IRIS_TYPE_PORTAL);
}

void context_bury(void)
{
    for (uint32_t i = context.count; i-- > 0;)
        if (is_dead(&context.entry[i]))
            remove_at(i);
}

uint32_t context_count(void)
{
    context_bury();
    return context.count;
}

const struct entry *context_at(uint32_t index) { return &context.entry[index]; }

/* The index of a path, or where it would be. */
static uint32_t position(const char *path)
{
    uint32_t low = 0, high = context.count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (strcmp(context.entry[middle].path, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct entry *context_find(const char *path)
{
    uint32_t at = position(path);

    if (at == context.count || strcmp(context.entry[at].path, path) != 0)
        return NULL;
    if (!is_dead(&context.entry[at]))
        return &context.entry[at];
    remove_at(at);
    return NULL;
}

const struct entry *context_resolve(const char *path)
{
    char prefix[NAMES_MAX_PATH + 2];
    const struct entry *found = NULL;

    strncpy(prefix, path, sizeof prefix - 1);
    prefix[sizeof prefix - 1] = '\0';
    char *end = strlen(path) < sizeof prefix ? prefix + strlen(prefix) : strrchr(prefix, '/');
    while (end != NULL) {
        *end = '\0';
        if ((found = context_find(prefix)) != NULL)
            break;
        end = strrchr(prefix, '/');
    }
    return found;
}

uint32_t context_count_mortal(uint32_t port)
{
    uint32_t count = 0;

    context_bury();
    for (uint32_t i = 0; i < context.count; i++)
        count += context.entry[i].mortal && (port == 0 || context.entry[i].port == port);
    return count;
}

/* ---- Changes ---- */

static int make_room(void)
{
    if (context.count < context.capacity)
        return 0;
    uint32_t capacity = context.capacity != 0 ? 2 * context.capacity : 32;
    struct entry *larger = realloc(context.entry, capacity * sizeof *larger);
    if (larger == NULL)
        return -ENOMEM;
    context.entry = larger;
    context.capacity = capacity;
    return 0;
}

int context_add(const char *path, uint32_t portal, uint32_t port, bool mortal)
{
    char *copy = make_room() == 0 ? strdup(path) : NULL;

    if (copy == NULL)
        return -ENOMEM;
    uint32_t at = position(path);
    memmove(&context.entry[at + 1], &context.entry[at],
            (context.count - at) * sizeof context.entry[0]);
    context.entry[at] = (struct entry){
        .path = copy, .portal = portal, .port = port, .order = ++context.order, .mortal = mortal};
    context.count++;
    return 0;
}

void context_remove(const char *path)
{
    uint32_t at = position(path);

    if (at < context.count && strcmp(context.entry[at].path, path) == 0)
        remove_at(at);
}

/* ---- Other ways to look ---- */

const struct entry *context_port(uint32_t port)
{
    const struct entry *found = NULL;

    context_bury();
    for (uint32_t i = 0; i < context.count; i++) {
        const struct entry *entry = &context.entry[i];
        if (entry->port == port && (found == NULL || entry->order < found->order))
            found = entry;
    }
    return found;
}

const char *context_component(const struct entry *entry, const char *path, uint32_t *length)
{
    size_t above = strlen(path);

    if (above > 0 && (strncmp(entry->path, path, above) != 0 || entry->path[above++] != '/'))
        return NULL;
    *length = (uint32_t)strcspn(entry->path + above, "/");
    return entry->path + above;
}

/* Whether no entry registered before this one has the same component. */
static bool is_first(const struct entry *entry, const char *path)
{
    uint32_t length, other_length;
    const char *component = context_component(entry, path, &length);

    for (uint32_t i = 0; i < context.count; i++) {
        const struct entry *other = &context.entry[i];
        const char *its = context_component(other, path, &other_length);
        if (its != NULL && other->order < entry->order && other_length == length &&
            strncmp(its, component, length) == 0)
            return false;
    }
    return true;
}

const struct entry *context_child(const char *path, uint32_t order)
{
    const struct entry *next = NULL;
    uint32_t length;

    context_bury();
    for (uint32_t i = 0; i < context.count; i++) {
        const struct entry *entry = &context.entry[i];
        if (entry->order > order && (next == NULL || entry->order < next->order) &&
            context_component(entry, path, &length) != NULL && is_first(entry, path))
            next = entry;
    }
    return next;
}
