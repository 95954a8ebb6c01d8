/* SPDX-License-Identifier: MIT */
/* The boot archive's reader: good, incomplete, damaged and mutated archives. */
#include "../../servers/lib/text.c"

#include "../../servers/lib/tar.c"

#include <inttypes.h>

#include "server_check.h"

#define ROUNDS 20000

struct archive {
    uint8_t data[16 * 1024];
    uint32_t size;
};

static void set_octal(char *field, int digits, uint32_t value)
{
    char text[16];

    snprintf(text, sizeof text, "%0*o", digits, value);
    memcpy(field, text, (size_t)digits + 1);
}

static void seal(struct tar_header *header)
{
    uint32_t sum = 0;

    memset(header->checksum, ' ', sizeof header->checksum);
    for (uint32_t i = 0; i < BLOCK; i++)
        sum += ((const uint8_t *)header)[i];
    set_octal(header->checksum, 6, sum);
}

static void add_file(struct archive *archive, const char *name, const void *data, uint32_t size)
{
    struct tar_header *header = (struct tar_header *)(archive->data + archive->size);

    memset(header, 0, sizeof *header);
    memcpy(header->name, name, strlen(name));
    memcpy(header->magic, "ustar", 6);
    set_octal(header->mode, 7, 0644);
    set_octal(header->size, 11, size);
    set_octal(header->modified, 11, 1577836800);
    header->type = '0';
    seal(header);
    memcpy(archive->data + archive->size + BLOCK, data, size);
    archive->size += BLOCK + (size + BLOCK - 1) / BLOCK * BLOCK;
}

static const char one[] = "the first file\n", two[700] = "the second file, longer than a block";

static struct archive good(void)
{
    struct archive archive = {.size = 0};
    char manifest[200];
    struct tar_sums first = tar_checksum(one, sizeof one), second = tar_checksum(two, sizeof two);

    snprintf(manifest, sizeof manifest,
             "%08x %016" PRIx64 " %u bin/one\n%08x %016" PRIx64 " %u man/two\n", first.first,
             first.second, (unsigned)sizeof one, second.first, second.second, (unsigned)sizeof two);
    add_file(&archive, "manifest", manifest, (uint32_t)strlen(manifest));
    add_file(&archive, ".pad", two, 300);
    add_file(&archive, "bin/one", one, sizeof one);
    add_file(&archive, ".pad", two, 300);
    add_file(&archive, "man/two", two, sizeof two);
    archive.size += 2 * BLOCK;
    return archive;
}

static int verify(const struct archive *archive, char message[160])
{
    const struct tar tar = {.data = archive->data, .size = archive->size};

    strcpy(message, "");
    return tar_verify(&tar, message, 160);
}

static void test_checksum(void)
{
    struct tar_sums sums = tar_checksum("123456789", 9);

    CHECK(sums.first == 0x34333231u + 0x38373635u + 0x39u);
    CHECK(sums.second == 3 * 0x34333231ull + 2 * 0x38373635ull + 0x39u);
    CHECK(tar_checksum("", 0).second == 0);
    CHECK(tar_checksum("a", 1).first == 'a');
}

static void test_good(void)
{
    struct archive archive = good();
    const struct tar tar = {.data = archive.data, .size = archive.size};
    struct tar_file file;
    char message[160];

    CHECK(verify(&archive, message) == 2);
    CHECK(tar_find(&tar, "man/two", &file) && file.size == sizeof two && file.mode == 0644);
    CHECK(file.modified == 1577836800);
    CHECK(memcmp(archive.data + file.offset, two, sizeof two) == 0);
    CHECK(!tar_find(&tar, "man/tw", &file) && !tar_find(&tar, ".pad", &file));
}

static uint32_t offset_of(const struct archive *archive, const char *name)
{
    const struct tar tar = {.data = archive->data, .size = archive->size};
    struct tar_file file;

    CHECK(tar_find(&tar, name, &file));
    return file.offset;
}

static void test_bad(void)
{
    struct archive archive = good();
    char message[160];

    archive.data[offset_of(&archive, "man/two") + 600] ^= 1;
    CHECK(verify(&archive, message) == -1);
    CHECK_TEXT(message, "the boot archive's file man/two is damaged: its checksum is wrong");

    archive = good();
    struct tar_header *header =
        (struct tar_header *)(archive.data + offset_of(&archive, "bin/one") - BLOCK);
    header->name[4] = 'O';
    seal(header);
    CHECK(verify(&archive, message) == -1);
    CHECK_TEXT(message, "the boot archive's file bin/one is missing");

    archive = good();
    header = (struct tar_header *)(archive.data + offset_of(&archive, "bin/one") - BLOCK);
    set_octal(header->size, 11, sizeof one - 1);
    seal(header);
    CHECK(verify(&archive, message) == -1);
    CHECK_TEXT(message, "the boot archive's file bin/one is damaged: its size is wrong");

    archive = good();
    archive.size -= 2 * BLOCK;
    add_file(&archive, "bin/more", one, sizeof one);
    CHECK(verify(&archive, message) == -1);
    CHECK_TEXT(message, "the boot archive holds files that its manifest does not");

    archive = good();
    archive.size = offset_of(&archive, "man/two") + 100; /* the module was cut */
    CHECK(verify(&archive, message) == -1);
    CHECK(strstr(message, "man/two is missing") != NULL);

    archive = good();
    archive.data[offset_of(&archive, "manifest")] = 'x';
    CHECK(verify(&archive, message) == -1);
    CHECK_TEXT(message, "the boot archive's file manifest is damaged");

    archive = good();
    memset(archive.data, 0, BLOCK);
    CHECK(verify(&archive, message) == -1);
    CHECK_TEXT(message, "the boot archive's file manifest is missing");

    archive.size = 0;
    CHECK(verify(&archive, message) == -1);
}

/* Whatever is changed inside a file or the manifest is noticed; nothing is read outside. */
static void test_mutated(void)
{
    struct archive original = good();
    char message[160];

    for (uint32_t i = 0; i < ROUNDS; i++) {
        uint32_t size = random_below(8) == 0 ? random_below(original.size + 1) : original.size;
        uint8_t *data = malloc(size + 1);
        memcpy(data, original.data, size);
        if (size > 0)
            random_damage(data, size, size);
        const struct tar tar = {.data = data, .size = size};
        int files = tar_verify(&tar, message, sizeof message);
        CHECK(files == -1 || files == 2);
        struct tar_file file;
        if (files == 2) {
            CHECK(tar_find(&tar, "bin/one", &file) && file.size == sizeof one);
            CHECK(memcmp(data + file.offset, one, sizeof one) == 0);
        } else {
            CHECK(message[0] != '\0');
        }
        free(data);
    }
}

int main(void)
{
    check_begin();
    test_checksum();
    test_good();
    test_bad();
    test_mutated();
    return 0;
}
