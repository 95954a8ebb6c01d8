/* SPDX-License-Identifier: MIT */
/*
 * The reader of the boot archive: sound archives are understood, damaged ones are refused, and
 * nothing makes it read outside (each copy is a heap block of its exact size). With the name of an
 * archive as argument it only says what tar_verify thinks of it: tests/tools uses that.
 */
#include "../../servers/lib/text.c"

#include "../../servers/lib/tar.c"

#include <stdio.h>
#include <stdlib.h>

#include "kernel_test.h"

#define STEPS 20000
#define ARCHIVE_MAX 65536u

static uint8_t archive[ARCHIVE_MAX];
static uint32_t archive_size;
static unsigned archive_files;

/* ---- Making one ---- */

static void put_entry(const char *name, const void *data, uint32_t size)
{
    struct tar_header header = {.type = '0', .magic = "ustar", .version = "00"};
    uint32_t sum = 0;

    strncpy(header.name, name, sizeof header.name);
    sprintf(header.mode, "%07o", 0644u);
    snprintf(header.size, sizeof header.size, "%011o", (unsigned)size);
    sprintf(header.modified, "%011o", 1u);
    memset(header.checksum, ' ', sizeof header.checksum);
    for (uint32_t i = 0; i < BLOCK; i++)
        sum += ((uint8_t *)&header)[i];
    sprintf(header.checksum, "%06o", (unsigned)sum);
    CHECK(archive_size + BLOCK * 2 + size + BLOCK <= ARCHIVE_MAX);
    memcpy(archive + archive_size, &header, BLOCK);
    memcpy(archive + archive_size + BLOCK, data, size);
    archive_size += BLOCK + (size + BLOCK - 1) / BLOCK * BLOCK;
}

static void make_archive(void)
{
    static uint8_t data[6][4000];
    uint32_t size[6], length = 0;
    char manifest[1000], name[TAR_NAME_MAX + 1];

    memset(archive, 0, sizeof archive);
    archive_size = 0;
    archive_files = test_below(7);
    for (unsigned i = 0; i < archive_files; i++) {
        size[i] = test_chance(5) ? 0 : test_chance(4) ? 512 * test_below(8) : test_below(4000);
        for (uint32_t k = 0; k < size[i]; k++)
            data[i][k] = (uint8_t)test_random();
        struct tar_sums sums = tar_checksum(data[i], size[i]);
        length += (uint32_t)sprintf(manifest + length, "%08x %016llx %u bin/%u\n", sums.first,
                                    (unsigned long long)sums.second, (unsigned)size[i], i);
    }
    put_entry(TAR_MANIFEST, manifest, length);
    for (unsigned i = 0; i < archive_files; i++) {
        if (test_chance(2))
            put_entry(TAR_PAD, data[0], 512 * test_below(3));
        sprintf(name, "bin/%u", i);
        put_entry(name, data[i], size[i]);
    }
    archive_size += BLOCK * test_below(3); /* with and without an end mark */
}

/* ---- Reading ---- */

static char message[200];

static int verify_copy(uint32_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    struct tar tar = {copy, size};
    struct tar_file file;
    uint32_t cursor = 0;

    memcpy(copy, archive, size);
    memset(message, 0, sizeof message);
    int result = tar_verify(&tar, message, sizeof message);
    CHECK(result < 0 ? message[0] != '\0' : message[0] == '\0');
    CHECK(strlen(message) < sizeof message);
    for (unsigned entries = 0; tar_next(&tar, &cursor, &file) == 1; entries++) {
        CHECK(file.offset <= size && file.size <= size - file.offset);
        CHECK(memchr(file.name, '\0', sizeof file.name) != NULL);
        CHECK(entries < size / BLOCK + 1); /* it always gets on */
    }
    tar_find(&tar, "bin/3", &file);
    free(copy);
    return result;
}

static void known_checksum(void)
{
    struct tar_sums sums = tar_checksum("123456789", 9);

    CHECK_EQUAL(sums.first, 0x34333231u + 0x38373635u + 0x39u);
    CHECK_EQUAL(sums.second, 3 * 0x34333231ull + 2 * 0x38373635ull + 0x39u);
    CHECK_EQUAL(tar_checksum("", 0).second, 0);
}

/* A byte that anything depends on: names, sizes and content of files, not padding. */
static bool byte_matters(uint32_t at)
{
    struct tar tar = {archive, archive_size};
    struct tar_file file;
    uint32_t cursor = 0, header = 0;

    while (next_entry(&tar, &cursor, &file) == 1) {
        if (strcmp(file.name, TAR_PAD) != 0) {
            /* The header's checksum covers all but what ends its own digits. */
            if (at >= header && at < file.offset)
                return at - header != 154 && at - header != 155;
            /* The manifest may change where that says the same: a tab for a blank. */
            if (at >= file.offset && at < file.offset + file.size)
                return strcmp(file.name, TAR_MANIFEST) != 0;
        }
        header = cursor;
    }
    return false;
}

static void one_byte_wrong(void)
{
    uint32_t at = test_below(archive_size);
    uint8_t before = archive[at], changed;

    do
        changed = (uint8_t)(test_chance(2) ? before ^ 1u << test_below(8) : test_random());
    while (changed == before);
    bool matters = byte_matters(at);
    archive[at] = changed;
    int result = verify_copy(archive_size);
    if (matters && result >= 0)
        TEST_FAIL("byte %u of %u changed from %02x to %02x: not noticed", (unsigned)at,
                  (unsigned)archive_size, before, changed);
    archive[at] = before;
}

static void much_wrong(void)
{
    static uint8_t saved[ARCHIVE_MAX];
    struct tar_header *header = (struct tar_header *)(archive + BLOCK * test_below(3));

    memcpy(saved, archive, sizeof archive);
    switch (test_below(3)) {
    case 0:
        for (unsigned i = test_below(40); i > 0; i--)
            archive[test_below(archive_size)] = (uint8_t)test_random();
        break;
    case 1: /* a header whose checksum is right but whose size is not */
        snprintf(header->size, sizeof header->size, "%011o", (unsigned)test_random());
        if (test_chance(2))
            memset(header->size, '7', sizeof header->size);
        memset(header->checksum, ' ', sizeof header->checksum);
        uint32_t sum = 0;
        for (uint32_t i = 0; i < BLOCK; i++)
            sum += ((uint8_t *)header)[i];
        sprintf(header->checksum, "%06o", (unsigned)sum);
        break;
    default:
        memmove(archive + test_below(archive_size / 2), archive + test_below(archive_size / 2),
                test_below(archive_size / 2));
    }
    verify_copy(archive_size);
    memcpy(archive, saved, sizeof archive);
}

static int verify_file(const char *path)
{
    static uint8_t file[1 << 25];
    FILE *stream = fopen(path, "rb");

    if (!stream) {
        perror(path);
        return 2;
    }
    struct tar tar = {file, (uint32_t)fread(file, 1, sizeof file, stream)};
    fclose(stream);
    int result = tar_verify(&tar, message, sizeof message);
    printf("%d %s\n", result, message);
    return result < 0;
}

int main(int argc, char *argv[])
{
    if (argc > 1)
        return verify_file(argv[1]);
    test_begin();
    known_checksum();
    for (test_step = 1; test_step <= STEPS; test_step++) {
        if (test_step % 20 == 1) {
            make_archive();
            if (verify_copy(archive_size) != (int)archive_files)
                TEST_FAIL("a sound archive of %u files: %s", archive_files, message);
        }
        one_byte_wrong();
        much_wrong();
        verify_copy(test_below(archive_size)); /* cut off */
    }
    return test_end();
}
