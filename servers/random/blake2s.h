/* SPDX-License-Identifier: MIT */
/* BLAKE2s with a digest of 32 bytes and no key (RFC 7693). */
#ifndef RANDOM_BLAKE2S_H
#define RANDOM_BLAKE2S_H

#include <stdint.h>

#define BLAKE2S_BLOCK 64u
#define BLAKE2S_DIGEST 32u

struct blake2s {
    uint32_t state[8];
    uint64_t length; /* bytes compressed so far */
    uint8_t block[BLAKE2S_BLOCK];
    uint32_t used; /* of `block`, which is compressed when more comes: the last one is special */
};

void blake2s_begin(struct blake2s *hash);
void blake2s_add(struct blake2s *hash, const void *data, uint32_t size);
void blake2s_end(struct blake2s *hash, uint8_t digest[BLAKE2S_DIGEST]);

#endif
