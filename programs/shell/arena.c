/* SPDX-License-Identifier: MIT */
#include "arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES 4000 /* with malloc's own words less than a page */

struct arena_chunk {
    struct arena_chunk *older;
    size_t used, size;
    max_align_t bytes[];
};

bool arena_try(struct arena *arena, bool (*work)(void *context), void *context)
{
    jmp_buf here, *volatile outer = arena->exhausted;
    arena->exhausted = &here;
    bool done = setjmp(here) == 0 && work(context);
    arena->exhausted = outer;
    return done;
}

static size_t aligned(size_t size) { return (size + sizeof(void *) - 1) & ~(sizeof(void *) - 1); }

static void add_chunk(struct arena *arena, size_t size)
{
    size_t room = size < CHUNK_BYTES / 2 ? CHUNK_BYTES : size;
    struct arena_chunk *chunk =
        room < SIZE_MAX / 2 ? malloc(sizeof *chunk + room) : NULL; /* no sum wraps */
    if (chunk == NULL)
        longjmp(*arena->exhausted, 1);
    *chunk = (struct arena_chunk){.older = arena->chunk, .size = room};
    arena->chunk = chunk;
}

void *arena_take(struct arena *arena, size_t size)
{
    size = aligned(size);
    if (arena->chunk == NULL || size > arena->chunk->size - arena->chunk->used)
        add_chunk(arena, size);
    void *taken = (char *)arena->chunk->bytes + arena->chunk->used;
    arena->chunk->used += size;
    return taken;
}

char *arena_text(struct arena *arena, const char *bytes, size_t length)
{
    char *copy = arena_take(arena, length + 1);
    memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

struct arena_mark arena_mark(const struct arena *arena)
{
    return (struct arena_mark){arena->chunk, arena->chunk != NULL ? arena->chunk->used : 0};
}

void arena_release(struct arena *arena, struct arena_mark mark)
{
    while (arena->chunk != mark.chunk) {
        struct arena_chunk *chunk = arena->chunk;
        arena->chunk = chunk->older;
        free(chunk);
    }
    if (arena->chunk != NULL)
        arena->chunk->used = mark.used;
}

void arena_free(struct arena *arena) { arena_release(arena, (struct arena_mark){NULL, 0}); }

void text_put(struct text *text, const char *bytes, size_t count)
{
    if (text->bytes == NULL || count >= text->capacity - text->length) {
        size_t capacity = 2 * text->capacity + count + 32;
        char *larger = arena_take(text->arena, capacity);
        if (text->length > 0)
            memcpy(larger, text->bytes, text->length);
        text->bytes = larger;
        text->capacity = capacity;
    }
    if (count > 0)
        memcpy(text->bytes + text->length, bytes, count);
    text->length += count;
    text->bytes[text->length] = '\0';
}

void text_put_char(struct text *text, char c) { text_put(text, &c, 1); }

void text_put_string(struct text *text, const char *string)
{
    text_put(text, string, strlen(string));
}

char *text_string(struct text *text)
{
    if (text->bytes == NULL)
        text_put(text, "", 0);
    return text->bytes;
}
