/* SPDX-License-Identifier: MIT */
/* The ChaCha20 block function (RFC 8439 section 2.3). */
#ifndef RANDOM_CHACHA20_H
#define RANDOM_CHACHA20_H

#include <stdint.h>

#define CHACHA20_KEY 32u
#define CHACHA20_NONCE 12u
#define CHACHA20_BLOCK 64u

void chacha20_block(const uint8_t key[CHACHA20_KEY], uint32_t counter,
                    const uint8_t nonce[CHACHA20_NONCE], uint8_t block[CHACHA20_BLOCK]);

#endif
