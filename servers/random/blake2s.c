/* SPDX-License-Identifier: MIT */
#include "blake2s.h"

#include <stdbool.h>
#include <string.h>

#define ROUNDS 10

static const uint32_t initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

/* Which word of the message comes where (RFC 7693 section 2.7). */
static const uint8_t sigma[ROUNDS][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

static uint32_t rotate(uint32_t word, unsigned by) { return word >> by | word << (32 - by); }

/* The mixing function G (3.1) on the words a, b, c, d of v. */
static void mix(uint32_t v[16], const uint8_t at[4], uint32_t x, uint32_t y)
{
    uint32_t *a = &v[at[0]], *b = &v[at[1]], *c = &v[at[2]], *d = &v[at[3]];

    *a += *b + x, *d = rotate(*d ^ *a, 16);
    *c += *d, *b = rotate(*b ^ *c, 12);
    *a += *b + y, *d = rotate(*d ^ *a, 8);
    *c += *d, *b = rotate(*b ^ *c, 7);
}

/* The compression function F (3.2). */
static void compress(struct blake2s *hash, bool last)
{
    static const uint8_t places[8][4] = {{0, 4, 8, 12},  {1, 5, 9, 13},  {2, 6, 10, 14},
                                         {3, 7, 11, 15}, {0, 5, 10, 15}, {1, 6, 11, 12},
                                         {2, 7, 8, 13},  {3, 4, 9, 14}};
    uint32_t v[16], message[16];

    memcpy(message, hash->block, sizeof message);
    memcpy(v, hash->state, sizeof hash->state);
    memcpy(v + 8, initial, sizeof initial);
    v[12] ^= (uint32_t)hash->length;
    v[13] ^= (uint32_t)(hash->length >> 32);
    v[14] = last ? ~v[14] : v[14];
    for (unsigned round = 0; round < ROUNDS; round++)
        for (unsigned i = 0; i < 8; i++)
            mix(v, places[i], message[sigma[round][2 * i]], message[sigma[round][2 * i + 1]]);
    for (unsigned i = 0; i < 8; i++)
        hash->state[i] ^= v[i] ^ v[i + 8];
}

void blake2s_begin(struct blake2s *hash)
{
    memset(hash, 0, sizeof *hash);
    memcpy(hash->state, initial, sizeof initial);
    hash->state[0] ^= 0x01010000 ^ BLAKE2S_DIGEST; /* parameters: fanout and depth 1, no key */
}

void blake2s_add(struct blake2s *hash, const void *data, uint32_t size)
{
    const uint8_t *from = data;

    while (size > 0) {
        if (hash->used == BLAKE2S_BLOCK) {
            hash->length += BLAKE2S_BLOCK;
            compress(hash, false);
            hash->used = 0;
        }
        uint32_t part = BLAKE2S_BLOCK - hash->used < size ? BLAKE2S_BLOCK - hash->used : size;
        memcpy(hash->block + hash->used, from, part);
        hash->used += part;
        from += part;
        size -= part;
    }
}

void blake2s_end(struct blake2s *hash, uint8_t digest[BLAKE2S_DIGEST])
{
    hash->length += hash->used;
    memset(hash->block + hash->used, 0, BLAKE2S_BLOCK - hash->used);
    compress(hash, true);
    memcpy(digest, hash->state, BLAKE2S_DIGEST);
    memset(hash, 0, sizeof *hash);
}
