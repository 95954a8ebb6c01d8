/* SPDX-License-Identifier: MIT */
/*
 * What is gathered, and the generator fed by it. Portable; tests/host looks into it.
 *
 * Everything gathered goes into a BLAKE2s hash. Once it is worth POOL_SEED_BITS it becomes, with
 * the old key, a new key of the generator; never in smaller portions, so that who knew the key and
 * sees the output can't guess its way from portion to portion. The generator is ChaCha20 with fast
 * key erasure (D. J. Bernstein, 2017): each request begins with a new key, made by the old one,
 * which is gone. So whoever sees the memory later learns nothing of what was given out before.
 */
#ifndef RANDOM_POOL_H
#define RANDOM_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "blake2s.h"
#include "chacha20.h"

#define POOL_SEED_BITS 256u

struct pool {
    uint8_t key[CHACHA20_KEY];
    struct blake2s gathered; /* since the key was made */
    uint32_t bits;           /* what `gathered` is worth */
    bool seeded;             /* has been worth POOL_SEED_BITS once */
    uint32_t reseedings;
    uint64_t last_time;     /* of the measured ones */
    int64_t last_change[2]; /* of the time, and of that change */
};

void pool_begin(struct pool *pool);

/* Mixes in what is worth so many bits. */
void pool_add(struct pool *pool, const void *data, uint32_t size, uint32_t bits);

/* Mixes in when something happened by a fast clock; tells the bits credited: 0 or 1. */
uint32_t pool_add_time(struct pool *pool, uint64_t time);

/* The next random bytes. */
void pool_take(struct pool *pool, uint8_t *bytes, uint32_t size);

#endif
