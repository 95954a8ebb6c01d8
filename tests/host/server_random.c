/* SPDX-License-Identifier: MIT */
/*
 * Ciphers against the examples of their RFCs, and the pool that is made of them. With "blake2s":
 * hashes standard input, as it comes, for tests/host/random.
 */
#include "../../servers/random/blake2s.c"
#define rotate rotate_left
#include "../../servers/random/chacha20.c"
#undef rotate
#include "../../servers/random/pool.c"

#include "server_check.h"

static const char *hex(const uint8_t *bytes, uint32_t size)
{
    static char text[300];

    for (uint32_t i = 0; i < size; i++)
        sprintf(text + 2 * i, "%02x", bytes[i]);
    return text;
}

/* RFC 8439 section 2.3.2. */
static void test_chacha20(void)
{
    static const uint8_t nonce[CHACHA20_NONCE] = {0, 0, 0, 9, 0, 0, 0, 0x4a};
    uint8_t key[CHACHA20_KEY], block[CHACHA20_BLOCK];

    for (uint32_t i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)i;
    chacha20_block(key, 1, nonce, block);
    CHECK_TEXT(hex(block, sizeof block),
               "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e"
               "d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e");
    memset(key, 0, sizeof key); /* appendix A.1, test vector 1 */
    chacha20_block(key, 0, (const uint8_t[CHACHA20_NONCE]){0}, block);
    CHECK_TEXT(hex(block, 32), "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7");
}

static const char *blake2s_of(const void *data, uint32_t size)
{
    struct blake2s hash;
    uint8_t digest[BLAKE2S_DIGEST];

    blake2s_begin(&hash);
    blake2s_add(&hash, data, size);
    blake2s_end(&hash, digest);
    return hex(digest, sizeof digest);
}

/* RFC 7693 appendix B, and the empty message. */
static void test_blake2s(void)
{
    CHECK_TEXT(blake2s_of("abc", 3),
               "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982");
    CHECK_TEXT(blake2s_of("", 0),
               "69217a3079908094e11121d042354a7c1f55b6482ca1a51e1b250dfd1ed0eef9");
}

static bool take_differs(struct pool *a, struct pool *b)
{
    uint8_t first[100], second[100];

    pool_take(a, first, sizeof first);
    pool_take(b, second, sizeof second);
    return memcmp(first, second, sizeof first) != 0;
}

/* A seed counts when it is whole; all that came before it matters. */
static void test_seeding(void)
{
    struct pool a, b;

    pool_begin(&a);
    pool_begin(&b);
    CHECK(!take_differs(&a, &b));
    pool_add(&a, "x", 1, POOL_SEED_BITS - 1);
    CHECK(!a.seeded && a.reseedings == 1);
    pool_add(&a, "", 0, 1);
    CHECK(a.seeded && a.bits == 0);
    pool_add(&b, "y", 1, POOL_SEED_BITS);
    CHECK(b.seeded && take_differs(&a, &b));
    b = a;
    CHECK(!take_differs(&a, &b));
    pool_add(&a, "z", 1, 1);
    CHECK(!take_differs(&a, &b)); /* not yet: in one portion only */
    pool_add(&a, "", 0, POOL_SEED_BITS - 1);
    CHECK(take_differs(&a, &b));
}

/* The key that gave something is gone: it can't be found again from what is there afterwards. */
static void test_key_erasure(void)
{
    struct pool pool;
    uint8_t before[CHACHA20_KEY], bytes[200], block[CHACHA20_BLOCK];

    pool_begin(&pool);
    pool_add(&pool, "seed", 4, POOL_SEED_BITS);
    memcpy(before, pool.key, sizeof before);
    pool_take(&pool, bytes, sizeof bytes);
    chacha20_block(before, 0, (const uint8_t[CHACHA20_NONCE]){0}, block);
    CHECK(memcmp(pool.key, block, 32) == 0 && memcmp(bytes, block + 32, 32) == 0);
    chacha20_block(before, 3, (const uint8_t[CHACHA20_NONCE]){0}, block);
    CHECK(memcmp(bytes + 32 + 2 * 64, block, sizeof bytes - 160) == 0);
    CHECK(memcmp(pool.key, before, sizeof before) != 0);
}

/* What each time is worth: regular ones nothing, irregular ones at most a bit. */
static void test_estimate(void)
{
    struct pool pool;
    uint32_t bits = 0;

    pool_begin(&pool);
    for (uint64_t i = 0; i < 1000; i++) /* even ticks, from somewhere */
        bits += pool_add_time(&pool, 5000000 + 838 * i);
    CHECK(bits <= 3);
    for (uint64_t i = 0; i < 1000; i++) /* ever slower, evenly */
        bits += pool_add_time(&pool, 9000000 + 838 * i + 12 * i * i);
    CHECK(bits <= 6);
    for (uint64_t i = 0; i < 1000; i++) /* by one off */
        bits += pool_add_time(&pool, 90000000 + 838 * i + (random_below(2)));
    CHECK(bits < 500);
    bits = 0;
    for (uint64_t i = 0; i < 1000; i++)
        bits += pool_add_time(&pool, 99000000 + 838 * i + random_below(64));
    CHECK(bits > 800 && bits <= 1000);
}

/* Of as many bits as there are about half are set, in each place of a byte. */
static void test_balance(void)
{
    struct pool pool;
    uint8_t bytes[8000];

    pool_begin(&pool);
    pool_take(&pool, bytes, sizeof bytes);
    for (unsigned bit = 0; bit < 8; bit++) {
        uint32_t set = 0;
        for (uint32_t i = 0; i < sizeof bytes; i++)
            set += bytes[i] >> bit & 1;
        CHECK(set > 3700 && set < 4300);
    }
}

static int hash_input(void)
{
    struct blake2s hash;
    uint8_t part[97], digest[BLAKE2S_DIGEST];

    blake2s_begin(&hash);
    for (size_t count; (count = fread(part, 1, 1 + random_below(sizeof part), stdin)) > 0;)
        blake2s_add(&hash, part, (uint32_t)count);
    blake2s_end(&hash, digest);
    puts(hex(digest, sizeof digest));
    return 0;
}

int main(int argc, char *argv[])
{
    check_begin();
    if (argc > 1 && strcmp(argv[1], "blake2s") == 0)
        return hash_input();
    test_chacha20();
    test_blake2s();
    test_seeding();
    test_key_erasure();
    test_estimate();
    test_balance();
    return 0;
}
