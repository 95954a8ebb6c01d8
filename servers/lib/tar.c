/* SPDX-License-Identifier: MIT */
#include "tar.h"

#include <stddef.h>
#include <string.h>

#include "text.h"

#define BLOCK 512u

/* POSIX.1-1988 ustar: numbers are octal digits, the rest zero bytes. */
struct tar_header {
    char name[100], mode[8], uid[8], gid[8], size[12], modified[12], checksum[8], type;
    char link[100], magic[6], version[2], user[32], group[32], major[8], minor[8], prefix[155];
    char unused[12];
};
_Static_assert(sizeof(struct tar_header) == BLOCK, "a tar header is one block");

/* ---- Entries ---- */

/* An octal field, ended by a space, a zero byte or its own end. False: anything else in it. */
static bool take_octal(const char *field, uint32_t size, uint32_t *value)
{
    uint64_t sum = 0;
    uint32_t i = 0;

    for (; i < size && field[i] >= '0' && field[i] <= '7'; i++)
        sum = sum * 8 + (uint32_t)(field[i] - '0');
    *value = (uint32_t)sum;
    return sum <= UINT32_MAX && i > 0 && (i == size || field[i] == ' ' || field[i] == '\0');
}

/* The header's own checksum: the sum of its bytes with the field itself taken as spaces. */
static bool header_is_sound(const struct tar_header *header)
{
    const uint8_t *bytes = (const uint8_t *)header;
    uint32_t sum = 0, expected;

    for (uint32_t i = 0; i < BLOCK; i++) {
        bool own = i - offsetof(struct tar_header, checksum) < sizeof header->checksum;
        sum += own ? ' ' : bytes[i];
    }
    return memcmp(header->magic, "ustar", 5) == 0 &&
           take_octal(header->checksum, sizeof header->checksum, &expected) && sum == expected;
}

static bool is_zero_block(const uint8_t *block)
{
    for (uint32_t i = 0; i < BLOCK; i++)
        if (block[i] != 0)
            return false;
    return true;
}

static bool fill_file(const struct tar *tar, uint32_t at, struct tar_file *file)
{
    struct tar_header header;

    memcpy(&header, tar->data + at, sizeof header);
    memset(file, 0, sizeof *file);
    file->offset = at + BLOCK;
    memcpy(file->name, header.name, sizeof header.name);
    return header_is_sound(&header) && header.prefix[0] == '\0' &&
           take_octal(header.size, sizeof header.size, &file->size) &&
           take_octal(header.mode, sizeof header.mode, &file->mode) &&
           take_octal(header.modified, sizeof header.modified, &file->modified) &&
           file->size <= tar->size - file->offset;
}

static int next_entry(const struct tar *tar, uint32_t *cursor, struct tar_file *file)
{
    uint32_t at = *cursor;

    if (at > tar->size || tar->size - at < BLOCK)
        return at == tar->size ? 0 : -1;
    if (is_zero_block(tar->data + at))
        return 0;
    if (!fill_file(tar, at, file))
        return -1;
    uint64_t end = file->offset + ((uint64_t)file->size + BLOCK - 1) / BLOCK * BLOCK;
    *cursor = end <= tar->size ? (uint32_t)end : tar->size;
    return 1;
}

int tar_next(const struct tar *tar, uint32_t *cursor, struct tar_file *file)
{
    int found;

    do
        found = next_entry(tar, cursor, file);
    while (found == 1 && strcmp(file->name, TAR_PAD) == 0);
    return found;
}

bool tar_find(const struct tar *tar, const char *name, struct tar_file *file)
{
    uint32_t cursor = 0;

    while (tar_next(tar, &cursor, file) == 1)
        if (strcmp(file->name, name) == 0)
            return true;
    return false;
}

/* ---- The checksum: the archive is read whole at each boot, so it has to be quick ---- */

static inline struct tar_sums add_word(struct tar_sums sums, uint32_t word)
{
    sums.first += word;
    sums.second += sums.first;
    return sums;
}

static inline uint32_t word_at(const uint8_t *bytes)
{
    uint32_t word;
    memcpy(&word, bytes, 4);
    return word;
}

static inline struct tar_sums add_four(struct tar_sums sums, const uint8_t bytes[16])
{
    sums = add_word(sums, word_at(bytes));
    sums = add_word(sums, word_at(bytes + 4));
    sums = add_word(sums, word_at(bytes + 8));
    return add_word(sums, word_at(bytes + 12));
}

struct tar_sums tar_checksum(const void *data, uint32_t size)
{
    const uint8_t *bytes = data, *end = bytes + (size & ~15u);
    struct tar_sums sums = {0, 0};
    uint32_t last = 0;

    for (; bytes != end; bytes += 16)
        sums = add_four(sums, bytes);
    for (size %= 16; size >= 4; size -= 4, bytes += 4)
        sums = add_word(sums, word_at(bytes));
    if (size > 0) {
        memcpy(&last, bytes, size);
        sums = add_word(sums, last);
    }
    return sums;
}

static bool sums_equal(struct tar_sums a, struct tar_sums b)
{
    return a.first == b.first && a.second == b.second;
}

/* ---- The manifest ---- */

struct manifest_line {
    struct tar_sums sums;
    uint32_t size;
    char name[TAR_NAME_MAX + 1];
};

/* Takes the next line of a text of which *length bytes are left. False: it is not well formed. */
static bool take_line(const char **text, uint32_t *length, struct manifest_line *line)
{
    const char *end = memchr(*text, '\n', *length);
    struct text_scanner scanner;
    uint64_t first;

    if (end == NULL)
        return false;
    scanner = (struct text_scanner){.at = *text, .end = end};
    *length -= (uint32_t)(end - *text) + 1;
    *text = end + 1;
    if (!text_take_hex(&scanner, &first) || first > UINT32_MAX)
        return false;
    line->sums.first = (uint32_t)first;
    return text_take_hex(&scanner, &line->sums.second) &&
           text_take_decimal(&scanner, &line->size) &&
           text_take_word(&scanner, line->name, sizeof line->name) && text_at_end(&scanner);
}

static int complain(char *message, uint32_t size, const char *name, const char *what)
{
    text_join(message, size, "the boot archive's file ", name, what, NULL);
    return -1;
}

/* The archive is in the manifest's order, so the next entry is nearly always the one wanted. */
static bool find_from(const struct tar *tar, uint32_t *cursor, const char *name,
                      struct tar_file *file)
{
    uint32_t next = *cursor;

    if (tar_next(tar, &next, file) == 1 && strcmp(file->name, name) == 0) {
        *cursor = next;
        return true;
    }
    return tar_find(tar, name, file);
}

static int check_file(const struct tar *tar, uint32_t *cursor, const struct manifest_line *line,
                      char *message, uint32_t message_size)
{
    struct tar_file file;

    if (!find_from(tar, cursor, line->name, &file))
        return complain(message, message_size, line->name, " is missing");
    if (file.size != line->size)
        return complain(message, message_size, line->name, " is damaged: its size is wrong");
    if (!sums_equal(tar_checksum(tar->data + file.offset, file.size), line->sums))
        return complain(message, message_size, line->name, " is damaged: its checksum is wrong");
    return 0;
}

/* All entries are readable, and there are as many files as the manifest says. */
static int check_entries(const struct tar *tar, uint32_t listed, char *message, uint32_t size)
{
    struct tar_file file;
    char last[TAR_NAME_MAX + 1] = TAR_MANIFEST;
    uint32_t cursor = 0, count = 0;
    int found;

    while ((found = tar_next(tar, &cursor, &file)) == 1) {
        if (strcmp(file.name, TAR_MANIFEST) != 0)
            count++;
        strcpy(last, file.name);
    }
    if (found < 0) {
        text_join(message, size, "the boot archive is damaged after its file ", last, NULL);
        return -1;
    }
    if (count != listed) {
        text_join(message, size, "the boot archive holds files that its manifest does not", NULL);
        return -1;
    }
    return (int)count;
}

int tar_verify(const struct tar *tar, char *message, uint32_t message_size)
{
    struct tar_file manifest;
    struct manifest_line line;
    uint32_t listed = 0, cursor = 0;

    if (!tar_find(tar, TAR_MANIFEST, &manifest))
        return complain(message, message_size, TAR_MANIFEST, " is missing");
    if (tar_next(tar, &cursor, &manifest) != 1 || strcmp(manifest.name, TAR_MANIFEST) != 0)
        return complain(message, message_size, TAR_MANIFEST, " is not the first");
    const char *text = (const char *)tar->data + manifest.offset;
    uint32_t length = manifest.size;
    for (; length > 0; listed++) {
        if (!take_line(&text, &length, &line))
            return complain(message, message_size, TAR_MANIFEST, " is damaged");
        if (check_file(tar, &cursor, &line, message, message_size) < 0)
            return -1;
    }
    return check_entries(tar, listed, message, message_size);
}
