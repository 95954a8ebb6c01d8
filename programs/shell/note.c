/* SPDX-License-Identifier: MIT */
#include "note.h"

#include <string.h>

#define PT_NOTE 4

static uint32_t word_at(const uint8_t *bytes, size_t offset)
{
    uint32_t word;
    memcpy(&word, bytes + offset, sizeof word);
    return word;
}

static size_t half_at(const uint8_t *bytes, size_t offset)
{
    uint16_t half;
    memcpy(&half, bytes + offset, sizeof half);
    return half;
}

bool note_locate(const uint8_t *file, size_t size, struct note_place *place)
{
    if (size < 52 || memcmp(file, "\177ELF\1\1", 6) != 0)
        return false;
    size_t headers = word_at(file, 28), each = half_at(file, 42), count = half_at(file, 44);
    if (each < 32 || headers > size)
        return false;
    for (size_t i = 0; i < count && size - headers >= (i + 1) * each; i++) {
        const uint8_t *header = file + headers + i * each;
        if (word_at(header, 0) == PT_NOTE) {
            *place = (struct note_place){word_at(header, 4), word_at(header, 16)};
            return true;
        }
    }
    return false;
}

static size_t padded(size_t size) { return (size + 3) & ~(size_t)3; }

bool note_text(const uint8_t *notes, size_t size, const char *name, uint32_t type, char *text,
               size_t text_size)
{
    for (size_t at = 0; size - at >= 12;) {
        size_t name_size = word_at(notes, at), value_size = word_at(notes, at + 4), left;
        const uint8_t *body = notes + at + 12;
        left = size - at - 12;
        if (name_size > left || value_size > left || padded(name_size) > left - value_size)
            return false;
        if (word_at(notes, at + 8) == type && name_size == strlen(name) + 1 &&
            memcmp(body, name, name_size) == 0) {
            size_t length = strnlen((const char *)body + padded(name_size), value_size);
            length = length < text_size ? length : text_size - 1;
            memcpy(text, body + padded(name_size), length);
            text[length] = '\0';
            return true;
        }
        size_t whole = 12 + padded(name_size) + padded(value_size);
        at = whole < size - at ? at + whole : size;
    }
    return false;
}
