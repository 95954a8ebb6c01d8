/* SPDX-License-Identifier: MIT */
#include "chacha20.h"

#include <string.h>

static uint32_t rotate(uint32_t word, unsigned by) { return word << by | word >> (32 - by); }

static void quarter_round(uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d)
{
    *a += *b, *d = rotate(*d ^ *a, 16);
    *c += *d, *b = rotate(*b ^ *c, 12);
    *a += *b, *d = rotate(*d ^ *a, 8);
    *c += *d, *b = rotate(*b ^ *c, 7);
}

/* Column rounds, then diagonal rounds: two of the twenty. */
static void double_round(uint32_t s[16])
{
    for (unsigned i = 0; i < 4; i++)
        quarter_round(&s[i], &s[4 + i], &s[8 + i], &s[12 + i]);
    for (unsigned i = 0; i < 4; i++)
        quarter_round(&s[i], &s[4 + (i + 1) % 4], &s[8 + (i + 2) % 4], &s[12 + (i + 3) % 4]);
}

/* Words are little-endian, as the machine's own are. */
void chacha20_block(const uint8_t key[CHACHA20_KEY], uint32_t counter,
                    const uint8_t nonce[CHACHA20_NONCE], uint8_t block[CHACHA20_BLOCK])
{
    uint32_t start[16], state[16];

    memcpy(start, "expand 32-byte k", 16);
    memcpy(start + 4, key, CHACHA20_KEY);
    start[12] = counter;
    memcpy(start + 13, nonce, CHACHA20_NONCE);
    memcpy(state, start, sizeof state);
    for (unsigned i = 0; i < 10; i++)
        double_round(state);
    for (unsigned i = 0; i < 16; i++)
        state[i] += start[i];
    memcpy(block, state, CHACHA20_BLOCK);
}
