/* SPDX-License-Identifier: MIT */
#include "history.h"

#include <string.h>

static void forget_oldest(struct history *history)
{
    size_t size = strlen(history->bytes) + 1;
    history->used -= size;
    history->count--;
    history->dropped++;
    memmove(history->bytes, history->bytes + size, history->used);
}

void history_add(struct history *history, const char *line)
{
    size_t size = strlen(line) + 1;
    const char *last = history_get(history, 0);
    if (line[strspn(line, " \t")] == '\0' || size > HISTORY_BYTES)
        return;
    if (last != NULL && strcmp(last, line) == 0)
        return;
    while (history->used + size > HISTORY_BYTES)
        forget_oldest(history);
    memcpy(history->bytes + history->used, line, size);
    history->used += size;
    history->count++;
}

const char *history_get(const struct history *history, size_t back)
{
    if (back >= history->count)
        return NULL;
    const char *line = history->bytes;
    for (size_t skip = history->count - 1 - back; skip > 0; skip--)
        line += strlen(line) + 1;
    return line;
}
