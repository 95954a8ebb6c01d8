/* SPDX-License-Identifier: MIT */
/*
 * Random numbers: what getrandom promises, that two askers never get the same, odd requests.
 *
 *     t_random            the checks
 *     t_random print      32 bytes in hexadecimal, for who compares runs
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <iris/summary.h>

#include "kit.h"
#include "names.h"
#include "random.h"

IRIS_SUMMARY("test: random numbers: [print]");

static uint32_t server;

static unsigned ones(const uint8_t *bytes, unsigned size)
{
    unsigned count = 0;

    for (unsigned i = 0; i < size; i++)
        count += (unsigned)__builtin_popcount(bytes[i]);
    return count;
}

static void check_getrandom(void)
{
    static uint8_t big[5000];
    uint8_t a[32] = {0}, b[32] = {0};

    TEST_EQUAL(getrandom(a, sizeof a, 0), sizeof a, "32 bytes");
    TEST_EQUAL(getrandom(b, sizeof b, 0), sizeof b, "32 more");
    TEST_CHECK(memcmp(a, b, sizeof a) != 0, "other ones");
    TEST_EQUAL(getrandom(big, sizeof big, GRND_RANDOM | GRND_NONBLOCK), sizeof big,
               "seeded by now: 5000 bytes without waiting");
    unsigned set = ones(big, sizeof big);
    TEST_CHECK(set > 19000 && set < 21000, "%u of 40000 bits are set", set);
    TEST_EQUAL(getrandom(a, 0, 0), 0, "no bytes");
    errno = 0;
    TEST_CHECK(getrandom(a, 1, 64) == -1 && errno == EINVAL, "unknown flag: EINVAL");
    TEST_EQUAL(getrandom(a, 16, GRND_INSECURE), 16, "without caring for the seed");
}

static void check_getentropy(void)
{
    uint8_t bytes[257] = {0};

    TEST_EQUAL(getentropy(bytes, 256), 0, "getentropy, 256 bytes");
    TEST_CHECK(ones(bytes, 256) > 800 && bytes[256] == 0, "just these");
    errno = 0;
    TEST_CHECK(getentropy(bytes, 257) == -1 && errno == EIO, "257 are too many: EIO");
}

static void check_interface(void)
{
    struct random_state before, after;
    uint8_t bytes[600] = {0};
    uint32_t count = 0;

    TEST_EQUAL(names_lookup(IRIS_SLOT_NAMES, "dev/random", &server), 0, "the server");
    TEST_EQUAL(random_read(server, 0, bytes, sizeof bytes, &count), 0, "a long request");
    TEST_CHECK(count == RANDOM_READ_MAX && bytes[RANDOM_READ_MAX] == 0, "%u bytes of it", count);
    TEST_EQUAL(random_read(server, 4, bytes, 1, &count), -EINVAL, "unknown flag");
    TEST_EQUAL(random_state(server, &before), 0, "its state");
    TEST_CHECK(before.seeded && before.bits >= 256 && before.reseedings >= 1,
               "%u bits of %u samples, processor: %u", before.bits, before.samples,
               before.processor);
    for (int i = 0; i < 50; i++)
        if (random_stir(server, bytes, 200) < 0)
            count = 0;
    TEST_EQUAL(count, RANDOM_READ_MAX, "stirring");
    TEST_EQUAL(random_state(server, &after), 0, "its state");
    TEST_CHECK(after.bits == before.bits && after.samples == before.samples,
               "stirring and asking count for nothing; nothing is gathered any more");
}

static void check_device(const char *path)
{
    uint8_t a[64] = {0}, b[64] = {0};
    int fd = open(path, O_RDWR);

    TEST_CHECK(fd >= 0, "%s opens", path);
    TEST_EQUAL(read(fd, a, sizeof a), sizeof a, "%s: 64 bytes", path);
    TEST_EQUAL(read(fd, b, sizeof b), sizeof b, "%s: 64 more", path);
    TEST_CHECK(memcmp(a, b, sizeof a) != 0 && ones(a, sizeof a) > 150, "%s: other ones", path);
    TEST_EQUAL(write(fd, a, sizeof a), sizeof a, "%s: takes what is written", path);
    TEST_EQUAL(close(fd), 0, "%s closes", path);
}

static int print(void)
{
    uint8_t bytes[32];

    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        return EXIT_FAILURE;
    for (unsigned i = 0; i < sizeof bytes; i++)
        printf("%02x", bytes[i]);
    putchar('\n');
    return EXIT_SUCCESS;
}

int main(int argc, char *argv[])
{
    if (argc > 1 && strcmp(argv[1], "print") == 0)
        return print();
    test_begin("random");
    check_getrandom();
    check_getentropy();
    check_interface();
    check_device("/dev/random");
    check_device("/dev/urandom");
    return test_end();
}
