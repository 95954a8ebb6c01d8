/* SPDX-License-Identifier: MIT */
#include "pool.h"

#include <string.h>

void pool_begin(struct pool *pool)
{
    memset(pool, 0, sizeof *pool);
    blake2s_begin(&pool->gathered);
}

/* ---- Gathering ---- */

static void reseed(struct pool *pool)
{
    blake2s_add(&pool->gathered, pool->key, sizeof pool->key);
    blake2s_end(&pool->gathered, pool->key);
    blake2s_begin(&pool->gathered);
    pool->bits = 0;
    pool->reseedings++;
}

void pool_add(struct pool *pool, const void *data, uint32_t size, uint32_t bits)
{
    blake2s_add(&pool->gathered, data, size);
    pool->bits += bits;
    if (pool->bits >= POOL_SEED_BITS) {
        reseed(pool);
        pool->seeded = true;
    }
}

static uint64_t magnitude(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

/*
 * A time is worth a bit if neither it, nor its distance from the last, nor the change of that
 * distance is what the one before was, nearly: a clock that ticks evenly, or ever faster, earns
 * nothing. It may be worth more; but what looks irregular may also follow a rule we don't see.
 */
uint32_t pool_add_time(struct pool *pool, uint64_t time)
{
    int64_t change = (int64_t)(time - pool->last_time);
    int64_t second = change - pool->last_change[0], third = second - pool->last_change[1];
    uint32_t bits = magnitude(change) > 1 && magnitude(second) > 1 && magnitude(third) > 1;

    pool->last_time = time;
    pool->last_change[0] = change;
    pool->last_change[1] = second;
    pool_add(pool, &time, sizeof time, bits);
    return bits;
}

/* ---- Giving ---- */

void pool_take(struct pool *pool, uint8_t *bytes, uint32_t size)
{
    static const uint8_t nonce[CHACHA20_NONCE];
    uint8_t block[CHACHA20_BLOCK];
    uint32_t at = CHACHA20_KEY; /* of the first block, whose first half is the next key */

    if (!pool->seeded)
        reseed(pool); /* what little there is; its worth is not counted twice */
    chacha20_block(pool->key, 0, nonce, block);
    uint8_t next_key[CHACHA20_KEY];
    memcpy(next_key, block, sizeof next_key);
    for (uint32_t counter = 1; size > 0; counter++) {
        uint32_t part = CHACHA20_BLOCK - at < size ? CHACHA20_BLOCK - at : size;
        memcpy(bytes, block + at, part);
        bytes += part;
        size -= part;
        at = 0;
        if (size > 0)
            chacha20_block(pool->key, counter, nonce, block);
    }
    memcpy(pool->key, next_key, sizeof pool->key);
    memset(block, 0, sizeof block);
    memset(next_key, 0, sizeof next_key);
    __asm__ volatile("" : : "r"(block), "r"(next_key) : "memory"); /* really */
}
