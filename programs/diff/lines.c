/* SPDX-License-Identifier: MIT */
#include "lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "stream.h"

static bool read_bytes(FILE *file, struct text *text)
{
    size_t capacity = 0, done;
    do {
        if (text->size + 1 >= capacity) {
            capacity = 2 * capacity + 4096;
            char *larger = realloc(text->bytes, capacity);
            if (larger == NULL)
                return false;
            text->bytes = larger;
        }
        done = fread(text->bytes + text->size, 1, capacity - text->size, file);
        text->size += done;
    } while (done > 0);
    return !ferror(file);
}

static size_t count_lines(const struct text *text)
{
    size_t count = text->size > 0 && text->bytes[text->size - 1] != '\n';
    for (size_t i = 0; i < text->size; i++)
        count += text->bytes[i] == '\n';
    return count;
}

/* FNV-1a */
static unsigned long hash(const char *bytes, size_t length)
{
    unsigned long value = 2166136261u;
    for (size_t i = 0; i < length; i++)
        value = (value ^ (unsigned char)bytes[i]) * 16777619u;
    return value;
}

static void cut(struct text *text)
{
    const char *at = text->bytes, *end = text->bytes + text->size;
    for (size_t i = 0; i < text->count; i++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((newline != NULL ? newline + 1 : end) - at);
        text->lines[i] = (struct line){at, length, hash(at, length)};
        at += length;
    }
}

bool text_read(const char *path, struct text *text)
{
    FILE *file = stream_open("diff", path);
    *text = (struct text){.size = 0};
    if (file == NULL)
        return false;
    bool done = read_bytes(file, text);
    int error = done ? 0 : errno;
    stream_close(file);
    text->count = done ? count_lines(text) : 0;
    text->lines = calloc(text->count + 1, sizeof *text->lines);
    text->changed = calloc(text->count + 1, sizeof *text->changed);
    if (!done || text->lines == NULL || text->changed == NULL) {
        command_failed("diff", path, error != 0 ? error : ENOMEM);
        return false;
    }
    cut(text);
    return true;
}

bool line_ends(const struct line *line)
{
    return line->length > 0 && line->bytes[line->length - 1] == '\n';
}
