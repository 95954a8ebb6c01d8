/* SPDX-License-Identifier: MIT */
/* Four levels of 5 bits, all nodes alike. They lie in the arena of the table's owner. */
#include "mem.h"

#define LEVELS 4u
#define BITS 5u
#define FANOUT (1u << BITS)

/* Of the last level the words of the keys, of the others addresses of nodes; 0: nothing. */
struct radix_node {
    uint32_t at[FANOUT];
};
_Static_assert(RADIX_KEYS == 1u << LEVELS * BITS, "keys have 20 bits");

static uint32_t shift_of(uint32_t level) { return (LEVELS - 1 - level) * BITS; }

static uint32_t *place_in(struct radix_node *node, uint32_t level, uint32_t key)
{
    return &node->at[key >> shift_of(level) & (FANOUT - 1)];
}

uint32_t *radix_find(const struct radix *radix, uint32_t key)
{
    struct radix_node *node = radix->top;

    if (node == NULL || key >= RADIX_KEYS)
        return NULL;
    for (uint32_t level = 0; level < LEVELS - 1; level++) {
        node = (struct radix_node *)*place_in(node, level, key);
        if (node == NULL)
            return NULL;
    }
    return place_in(node, LEVELS - 1, key);
}

static bool node_is_empty(const struct radix_node *node)
{
    for (uint32_t i = 0; i < FANOUT; i++)
        if (node->at[i] != 0)
            return false;
    return true;
}

/* Frees the nodes on the way to a key that lead nowhere. */
static void trim(struct radix *radix, struct arena *arena, uint32_t key)
{
    struct radix_node *path[LEVELS] = {radix->top};
    uint32_t depth = 0;

    while (depth < LEVELS - 1 && path[depth] != NULL) {
        path[depth + 1] = (struct radix_node *)*place_in(path[depth], depth, key);
        depth++;
    }
    for (uint32_t level = depth + 1; level-- > 0;) {
        if (path[level] == NULL)
            continue;
        if (!node_is_empty(path[level]))
            return;
        arena_free(arena, path[level], sizeof *path[level]);
        if (level > 0)
            *place_in(path[level - 1], level - 1, key) = 0;
        else
            radix->top = NULL;
    }
}

uint32_t *radix_make(struct radix *radix, struct arena *arena, uint32_t key, bool may_grow)
{
    struct radix_node *node = radix->top;

    if (key >= RADIX_KEYS)
        return NULL;
    if (node == NULL)
        node = radix->top = arena_take(arena, sizeof *node, may_grow);
    for (uint32_t level = 0; level < LEVELS - 1 && node != NULL; level++) {
        uint32_t *place = place_in(node, level, key);
        if (*place == 0)
            *place = (uint32_t)arena_take(arena, sizeof *node, may_grow);
        node = (struct radix_node *)*place;
    }
    if (node == NULL) {
        trim(radix, arena, key);
        return NULL;
    }
    return place_in(node, LEVELS - 1, key);
}

void radix_remove(struct radix *radix, struct arena *arena, uint32_t key)
{
    uint32_t *place = radix_find(radix, key);

    if (place == NULL)
        return;
    *place = 0;
    trim(radix, arena, key);
}

/* The word of a key; if it is 0, *key moves on to where the next can be. */
static uint32_t word_or_skip(const struct radix *radix, uint32_t *key)
{
    uint32_t word = (uint32_t)radix->top, level = 0;

    for (; level < LEVELS && word != 0; level++)
        word = *place_in((struct radix_node *)word, level, *key);
    if (word == 0)
        *key = level == 0 ? RADIX_KEYS : (*key | ((1u << shift_of(level - 1)) - 1)) + 1;
    return word;
}

bool radix_next(const struct radix *radix, uint32_t *key, uint32_t *word)
{
    while (*key < RADIX_KEYS) {
        *word = word_or_skip(radix, key);
        if (*word != 0)
            return true;
    }
    return false;
}
