/* SPDX-License-Identifier: MIT */
/* Three levels: 7, 7 and 6 bits. Small programs need one node of each of the upper levels. */
#include "mem.h"

#define TOP_BITS 7
#define MIDDLE_BITS 7
#define LEAF_BITS 6

struct radix_leaf {
    uint32_t word[1 << LEAF_BITS];
};
struct radix_middle {
    struct radix_leaf *leaf[1 << MIDDLE_BITS];
};
struct radix_top {
    struct radix_middle *middle[1 << TOP_BITS];
};
_Static_assert(TOP_BITS + MIDDLE_BITS + LEAF_BITS == 20, "keys have 20 bits");

static struct slab_cache tops = {.size = sizeof(struct radix_top)};
static struct slab_cache middles = {.size = sizeof(struct radix_middle)};
static struct slab_cache leaves = {.size = sizeof(struct radix_leaf)};

static uint32_t top_index(uint32_t key) { return key >> (MIDDLE_BITS + LEAF_BITS); }

static uint32_t middle_index(uint32_t key) { return key >> LEAF_BITS & ((1 << MIDDLE_BITS) - 1); }

static uint32_t leaf_index(uint32_t key) { return key & ((1 << LEAF_BITS) - 1); }

/* The node a pointer leads to, made if it is missing and `make` says so. */
static void *node(void **place, struct slab_cache *cache, bool make)
{
    if (*place == NULL && make)
        *place = slab_take(cache);
    return *place;
}

uint32_t *radix_at(struct radix *radix, uint32_t key, bool make)
{
    if (key >= RADIX_KEYS)
        return NULL;
    struct radix_top *top = node((void **)&radix->top, &tops, make);
    if (top == NULL)
        return NULL;
    struct radix_middle *middle = node((void **)&top->middle[top_index(key)], &middles, make);
    if (middle == NULL)
        return NULL;
    struct radix_leaf *leaf = node((void **)&middle->leaf[middle_index(key)], &leaves, make);
    return leaf != NULL ? &leaf->word[leaf_index(key)] : NULL;
}

/* The leaf for a key; if there is none, *key moves on to where the next can be. */
static const struct radix_leaf *leaf_or_skip(const struct radix *radix, uint32_t *key)
{
    const struct radix_middle *middle = radix->top->middle[top_index(*key)];
    const struct radix_leaf *leaf = middle != NULL ? middle->leaf[middle_index(*key)] : NULL;
    uint32_t span = middle == NULL ? 1u << (MIDDLE_BITS + LEAF_BITS) : 1u << LEAF_BITS;

    if (leaf == NULL)
        *key = (*key | (span - 1)) + 1;
    return leaf;
}

bool radix_next(const struct radix *radix, uint32_t *key, uint32_t *word)
{
    if (radix->top == NULL)
        return false;
    while (*key < RADIX_KEYS) {
        const struct radix_leaf *leaf = leaf_or_skip(radix, key);
        if (leaf == NULL)
            continue;
        *word = leaf->word[leaf_index(*key)];
        if (*word != 0)
            return true;
        ++*key;
    }
    return false;
}

static void free_middle(struct radix_middle *middle)
{
    for (uint32_t i = 0; i < 1u << MIDDLE_BITS; i++)
        if (middle->leaf[i] != NULL)
            slab_free(&leaves, middle->leaf[i]);
    slab_free(&middles, middle);
}

void radix_clear(struct radix *radix)
{
    if (radix->top == NULL)
        return;
    for (uint32_t i = 0; i < 1u << TOP_BITS; i++)
        if (radix->top->middle[i] != NULL)
            free_middle(radix->top->middle[i]);
    slab_free(&tops, radix->top);
    radix->top = NULL;
}
